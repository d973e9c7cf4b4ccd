"""One demo chain while it is loaded: its ids, its dates and its log."""

from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar
from uuid import NAMESPACE_DNS, UUID, uuid5

from portal.audit.models import Action, AuditEvent
from portal.db.base import Entity, TenantEntity, db
from portal.users.models import User

# Days since the chain came to the portal.
FOUNDED = 140
# In UTC, for people in Moscow.
WORKING_HOURS = (6, 7, 8, 9, 11, 12, 13, 14, 15)
Row = TypeVar("Row", bound=TenantEntity)


class DemoChain:
    """What every part of the loading needs. ``people`` is filled on the way, by role."""

    def __init__(self, plan: dict[str, Any], superuser: User, now: datetime) -> None:
        self.plan, self.superuser, self.now = plan, superuser, now
        self.slug: str = plan["slug"]
        self.account_id = self.id_of("account")
        self.random = Random(self.slug)  # noqa: S311 (the same demo at every loading is what is wanted)
        self.people: dict[str, User] = {}
        self._told = 0

    def id_of(self, *names: object) -> UUID:
        """An id that is the same at every loading."""
        return uuid5(NAMESPACE_DNS, "/".join([f"{self.slug}.example", *map(str, names)]))

    def ago(self, days: float, spread: float = 0.0) -> datetime:
        """So many days before now, less up to ``spread`` days; before today in working hours."""
        at = self.now - timedelta(days=days) + timedelta(days=self.random.random() * spread)
        if at > self.now - timedelta(days=1):
            return at
        return at.replace(hour=self.random.choice(WORKING_HOURS))

    def add(self, entity: type[Row], key: object, at: datetime, /, **values: Any) -> Row:
        """A row that has stood since ``at``; ``key`` tells it from the others of its table."""
        row = entity(
            id=self.id_of(entity.__tablename__, key),
            account_id=self.account_id,
            created_at=at,
            **{"updated_at": at, **values},
        )
        db.session.add(row)
        return row

    def tell(
        self,
        at: datetime,
        action: Action,
        row: Entity,
        label: str,
        actor: User | None = None,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
        visit_id: UUID | None = None,
    ) -> None:
        """A line of the log, dated back; by the owner where nobody is named."""
        actor = actor or self.people["owner"]
        self._told += 1
        db.session.add(
            AuditEvent(
                id=self.id_of("audit_event", self._told),
                account_id=self.account_id,
                at=at,
                action=action,
                entity=row.__tablename__,
                entity_id=row.id,
                entity_label=label,
                visit_id=visit_id,
                before=before,
                after=after,
                **_told_of(actor),
            )
        )


def _told_of(actor: User) -> dict[str, Any]:
    """What a line of the log says of a person; the addresses are those reserved for documentation."""
    return {
        "actor_id": actor.id,
        "actor_email": actor.email,
        "actor_name": actor.full_name,
        "as_superuser": actor.is_superuser,
        "ip_address": "198.51.100.7" if actor.is_superuser else f"192.0.2.{10 + len(actor.email) % 40}",
    }
