"""What happened between a bot and a platform: switched, checked, healed, tested."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, func, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.access.viewer import current_viewer
from portal.channels.models import BotPlatformCredential
from portal.db.base import TenantEntity, db
from portal.db.tables import tenant_key
from portal.db.types import utc_now
from portal.web.values import storable

# The result of a line whose work goes on, and of one that a later wish of the owner made void.
WAITING, OVERTAKEN = "waiting", "overtaken"
# Longer than any try takes: whoever was to answer will not, and pages stop waiting for it.
WAITING_LIMIT = timedelta(minutes=2)
MAX_DETAIL = 500


class BotPlatformEvent(TenantEntity, label=_l("Event of a platform")):
    """One line: on which occasion, what was found (``cause``), what was done about it, with what result.

    All four are codes with sentences for people; ``detail`` holds the platform's own words, freed of secrets.
    ``actor_name`` is empty where the portal acted by itself. ``result`` is ``waiting`` while what the line tells of
    goes on; the job that does it finishes the line.
    """

    __tablename__ = "bot_platform_event"
    __joint__ = True
    __mapper_args__ = {"eager_defaults": False}
    __table_args__ = (
        tenant_key("bot_instance", "bot_id"),
        tenant_key("bot_platform_credential", "credential_id", "CASCADE"),
        Index("ix_bot_platform_event_bot_id", "account_id", "bot_id"),
        Index("ix_bot_platform_event_credential_id", "account_id", "credential_id", "at", "id"),
    )

    bot_id: Mapped[UUID]
    credential_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.timezone("utc", func.clock_timestamp()))
    occasion: Mapped[str]
    cause: Mapped[str | None]
    action: Mapped[str | None]
    result: Mapped[str]
    detail: Mapped[str | None]
    actor_name: Mapped[str | None]

    @classmethod
    def note(
        cls,
        credential: BotPlatformCredential,
        *,
        occasion: str,
        result: str,
        cause: str | None = None,
        action: str | None = None,
        detail: str | None = None,
        actor_name: str | None = None,
    ) -> "BotPlatformEvent":
        """Write a line; the signed-in person did it unless ``actor_name`` names another."""
        event = cls(
            id=uuid4(),
            account_id=credential.account_id,
            bot_id=credential.bot_id,
            credential_id=credential.id,
            at=utc_now(),
            occasion=occasion,
            actor_name=actor_name or acting_name(),
        )
        event.tell(result, cause=cause, action=action, detail=detail)
        db.session.add(event)
        return event

    @classmethod
    def finish(
        cls,
        credential: BotPlatformCredential,
        *,
        result: str,
        cause: str | None = None,
        action: str | None = None,
        detail: str | None = None,
    ) -> bool:
        """Say how the latest work that the timeline waits for came out; whether there was any."""
        query = select(cls).where(cls.credential_id == credential.id, cls.result == WAITING)
        waiting = db.session.scalars(query.order_by(cls.at.desc(), cls.id)).all()
        for number, event in enumerate(waiting):
            if number:
                event.result = OVERTAKEN
            else:
                event.tell(result, cause=cause, action=action, detail=detail)
        return bool(waiting)

    def tell(
        self, result: str, *, cause: str | None = None, action: str | None = None, detail: str | None = None
    ) -> None:
        """What was found, done and reached."""
        self.result, self.cause, self.action = result, cause, action
        self.detail = storable(detail)[:MAX_DETAIL] if detail else None

    @property
    def is_waiting(self) -> bool:
        """Whether its work goes on, as far as anybody can expect."""
        return self.result == WAITING and self.at > utc_now() - WAITING_LIMIT


def acting_name() -> str | None:
    """The signed-in person's name; nobody's in a job."""
    viewer = current_viewer()
    return viewer.display_name if viewer else None
