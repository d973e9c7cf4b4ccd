"""Who stands where when another version goes live, and what becomes of them.

Everybody stays on the version that their conversation began with; only a person can move them, by a choice for
each step that the new version lacks and one for all others.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from portal.audit.models import Action
from portal.audit.recording import record
from portal.conversations.conversation import Conversation
from portal.conversations.models import BotDialogState
from portal.db.base import db
from portal.jobs.queue import job
from portal.scenarios.document.wording import shortened
from portal.scenarios.engine.program import Program
from portal.scenarios.engine.state import ConversationStatus
from portal.scenarios.models import BotScenario
from portal.tenancy.scope import enter_account

# Whoever has come to the end stays there; whoever blocked the bot hears nothing.
UNDER_WAY = ("running", "taken_over", "failed")
BATCH = 20
STAY = ""
SAME_STEP = "same"


class MoveRefused(ValueError):
    """A choice names a step that the new version does not have."""


@dataclass(frozen=True, slots=True)
class Group:
    """People who stand on one step of one other version; ``text`` is how that step begins."""

    scenario_id: UUID
    number: int
    step_id: str
    text: str
    count: int
    is_missing: bool

    @property
    def key(self) -> str:
        """The name of the group in a form."""
        return hashlib.sha256(f"{self.scenario_id}\n{self.step_id}".encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Move:
    """People to be taken from a step of one version to a step of another."""

    group: Group
    step_id: str


class VersionMigration:
    """People under way on other versions of a bot's scenario while ``scenario`` is about to go live."""

    def __init__(self, scenario: BotScenario) -> None:
        self.scenario = scenario
        self.program = Program.of(scenario.document)
        self.steps = tuple(self.program.step_addresses())

    @cached_property
    def groups(self) -> Sequence[Group]:
        """Every step of another version on which somebody stands, the most people first."""
        counted = self._counted()
        programs = self._programs({row.scenario_id for row in counted})
        return [self._group(row, *programs[row.scenario_id]) for row in counted if row.scenario_id in programs]

    @property
    def missing(self) -> Sequence[Group]:
        """The groups whose step the new version lacks."""
        return [group for group in self.groups if group.is_missing]

    @property
    def others(self) -> int:
        """How many people stand on steps that the new version has as well."""
        return sum(group.count for group in self.groups if not group.is_missing)

    def moves(self, choices: Mapping[str, str]) -> list[Move]:
        """What a form chose: a step for each missing group (``to-<key>``), and whether the others come along.

        Raises :class:`MoveRefused`; a group that the form does not name stays.
        """
        moves = []
        for group in self.groups:
            if group.is_missing:
                target = choices.get(f"to-{group.key}", STAY)
            else:
                target = group.step_id if choices.get("others") == SAME_STEP else STAY
            if target not in (STAY, *self.steps):
                raise MoveRefused
            if target:
                moves.append(Move(group, target))
        return moves

    def start(self, moves: Sequence[Move]) -> int:
        """Have people taken along by the workers; how many they are."""
        for move in moves:
            move_conversations.queue(
                account_id=str(self.scenario.account_id),
                from_scenario_id=str(move.group.scenario_id),
                from_step=move.group.step_id,
                to_scenario_id=str(self.scenario.id),
                to_step=move.step_id,
            )
        count = sum(move.group.count for move in moves)
        if moves:
            steps = [f"{move.group.number}: {move.group.step_id} → {move.step_id}" for move in moves]
            record(Action.MOVED, self.scenario, after={"people": count, "steps": steps})
        return count

    def _counted(self) -> Sequence[Any]:
        conversation = BotDialogState
        query = (
            select(conversation.scenario_id, conversation.current_step, func.count().label("people"))
            .where(
                conversation.bot_id == self.scenario.bot_id,
                conversation.superseded_at.is_(None),
                conversation.state.in_(UNDER_WAY),
                conversation.scenario_id.is_not(None),
                conversation.scenario_id != self.scenario.id,
            )
            .group_by(conversation.scenario_id, conversation.current_step)
            .order_by(func.count().desc(), conversation.current_step)
        )
        return db.session.execute(query).all()

    def _programs(self, ids: set[UUID]) -> dict[UUID, tuple[int, Program]]:
        if not ids:
            return {}
        found = db.session.scalars(select(BotScenario).where(BotScenario.id.in_(ids)))
        return {each.id: (each.number, Program.of(each.document)) for each in found}

    def _group(self, row: Any, number: int, program: Program) -> Group:
        step = program.step(row.current_step)
        text = shortened(step.text, 80) if step else ""
        return Group(
            row.scenario_id, number, row.current_step, text, row.people, is_missing=row.current_step not in self.steps
        )


@job(once_by=("from_scenario_id", "from_step"))
def move_conversations(
    account_id: str, from_scenario_id: str, from_step: str, to_scenario_id: str, to_step: str
) -> None:
    """Take everybody under way on a step of one version to a step of another, where the bot asks again.

    A batch a transaction: killed half-way it goes on with those who still stand where they stood.
    """
    enter_account(UUID(account_id))
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
    while conversations := db.session.scalars(
        standing.limit(BATCH).with_for_update(of=BotDialogState, key_share=True)
    ).all():
        for conversation in conversations:
            move_to(conversation, UUID(to_scenario_id), to_step)
        db.session.commit()


def move_to(conversation: BotDialogState, scenario_id: UUID, step: str) -> None:
    """Put a conversation on a step of another version; one that a person holds waits there for the bot."""
    conversation.scenario_id = scenario_id
    if conversation.state == ConversationStatus.TAKEN_OVER:
        conversation.current_step = step
    else:
        Conversation(conversation).enter(step)
