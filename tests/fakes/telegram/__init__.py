"""Telegram's Bot API server, as far as bots of restaurants use it."""

from tests.fakes.telegram.server import FakeTelegram

__all__ = ["FakeTelegram"]
