"""What the bot says aside from its scenario: of no turn, so that the buttons of before keep working."""

from uuid import UUID

from portal.conversations.message_rows import outgoing_rows, write
from portal.conversations.models import BotDialogState
from portal.db.types import utc_now
from portal.messaging.events import OutgoingMessage, TextSpan


def notify(conversation: BotDialogState, credential_id: UUID, text: str) -> UUID:
    """Queue the words in a conversation whose row is held; the id of the (last) message. It moves nothing."""
    owner = {
        "account_id": conversation.account_id,
        "bot_id": conversation.bot_id,
        "credential_id": credential_id,
        "dialog_id": conversation.id,
    }
    words = OutgoingMessage((TextSpan(text, typed=True),), is_notice=True)
    queued = outgoing_rows(owner, conversation.platform, [words], author="bot")
    messages = [each | {"turn": None, "step_id": None} for each in queued]
    write(messages)
    conversation.last_interaction_at = utc_now()
    last: UUID = messages[-1]["id"]
    return last
