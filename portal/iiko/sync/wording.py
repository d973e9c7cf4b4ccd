"""What a plan says of its rows and kinds, in the reader's language."""

from portal.iiko.client.outcomes import explain
from portal.iiko.models import IikoRunKind
from portal.iiko.sync.kinds import KINDS
from portal.iiko.sync.models import IikoAction
from portal.iiko.sync.reasons import KindFailure, Reason


def reason_in_words(action: IikoAction) -> str | None:
    """Why a row is left out, needs a person, is missing or could not be read; ``None`` where nothing needs a reason."""
    reason = Reason.read(action.reason) if action.reason else None
    if not isinstance(reason, Reason):
        return None
    details, kind = dict(action.details), KINDS.get(action.kind)
    if reason is Reason.PINNED and kind is not None and "field" in details:
        details["field"] = str(kind.field(details["field"]).label)
    return reason.sentence(details)


def failure_in_words(run_kind: IikoRunKind) -> str | None:
    """Why nothing came of a kind: what the server answered, or what became of another kind."""
    if run_kind.failure is None:
        return None
    details = dict(run_kind.details.get("failure", {}))
    failure = KindFailure.read(run_kind.failure)
    if not isinstance(failure, KindFailure):
        return explain(run_kind.failure, details)
    if (kind := KINDS.get(details.get("kind", ""))) is not None:
        details["kind"] = str(kind.label)
    return failure.sentence(details)
