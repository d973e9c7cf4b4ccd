"""What a person can decide about one row of a plan: the buttons beside it, and the page that names a row of ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import abort
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from portal.db.base import db
from portal.db.words import Label
from portal.iiko.forms import ChoiceForm
from portal.iiko.kinds import KINDS
from portal.iiko.sync.models import ActionState, IikoAction, IikoLink, Word
from portal.iiko.sync.reasons import Reason
from portal.iiko.words_page import field_label
from portal.tenancy.finding import get_or_404

# So many rows of ours are offered by name.
MAX_OFFERED = 2_000


@dataclass(frozen=True)
class Candidate:
    """A row of ours that a row of iiko's may be; ``by`` are the fields that are alike."""

    id: UUID
    name: str
    by: Sequence[Label]


@dataclass(frozen=True)
class Decision:
    """What is offered: a candidate, as iiko says (``accept``), not so (``refuse``), a new one, any of ours."""

    candidates: Sequence[Candidate] = ()
    accept: Label = None
    refuse: Label = None
    can_be_made: bool = False
    can_be_chosen: bool = False


PROPOSALS = (Reason.ALIKE, Reason.SEVERAL_ALIKE, Reason.TWO_FOR_ONE)
# (what follows iiko, what does not) where a row of ours is certain.
CERTAIN: dict[Reason, tuple[Label, Label]] = {
    Reason.OTHER_SERVER: (_l("Let this server have it"), _l("Leave it with the other")),
    Reason.PINNED: (_l("Take iiko's"), _l("Keep ours")),
    Reason.IN_USE: (_l("Move it as iiko says"), _l("Leave it where it is")),
    Reason.SETTLED: (_l("Take iiko's"), _l("Keep ours")),
    Reason.COUNTED: (None, _l("Keep ours")),
}


def decision_of(row: Any) -> Decision | None:
    """What a person can decide about a row of a plan that nobody has applied; ``None``: nothing."""
    if row.state != ActionState.PLANNED:
        return None
    if row.kind in KINDS and KINDS[row.kind].is_dated and row.word in (Word.CREATE, Word.SKIP):
        # A paper that was typed here, too, stays beside iiko's: the exception about it shows both.
        return None
    if row.word == Word.CREATE or (row.word == Word.SKIP and row.reason == Reason.REFUSED):
        return Decision(can_be_made=row.word == Word.SKIP, can_be_chosen=True)
    if row.word != Word.CONFLICT:
        return None
    if row.reason in PROPOSALS:
        return Decision(tuple(candidates(row)), None, _l("None of these"), can_be_made=True, can_be_chosen=True)
    if row.reason == Reason.TWO_OF_OURS:
        return Decision(can_be_chosen=True)
    return Decision((), *CERTAIN[row.reason]) if row.reason in CERTAIN else None


def candidates(row: Any) -> list[Candidate]:
    """Those that it may be, the most alike first."""
    found = row.details.get("candidates", ())
    return [
        Candidate(UUID(each["id"]), each["name"], [field_label(row.kind, key) for key in each["by"]]) for each in found
    ]


class ChoicePage:
    """A row of iiko's, and the form that names which of ours it is."""

    def __init__(self, action_id: UUID) -> None:
        self.action = get_or_404(IikoAction, action_id)
        decision = decision_of(self.action)
        if decision is None or not decision.can_be_chosen or self.action.kind not in KINDS:
            abort(404)
        self.form = ChoiceForm()
        self.form.offer(self.offered())

    def offered(self) -> list[tuple[str, str]]:
        """Ours that are linked with nothing, by name; a store with its restaurant."""
        entity: Any = KINDS[self.action.kind].entity
        taken = select(IikoLink.id).where(IikoLink.kind == self.action.kind, IikoLink.entity_id == entity.id)
        query = select(entity).where(entity.is_active, ~taken.exists()).order_by(entity.name, entity.id)
        return [(str(row.id), _named(row)) for row in db.session.scalars(query.limit(MAX_OFFERED))]


def _named(row: Any) -> str:
    place = getattr(row, "restaurant", None)
    return f"{row.display_name} · {place.name}" if place is not None else str(row.display_name)
