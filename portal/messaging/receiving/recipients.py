"""One delivery may hold updates for several bots of one owner: each goes to the bot it is for, or nowhere."""

from collections.abc import Mapping, Sequence

from portal.channels.open_channel import OpenedPlatform, open_others
from portal.messaging.events import Update


def sort_by_recipient(
    platform: OpenedPlatform, updates: Sequence[Update], headers: Mapping[str, str], body: bytes
) -> list[tuple[OpenedPlatform, list[Update]]]:
    """The updates by the platform that they are for.

    Another than the addressed one gets its part only where it is of the same account and the delivery proves
    itself by that one's own secret too; what is for nobody is dropped.
    """
    own_id = platform.external_id
    own: list[Update] = []
    by_route: dict[str, list[Update]] = {}
    for update in updates:
        if update.route is None or update.route == own_id:
            own.append(update)
        else:
            by_route.setdefault(update.route, []).append(update)
    return [(platform, own), *_to_others(platform, by_route, headers, body)]


def _to_others(
    platform: OpenedPlatform, by_route: dict[str, list[Update]], headers: Mapping[str, str], body: bytes
) -> list[tuple[OpenedPlatform, list[Update]]]:
    found = []
    for external_id, other in open_others(platform) if by_route else ():
        if external_id in by_route and other.adapter.verify(other.values, other.webhook_secret, headers, body):
            found.append((other, by_route.pop(external_id)))
    return found
