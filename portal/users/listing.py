"""The list of people."""

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import DateTime, func, literal_column, select

from portal.access.permissions import Role
from portal.users.models import User, UserRestaurant
from portal.web.listing import Export, Filter, Listing, Sort
from portal.web.listing.archival import active_export
from portal.web.listing.declaration import capped_count, moment

u = User.__table__.c
assignment = UserRestaurant.__table__.c

ASSIGNED = (
    select(func.count())
    .select_from(UserRestaurant.__table__)
    .where(assignment.account_id == u.account_id, assignment.user_id == u.id)
    .correlate(User.__table__)
    .scalar_subquery()
)
# Who never signed in stands last.
LAST_SEEN = func.coalesce(u.last_signed_in_at, literal_column("timestamp '1970-01-01'", DateTime()))


def count_label(count: int, capped: bool) -> str:
    """How many people match."""
    if capped:
        return str(_l("%(count)s people", count=capped_count(count)))
    return ngettext("%(num)s person", "%(num)s people", count)


USERS = Listing(
    name="users",
    entity=User,
    columns={
        "email": u.email,
        "full_name": u.full_name,
        "role": u.role,
        "is_active": u.is_active,
        "last_signed_in_at": u.last_signed_in_at,
        "assigned": ASSIGNED,
    },
    criteria={"members": u.is_superuser.is_(False)},
    sorts=[
        Sort("email", _l("E-mail"), u.email),
        Sort("seen", _l("Last sign-in"), LAST_SEEN, parse=moment, descending=True),
    ],
    filters=[
        Filter(
            "state",
            _l("State"),
            choices=[
                ("", _l("Active")),
                ("deactivated", _l("Deactivated")),
                ("all", _l("Active and deactivated")),
            ],
            conditions={"": u.is_active.is_(True), "deactivated": u.is_active.is_(False), "all": None},
        ),
        Filter(
            "role",
            _l("Role"),
            choices=[("", _l("Any")), *Role.choices()],
            conditions={"": None, **{role: u.role == role for role in Role.words()}},
        ),
    ],
    search=[u.full_name, u.email],
    search_label=_l("Search by name or e-mail"),
    count_label=count_label,
    exports=[
        Export(_l("Full name"), lambda row: row.full_name),
        Export(_l("E-mail"), lambda row: row.email),
        Export(_l("Role"), lambda row: Role.read(row.role).label),
        Export(_l("Restaurants assigned"), lambda row: row.assigned or _l("all")),
        active_export(),
        Export(_l("Last sign-in (UTC)"), lambda row: row.last_signed_in_at),
    ],
)
