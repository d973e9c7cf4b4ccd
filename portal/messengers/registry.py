"""The platforms on offer, in the order in which pages list them."""

from collections.abc import Mapping
from types import MappingProxyType

from portal.messengers.protocol import Messenger
from portal.messengers.telegram import TELEGRAM
from portal.messengers.viber import VIBER
from portal.messengers.whatsapp import WHATSAPP


class UnknownPlatform(LookupError):
    """No adapter has this key."""


PLATFORMS: Mapping[str, Messenger] = MappingProxyType({each.key: each for each in (TELEGRAM, WHATSAPP, VIBER)})
PLATFORM_KEYS: tuple[str, ...] = tuple(PLATFORMS)


def platform(key: object) -> Messenger:
    """The adapter of that key. Raises UnknownPlatform, which a page answers with 404."""
    found = PLATFORMS.get(key) if isinstance(key, str) else None
    if found is None:
        raise UnknownPlatform
    return found


def platform_label(key: str) -> str:
    """What people call a platform; one that the portal does not know is called as it is stored."""
    return PLATFORMS[key].label if key in PLATFORMS else key
