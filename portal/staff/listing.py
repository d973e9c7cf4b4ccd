"""The lists of people, of what they do, and of what scenarios call restaurants."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, any_, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.onboarding.standing import (
    CONDITIONS,
    PRESENT,
    STANDING,
    WEEK,
    Standing,
    standing_badge,
    standing_words,
    starts_within,
)
from portal.restaurants.models import Restaurant
from portal.staff.models import RestaurantCode, StaffChat, StaffMember, StaffPosition
from portal.staff.papers.conditions import expired_condition, expiring_condition
from portal.staff.queries import offered, people_by_digits
from portal.web.language import choose_locale
from portal.web.listing import Column, Filter, Listing, Sort, ValueFilter, record_list
from portal.web.times import short_day

m, c, r = StaffMember.__table__.c, StaffChat.__table__.c, Restaurant.__table__.c
NONE, CLOSED = "none", "closed"
NO_BREAK = "\u00a0"
MAX_CHOSEN_TEXT = 2_000


@dataclass(frozen=True)
class RestaurantFilter(ValueFilter):
    """One restaurant, none, or any that is closed; what is offered is read with all choices of the list."""

    parse: Any = UUID

    def accept(self, text: str) -> str:
        """One of the words, or an id."""
        return text if text in (NONE, CLOSED) else super().accept(text)

    def condition(self, value: str) -> ColumnElement[bool] | None:
        """That of the word, else the comparison."""
        if value == NONE:
            return m.restaurant_id.is_(None)
        if value == CLOSED:
            account_id = bindparam("account_id", None, type_=PgUUID())
            closed = select(func.array_agg(r.id)).where(r.account_id == account_id, r.is_active.is_(False))
            # As a list that is made once: by it the index of restaurants is asked.
            return m.restaurant_id == any_(cast(closed.scalar_subquery(), ARRAY(PgUUID())))
        return super().condition(value)

    def parameters(self, value: str) -> dict[str, Any]:
        """The id, where it is one."""
        return {} if value in (NONE, CLOSED) else super().parameters(value)

    def shape(self, value: str) -> str:
        """The word, or that there is an id."""
        return value if value in (NONE, CLOSED) else super().shape(value)


@dataclass(frozen=True)
class GuardedFilter(Filter):
    """A filter by what not everybody may know: for others it is not there."""

    permission: Permission = Permission.STAFF_SEE

    def accept(self, text: str) -> str:
        """The choice of those who may make it."""
        return super().accept(text) if may(self.permission) else ""

    @property
    def kind(self) -> str:
        """Whether it is offered; one by id is shown only while it is set."""
        return "choice" if may(self.permission) else "id"


@dataclass(frozen=True)
class ChosenFilter(ValueFilter):
    """The rows that were ticked, by their ids."""

    kind: str = "id"

    def accept(self, text: str) -> str:
        """The ids, parted by commas; nothing where one is none."""
        try:
            return ",".join(UUID(each).hex for each in text[:MAX_CHOSEN_TEXT].split(",")) if text else ""
        except ValueError:
            return ""

    def condition(self, value: str) -> ColumnElement[bool] | None:
        """Whether a row is one of them."""
        return m.id == any_(bindparam("filter_chosen", None, type_=ARRAY(PgUUID()))) if value else None

    def parameters(self, value: str) -> dict[str, Any]:
        """The ids."""
        return {"filter_chosen": [UUID(each) for each in value.split(",")]} if value else {}


def _is_of_bot(column: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    told = select(c.staff_member_id).where(c.account_id == m.account_id, column == value)
    return m.id.in_(told.correlate(StaffMember.__table__))


def _choices(kind: str, first: Sequence[tuple[str, Any]]) -> Any:
    return lambda: [*first, *offered(kind)]


def percent(value: int) -> str:
    """How much of the checklist is done."""
    return f"{value}{NO_BREAK}%"


def day(value: date) -> str:
    """A day without its year."""
    return short_day(value, choose_locale()).replace(" ", NO_BREAK)


ANY = ("", _l("Any"))
FILTERS = [
    RestaurantFilter(
        "restaurant_id",
        _l("Restaurant"),
        _choices("restaurant", [ANY, (NONE, _l("None yet")), (CLOSED, _l("Closed ones"))]),
        column=m.restaurant_id,
    ),
    ValueFilter("position_id", _l("Position"), _choices("position", [ANY]), column=m.position_id, parse=UUID),
    Filter(
        "standing",
        _l("Status"),
        choices=[("", _l("All who have not left")), *Standing.choices(), ("all", _l("Everybody"))],
        conditions={"": PRESENT, **CONDITIONS, "all": None},
    ),
    Filter(
        "starts",
        _l("First shift"),
        choices=[ANY, ("today", _l("Today")), ("tomorrow", _l("Tomorrow")), ("week", _l("Within 7 days"))],
        conditions={
            "": None,
            "today": starts_within(0, 0),
            "tomorrow": starts_within(1, 1),
            "week": starts_within(0, WEEK),
        },
    ),
    GuardedFilter(
        "papers",
        _l("Papers"),
        choices=[ANY, ("expiring", _l("Expire within 30 days")), ("expired", _l("Expired"))],
        conditions={"": None, "expiring": expiring_condition(), "expired": expired_condition()},
        permission=Permission.STAFF_TICK,
    ),
    GuardedFilter(
        "questions",
        _l("Questions"),
        choices=[ANY, ("open", _l("Wait for an answer"))],
        conditions={"": None, "open": m.open_questions > 0},
        permission=Permission.STAFF_EDIT,
    ),
    ValueFilter("bot_id", _l("Bot"), _choices("bot", [ANY]), column=c.bot_id, parse=UUID, operator=_is_of_bot),
    ChosenFilter("chosen", _l("Chosen rows")),
]
COLUMNS = [
    Column("name", source=func.coalesce(func.nullif(m.name, ""), "—")),
    # First, so that a long position does not push it off a phone.
    Column("standing", _l("Status"), source=STANDING, show=standing_badge, in_export=False, nowrap=True, priority=1),
    Column("position_id", priority=1),
    Column("restaurant_id", priority=3),
    Column("standing_word", _l("Status"), source=STANDING, show=standing_words, in_table=False),
    Column("start", _l("Starts on"), source=m.starts_on, show=day, in_export=False, nowrap=True, priority=4),
    Column("done", _l("Progress"), source=m.progress, show=percent, in_export=False, number=True, priority=2),
    Column("due", _l("Next due"), source=m.next_due_on, show=day, in_export=False, nowrap=True, priority=4),
    *(Column(key, in_table=False) for key in ("starts_on", "progress", "next_due_on")),
]
# Only owners take these out, and no list shows them.
PRIVATE_COLUMNS = [
    Column(key, in_table=False)
    for key in ("phone", "email", "birthday", "citizenship", "uniform_size", "emergency_contact")
]


def _staff_list(name: str, columns: Sequence[Column]) -> Listing:
    # By its name the compiled statements of a list are kept: no two share one.
    return record_list(
        name,
        StaffMember,
        columns,
        sorts=[
            Sort("name", _l("Name"), m.name),
            Sort("start", _l("Start"), m.start_order, parse=date.fromisoformat, shown_by="start"),
            Sort("progress", _l("Progress"), m.progress_order, parse=int, shown_by="done"),
            Sort("due", _l("Next due"), m.due_order, parse=date.fromisoformat, shown_by="due"),
        ],
        filters=FILTERS,
        search_label=_l("Search by name"),
        empty_text=_l("Switch on the staff record of a bot, import a file, or add one by hand."),
        icon="staff",
        find=people_by_digits,
    )


STAFF = _staff_list("staff", COLUMNS)
# The same for those who see personal data, and for owners, who take it out.
STAFF_WITH_PHONES = replace(
    STAFF, name="staff_with_phones", search_label=_l("Search by name or the end of a phone number")
)
STAFF_IN_FULL = replace(
    _staff_list("staff_in_full", [*COLUMNS, *PRIVATE_COLUMNS]), search_label=STAFF_WITH_PHONES.search_label
)

POSITIONS = record_list(
    "positions",
    StaffPosition,
    ["name", "code", "is_kitchen", "is_active", "updated_at"],
    search_label=_l("Search by name or code"),
    empty_text=_l("What somebody does here: a cook, a waiter. A bot's scenario names it by its code."),
    icon="staff",
)
CODES = record_list(
    "codes",
    RestaurantCode,
    ["code", "restaurant_id", "created_at"],
    sorts=[Sort("code", _l("Code"), RestaurantCode.__table__.c.code)],
    search_label=_l("Search by code"),
    empty_text=_l("What the scenario of a bot calls a restaurant. Several codes of one are fine."),
    icon="restaurant",
)
