"""The platforms on offer, in the order in which pages list them."""

from collections.abc import Mapping
from types import MappingProxyType

from portal.messengers.protocol import Platform
from portal.messengers.telegram import Telegram
from portal.messengers.viber import Viber
from portal.messengers.whatsapp import WhatsApp


class UnknownPlatform(LookupError):
    """No adapter has this key."""


PLATFORMS: Mapping[str, Platform] = MappingProxyType(
    {platform.key: platform for platform in (Telegram(), WhatsApp(), Viber())}
)
PLATFORM_KEYS: tuple[str, ...] = tuple(PLATFORMS)


def platform(key: object) -> Platform:
    """The adapter of that key. Raises UnknownPlatform, which a page answers with 404."""
    found = PLATFORMS.get(key) if isinstance(key, str) else None
    if found is None:
        raise UnknownPlatform
    return found
