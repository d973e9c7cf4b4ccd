"""Who looks at health papers: each look leaves a line in the log, who and when, and not what they saw."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from portal.access.viewer import current_viewer
from portal.audit.models import Action
from portal.audit.recording import record
from portal.conversations.models import BotDialogState
from portal.db.types import utc_now
from portal.staff.papers.models import StaffDocument
from portal.staff.papers.queries import looks_at
from portal.web.proofs import is_review

# Looks of one person at one paper within so long are one look.
ONE_LOOK = timedelta(minutes=5)


def note_look(document: StaffDocument) -> Sequence[Any]:
    """Somebody opens a health paper, its page or its file: once for both. Who looked before, the latest first."""
    return _noted(document) if document.kind.is_health else []


def note_look_in_chat(conversation: BotDialogState) -> None:
    """Somebody opens a paper that came by a conversation and is in nobody's record yet."""
    _noted(conversation, conversation.bot.name)


def _noted(row: StaffDocument | BotDialogState, label: str | None = None) -> Sequence[Any]:
    viewer = current_viewer()
    if viewer is None:
        return []
    looks = looks_at(row.id)
    latest = next((look.at for look in looks if look.actor_email == viewer.email), None)
    if not is_review() and (latest is None or latest < utc_now() - ONE_LOOK):
        record(Action.PAPER_OPENED, row, label=label)
    return looks
