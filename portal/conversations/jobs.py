"""Moving people from one version of a scenario to another."""

from uuid import UUID

from sqlalchemy import select

from portal.conversations.conversation import Conversation
from portal.conversations.models import BotDialogState
from portal.conversations.version_migration import UNDER_WAY
from portal.db.base import db
from portal.jobs.queue import job
from portal.scenarios.engine.state import DialogState
from portal.scenarios.models import BotScenario
from portal.tenancy.scope import enter

BATCH = 20


@job()
def move_conversations(
    account_id: str, from_scenario_id: str, from_step: str, to_scenario_id: str, to_step: str
) -> None:
    """Take everybody under way on a step of one version to a step of another, where the bot asks again.

    A batch a transaction: killed half-way it goes on with those who still stand where they stood.
    """
    enter(UUID(account_id))
    target = db.session.get(BotScenario, UUID(to_scenario_id))
    if target is None:
        return
    standing = select(BotDialogState).where(
        BotDialogState.bot_id == target.bot_id,
        BotDialogState.scenario_id == UUID(from_scenario_id),
        BotDialogState.current_step == from_step,
        BotDialogState.state.in_(UNDER_WAY),
        BotDialogState.superseded_at.is_(None),
    )
    while dialogs := db.session.scalars(standing.limit(BATCH).with_for_update(of=BotDialogState, key_share=True)).all():
        for dialog in dialogs:
            move(dialog, UUID(to_scenario_id), to_step)
        db.session.commit()


def move(dialog: BotDialogState, scenario_id: UUID, step: str) -> None:
    """Put a conversation on a step of another version; one that a person holds waits there for the bot."""
    dialog.scenario_id = scenario_id
    if dialog.state == DialogState.TAKEN_OVER:
        dialog.current_step = step
    else:
        Conversation(dialog).enter(step)
