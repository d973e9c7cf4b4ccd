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

from portal.conversations.models import BotDialogState
from portal.db.base import db
from portal.scenarios.document.wording import shortened
from portal.scenarios.engine.program import Program
from portal.scenarios.models import BotScenario

# Whoever has come to the end stays there; whoever blocked the bot hears nothing.
UNDER_WAY = ("running", "taken_over", "failed")
STAY = ""
SAME_STEP = "same"


class MoveRefused(ValueError):  # noqa: N818 (it reads as the answer)
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


class Stranding:
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

    def _counted(self) -> Sequence[Any]:
        dialog = BotDialogState
        query = (
            select(dialog.scenario_id, dialog.current_step, func.count().label("people"))
            .where(
                dialog.bot_id == self.scenario.bot_id,
                dialog.superseded_at.is_(None),
                dialog.state.in_(UNDER_WAY),
                dialog.scenario_id.is_not(None),
                dialog.scenario_id != self.scenario.id,
            )
            .group_by(dialog.scenario_id, dialog.current_step)
            .order_by(func.count().desc(), dialog.current_step)
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
