"""Binding a database to its deployment, and letting it rest."""

from dataclasses import dataclass

from sqlalchemy import update

from portal.db.base import SCHEMA, db
from portal.db.cursor import row
from portal.db.types import utc_now
from portal.deployment.models import Deployment
from portal.deployment.state import deployment_state
from portal.tenancy.scope import system_scope

# What leaves as soon as a deployment is released.
_WAITING = f"""
    SELECT (SELECT count(*) FROM {SCHEMA}.bot_message WHERE state IN ('queued', 'sending', 'uncertain')) AS messages,
        (SELECT count(*) FROM {SCHEMA}_jobs.procrastinate_jobs WHERE status = 'todo') AS jobs,
        (SELECT count(*) FROM {SCHEMA}.bot_platform_credential WHERE is_active AND superseded_at IS NULL) AS platforms
""".encode()  # noqa: S608


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits for the release: messages, jobs, and platforms whose webhooks will be set to this portal."""

    messages: int
    jobs: int
    platforms: int

    def __str__(self) -> str:
        return f"{self.messages} messages, {self.jobs} jobs, the webhooks of {self.platforms} bots' platforms"


def count_waiting() -> Waiting:
    """What would leave on release, over all accounts."""
    with system_scope("worker"):
        return row(Waiting, _WAITING) or Waiting(0, 0, 0)


def bind(name: str) -> None:
    """The first portal that starts on a database gives it its name; a database that has one keeps it."""
    db.session.execute(update(Deployment).where(Deployment.name.is_(None)).values(name=name, changed_at=utc_now()))


def rest() -> None:
    """Let nothing leave from now on."""
    db.session.execute(update(Deployment).values(is_resting=True, changed_at=utc_now()))
    deployment_state().forget()


def release(name: str) -> None:
    """Make the database this deployment's own, and let leave what waits."""
    db.session.execute(update(Deployment).values(name=name, is_resting=False, changed_at=utc_now()))
    deployment_state().forget()
