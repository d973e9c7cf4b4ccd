"""Runs: begun, cancelled, applied."""

from uuid import UUID

from portal.iiko.models import IikoConnection, IikoRun, Purpose


def start_run(connection: IikoConnection, purpose: Purpose, user_id: UUID | None) -> IikoRun:
    """Ask for a run over a server, or give the one that is under way."""
    raise NotImplementedError


def cancel_run(run: IikoRun) -> None:
    """Have a run stop after its present request."""
    raise NotImplementedError


def begin_apply(run: IikoRun, user_id: UUID | None) -> None:
    """Ask for a plan to be written. Raises ``MoveRefused`` where it is too old."""
    raise NotImplementedError
