"""Kinds that wait for a person because their answer looks wrong."""

from portal.db.types import utc_now
from portal.iiko.models import IikoRunKind, KindState
from portal.iiko.sync.deciding import decider_id
from portal.iiko.sync.kinds import Evidence, Kind
from portal.iiko.sync.reasons import HoldReason

# More than so many, and more than such a part of what is linked.
MAX_GONE, MAX_GONE_SHARE = 3, 0.2


def reason_to_hold(kind: Kind, evidence: Evidence) -> HoldReason | None:
    """What looks wrong with a whole answer: what the kind itself says, then how much of it is gone."""
    if (reason := kind.judge(evidence)) is not None:
        return reason
    if evidence.linked and not evidence.taken:
        return HoldReason.NOTHING_CAME
    if evidence.gone > max(MAX_GONE, MAX_GONE_SHARE * evidence.linked):
        return HoldReason.MANY_GONE
    return None


def judge(run_kind: IikoRunKind, kind: Kind, evidence: Evidence) -> None:
    """Hold the kind, or let it be applied."""
    reason = reason_to_hold(kind, evidence)
    run_kind.hold = reason
    run_kind.state = KindState.HELD if reason else KindState.PLANNED
    told = {"gone": evidence.gone, "linked": evidence.linked, "taken": evidence.taken}
    run_kind.details = {**run_kind.details, "hold": told}


def hold_in_words(run_kind: IikoRunKind) -> str | None:
    """What looks wrong, such as “398 of 400 are gone.”; ``None`` where nothing does."""
    reason = HoldReason.read(run_kind.hold) if run_kind.hold else None
    return reason.sentence(run_kind.details.get("hold")) if isinstance(reason, HoldReason) else None


def confirm(run_kind: IikoRunKind) -> None:
    """A person says that it is right: the kind may be applied."""
    if run_kind.state is not KindState.HELD:
        return
    run_kind.state, run_kind.confirmed_at = KindState.PLANNED, utc_now()
    run_kind.confirmed_by_id = decider_id()
