"""When, and by whom, what the demo data tell of was done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import event

from portal.audit.models import AuditEvent
from portal.audit.recording import acting
from portal.db.base import TenantEntity, db
from portal.development.demo.chain import DemoChain
from portal.invoices.files.working import ActingColleague


class Clock:
    """What verbs do within ``done_by`` was done then: rows that they add stand since then, and so the log says."""

    def __init__(self, chain: DemoChain) -> None:
        self.chain = chain
        managed = [name for each in chain.plan["people"] for name in each.get("restaurants", ())]
        self._managed = {chain.id_of("restaurant", name) for name in managed}
        self._at: Callable[[Any], datetime] = lambda _row: chain.now

    def __enter__(self) -> "Clock":
        event.listen(TenantEntity, "before_insert", self._date_back, propagate=True)
        return self

    def __exit__(self, *_error: object) -> None:
        event.remove(TenantEntity, "before_insert", self._date_back)

    @contextmanager
    def done_by(self, role: str, at: datetime | Callable[[Any], datetime]) -> Iterator[None]:
        """By the person of that role; ``at`` may tell the moment of each row, and of each line of the log."""
        person, former = self.chain.people[role], self._at
        self._at = at if callable(at) else lambda _row: at
        try:
            with acting(ActingColleague(person.id, person.email, person.display_name)):
                yield
            db.session.flush()
        finally:
            self._at = former

    def morning(self, ago: int, hour: int = 7) -> datetime:
        """A moment of a day before today, in UTC; today it was a while ago."""
        if ago == 0:
            return self.chain.now - timedelta(minutes=75)
        return datetime.combine(self.today - timedelta(days=ago), time(hour, 20), UTC)

    def head_of(self, restaurant_id: Any) -> str:
        """The role of whoever runs a restaurant: the manager's are told in the plan, the owner sees to the others."""
        return "manager" if restaurant_id in self._managed else "owner"

    @property
    def today(self) -> date:
        """The day of the loading, in UTC."""
        return self.chain.now.date()

    def _date_back(self, _mapper: Any, _connection: Any, row: Any) -> None:
        if isinstance(row, AuditEvent):
            row.at = self._at(row)
        elif row.created_at is None:
            # What is entered late is no part of these stories.
            row.created_at = row.updated_at = getattr(row, "happened_at", None) or self._at(row)
