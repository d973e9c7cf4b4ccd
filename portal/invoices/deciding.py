"""Deciding about what is not as it should be."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _

from portal.audit.models import Action
from portal.audit.recording import acting_id, record
from portal.db.states import MoveRefused
from portal.db.types import utc_now
from portal.invoices.words import ExceptionKind, ExceptionState, InvoiceStatus

_followers: list[Callable[["Decided"], object]] = []


def follow_decisions(act: Callable[["Decided"], object]) -> None:
    """What else is done once something was decided: modules above this one say it."""
    if act not in _followers:
        _followers.append(act)


class Decided:
    """The verbs of an exception; each decision stands in the log of its invoice."""

    if TYPE_CHECKING:
        invoice: Any
        kind: Any
        evidence: Any
        state: Any
        reason: Any
        decided_by_id: Any
        decided_at: Any

    @property
    def sentence(self) -> str:
        """What it says, with its numbers."""
        return self.kind.sentence(self.evidence) if isinstance(self.kind, ExceptionKind) else self.kind.label

    def decide(self, state: ExceptionState, reason: str) -> None:
        """Decide, and why; a later decision takes the place of an earlier one.

        Raises ``MoveRefused`` where the invoice was cancelled meanwhile.
        """
        invoice = self.invoice
        invoice.hold()
        if invoice.status is InvoiceStatus.CANCELLED:
            raise MoveRefused(_("This invoice was cancelled. There is nothing to decide about it."))
        before = {"decision": self.state.value, "decision_reason": self.reason}
        self.state, self.reason = state, reason
        self.decided_by_id, self.decided_at = acting_id(), utc_now()
        told = {"exception": str(self.kind), "decision": state.value, "decision_reason": reason}
        record(Action.DECIDED, invoice, before=before, after=told)
        for act in _followers:
            act(self)

    def end(self) -> None:
        """It is no longer so, which nobody has to decide."""
        if self.state is ExceptionState.OPEN:
            self.state, self.decided_at = ExceptionState.RESOLVED, utc_now()
