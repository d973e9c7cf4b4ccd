"""Messages as lines of a terminal, for trying a scenario without a messenger."""

from collections.abc import Iterable

from portal.messaging.events import OutgoingMessage
from portal.messengers.markup import plain


def lines(outgoing: OutgoingMessage, buttons: Iterable[str]) -> list[str]:
    """The file in angle brackets, the words, the buttons."""
    attached = outgoing.attachment
    file = (
        [f"<{attached.kind.value} {attached.key}{attached.description and f': {attached.description}'}>"]
        if attached
        else []
    )
    return [*file, *plain(outgoing.spans).splitlines(), *buttons]
