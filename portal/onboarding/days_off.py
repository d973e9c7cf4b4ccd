"""Days on which nobody works, besides the ends of weeks."""

from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.records import Record
from portal.db.tables import table_args
from portal.db.words import counted


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
