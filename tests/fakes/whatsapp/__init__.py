"""Meta's Graph API, the part of WhatsApp's Cloud API."""

from tests.fakes.whatsapp.server import FakeWhatsApp

__all__ = ["FakeWhatsApp"]
