"""The plan of a run for one kind: what stands here and there, compared, and stored as actions."""

from portal.iiko.models import IikoRun
from portal.iiko.sync.kinds import Kind, Rows


def plan_kind(run: IikoRun, kind: Kind, rows: Rows) -> None:
    """Store what the run means to do with each row of a kind, and its seven counts; in the caller's transaction."""
    raise NotImplementedError
