"""Days on which nobody works, besides the ends of weeks."""

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import db, search_text
from portal.db.records import Record
from portal.db.tables import table_args
from portal.db.words import counted
from portal.web.language import choose_locale
from portal.web.times import day_in_words


class DayOff(
    Record,
    label=_l("Day off"),
    plural=_l("Days off"),
    add=_l("Add a day off"),
    count=counted("%(num)s day", "%(num)s days"),
    fields={"day": _l("Day"), "name": _l("Name")},
):
    """A day on which nobody of the chain's office works, besides Saturdays and Sundays."""

    __tablename__ = "day_off"
    __most__ = 1_000
    __table_args__ = (
        *table_args("day_off", references={}, archivable=False),
        UniqueConstraint("account_id", "day"),
    )

    day: Mapped[date]
    name: Mapped[str] = mapped_column(default="", server_default="")
    search_text: Mapped[str | None] = search_text("day_off", "name")

    @property
    def display_name(self) -> str:
        """The name where there is one, else the day."""
        return self.name or day_in_words(self.day, choose_locale())

    def remove(self) -> None:
        """Let people work on it; what is due already stays."""
        record(Action.REMOVED, self, before={"day": str(self.day), "name": self.name})
        db.session.delete(self)


def is_day_off(day: date) -> bool:
    """Whether the chain has that day off."""
    return db.session.scalar(select(DayOff.id).where(DayOff.day == day)) is not None
