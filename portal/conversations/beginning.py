"""What leaves the former conversation behind, and with it the version it stood on."""

from portal.conversations.message_rows import ConversationRow
from portal.messaging.events import Event, Opened, Typed
from portal.scenarios.engine.state import ConversationStatus
from portal.scenarios.engine.texts import read_command

BEGINNING = ("start", "reset")


def begins_anew(event: Event, conversation: ConversationRow) -> bool:
    """Whether this leaves the former conversation behind."""
    if conversation.state == ConversationStatus.TAKEN_OVER:
        return False
    if isinstance(event, Typed):
        command = read_command(event.text)
        return command is not None and command.name in BEGINNING
    over = conversation.state in (ConversationStatus.FINISHED, ConversationStatus.FAILED)
    return isinstance(event, Opened) and (not conversation.current_step or (over and bool(event.payload)))
