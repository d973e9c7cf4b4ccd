"""Messages as lines of a terminal, for trying a scenario without a messenger."""

from collections.abc import Iterable

from portal.messaging.events import Utterance
from portal.messengers.markup import plain


def lines(utterance: Utterance, buttons: Iterable[str]) -> list[str]:
    """The file in angle brackets, the words, the buttons."""
    attached = utterance.attachment
    file = (
        [f"<{attached.kind.value} {attached.key}{attached.description and f': {attached.description}'}>"]
        if attached
        else []
    )
    return [*file, *plain(utterance.segments).splitlines(), *buttons]
