"""The list of people."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import DateTime, case, func, literal_column, select

from portal.access.permissions import Role
from portal.users.models import User, UserRestaurant
from portal.web.listing import Column, Filter, Sort, enum_filter, record_list
from portal.web.listing.declaration import moment

u = User.__table__.c
assignment = UserRestaurant.__table__.c


# No limit to restaurants, where a list takes a number.
UNLIMITED = -1


def told_restaurants(count: int) -> Any:
    """To how many restaurants somebody is limited; or all, or none any more."""
    return _l("all") if count == UNLIMITED else count or _l("none")


ASSIGNED = (
    select(func.count())
    .select_from(UserRestaurant.__table__)
    .where(assignment.account_id == u.account_id, assignment.user_id == u.id)
    .correlate(User.__table__)
    .scalar_subquery()
)
LIMITED_TO = case((u.restaurants_limited, ASSIGNED), else_=UNLIMITED)
NAME = func.coalesce(u.full_name, u.email)
SECOND_LINE = case((u.full_name.is_not(None), u.email))
# Who never signed in stands last.
LAST_SEEN = func.coalesce(u.last_signed_in_at, literal_column("timestamp '1970-01-01'", DateTime()))


USERS = record_list(
    "users",
    User,
    [
        Column("person", _l("Person"), source=NAME, below="second_line", in_export=False),
        Column("full_name", _l("Full name"), in_table=False),
        Column("email", in_table=False),
        Column("role"),
        Column("assigned", _l("Restaurants"), _l("Restaurants assigned"), source=LIMITED_TO, show=told_restaurants),
        "is_active",
        Column("last_signed_in_at", absent=_l("Never"), nowrap=True),
        Column("second_line", source=SECOND_LINE, in_table=False, in_export=False),
    ],
    criteria={"members": u.is_superuser.is_(False)},
    sorts=[
        Sort("email", _l("E-mail"), u.email, shown_by="person"),
        Sort("seen", _l("Last sign-in"), LAST_SEEN, parse=moment, descending=True, shown_by="last_signed_in_at"),
    ],
    filters=[
        Filter(
            "state",
            _l("State"),
            choices=[("", _l("Active")), ("deactivated", _l("Deactivated")), ("all", _l("Active and deactivated"))],
            conditions={"": u.is_active.is_(True), "deactivated": u.is_active.is_(False), "all": None},
        ),
        enum_filter("role", _l("Role"), u.role, Role),
    ],
    search_label=_l("Search by name or e-mail"),
    empty_text=_l("Invite the first person; they choose their own password."),
    icon="users",
)
