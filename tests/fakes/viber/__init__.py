"""Viber's REST API for bots."""

from tests.fakes.viber.server import FakeViber

__all__ = ["FakeViber"]
