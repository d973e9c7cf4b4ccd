"""Where a message is to be read."""

from uuid import UUID

from flask import url_for

from portal.access.permissions import Permission
from portal.access.viewer import may


def message_url(bot_id: UUID | None, dialog_id: UUID | None, seq: int | None) -> str | None:
    """Its place in the transcript; ``None`` where it is gone, and for those who may not see conversations."""
    if bot_id is None or seq is None or not may(Permission.DIALOGS_SEE):
        return None
    page = url_for("account.bot_conversations.show", bot_id=bot_id, dialog_id=dialog_id, before=seq + 1)
    return f"{page}#m-{seq}"
