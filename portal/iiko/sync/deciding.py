"""Who decides about links, pins and held kinds, and who acts while a run writes."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from portal.access.viewer import current_viewer
from portal.audit.recording import acting
from portal.iiko.models import IikoRun
from portal.tenancy.scope import require_scope

_iiko_writes: ContextVar[bool] = ContextVar("iiko_writes", default=False)


def decider_id() -> UUID | None:
    """The signed-in colleague of the account in scope; a superuser who visits it is none."""
    viewer = current_viewer()
    return viewer.id if viewer is not None and viewer.home_id == require_scope().account_id else None


@dataclass(frozen=True)
class ActingRun:
    """A run as the log names it: by its id, and it has no address."""

    id: UUID
    display_name: str
    email: None = None
    is_superuser: bool = False

    @classmethod
    def of(cls, run: IikoRun, server_name: str | None) -> "ActingRun":
        """The run over a server."""
        return cls(run.id, f"iiko ({server_name})" if server_name else "iiko")


@contextmanager
def iiko_writing(by: ActingRun | None = None) -> Iterator[None]:
    """What is written within it is iiko's word: it pins nothing; and it is the run's deed where one is named."""
    token = _iiko_writes.set(True)
    try:
        if by is None:
            yield
        else:
            with acting(by):
                yield
    finally:
        _iiko_writes.reset(token)


def is_iiko_writing() -> bool:
    """Whether what is written at the moment is iiko's word."""
    return _iiko_writes.get()
