"""Writing what a plan told, a kind in one transaction, once."""

from uuid import UUID

from portal.db.words import Label
from portal.iiko.models import IikoRun, IikoRunKind


def stale_reason(run: IikoRun) -> Label:
    """Why a plan may not be applied any more and a new one is needed; ``None`` where it may."""
    raise NotImplementedError


def apply_kind(run: IikoRun, run_kind: IikoRunKind, *, by: UUID | None, only_safe: bool) -> None:
    """Write a kind in the caller's transaction, which commits it; a kind that is not ready stays as it is."""
    raise NotImplementedError
