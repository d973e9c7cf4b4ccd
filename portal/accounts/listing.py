"""The superusers' list of chains, with their size and health."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, FromClause, Select, Text, exists, func, literal_column, select

from portal.accounts.models import Account
from portal.bots.models import BotInstance
from portal.channels.status import chain_health, has_failing_platform, read_health
from portal.db.base import SCHEMA
from portal.integrations.models import AccountIntegrationCredentials
from portal.restaurants.models import Restaurant
from portal.users.models import User
from portal.web.listing import Export, Filter, Listing, Sort
from portal.web.listing.declaration import COUNT_CAP, format_count, moment
from portal.web.listing.filters import active_export

a = Account.__table__.c
r = Restaurant.__table__.c
u = User.__table__.c
b = BotInstance.__table__.c
i = AccountIntegrationCredentials.__table__.c

FAILING = (
    i.account_id == a.id,
    i.is_active,
    i.connection_status.is_not(None),
    i.connection_status.not_in(["connected", "checking"]),
)


def natural_name() -> ColumnElement[str]:
    """The name as people count: 2 before 10."""
    return getattr(func, SCHEMA).natural_key(a.name, type_=Text())


# What fifty chains hold is counted three times for a page: no further than this, or large chains make it slow.
SIZE_CAP = 100


def capped(table: FromClause, *conditions: ColumnElement[bool]) -> ColumnElement[Any]:
    """How many rows of one chain there are, counted no further than the cap; one chain at a time."""
    found: Select[Any] = select(literal_column("1")).select_from(table).where(*conditions).limit(SIZE_CAP + 1)
    limited = found.correlate(Account.__table__).subquery()
    return select(func.count()).select_from(limited).scalar_subquery()


def format_size(count: int) -> str:
    """How many rows a chain has, as the list and its file show it."""
    return format_count(count, SIZE_CAP)


def format_health(row: Any) -> str:
    """How many platforms stand how, in one cell."""
    return "; ".join(f"{each.status.label}: {format_count(each.count)}" for each in read_health(row.health))


ACCOUNTS = Listing(
    name="accounts",
    entity=Account,
    criteria={"no operator": a.is_operator.is_(False)},
    columns={
        "name": a.name,
        "slug": a.slug,
        "is_active": a.is_active,
        "created_at": a.created_at,
        "restaurants": capped(Restaurant.__table__, r.account_id == a.id, r.is_active),
        "people": capped(User.__table__, u.account_id == a.id, u.is_active),
        "bots": capped(BotInstance.__table__, b.account_id == a.id, b.is_active),
        "health": chain_health(COUNT_CAP + 1),
        "failing": capped(AccountIntegrationCredentials.__table__, *FAILING),
    },
    sorts=[
        Sort("name", _l("Name"), natural_name()),
        Sort("created", _l("Newest first"), a.created_at, parse=moment, descending=True),
    ],
    filters=[
        Filter(
            "state",
            _l("State"),
            choices=[
                ("", _l("All")),
                ("active", _l("Active")),
                ("failing", _l("With something failing")),
                ("deactivated", _l("Deactivated")),
            ],
            conditions={
                "": None,
                "active": a.is_active.is_(True),
                "failing": a.is_active.is_(True) & (exists().where(*FAILING) | has_failing_platform()),
                "deactivated": a.is_active.is_(False),
            },
        ),
    ],
    search_entity="account",
    search_label=_l("Search by name, address or description"),
    exports=[
        Export(_l("Name"), lambda row: row.name),
        Export(_l("Address"), lambda row: row.slug),
        active_export(),
        Export(_l("Restaurants"), lambda row: format_size(row.restaurants)),
        Export(_l("People"), lambda row: format_size(row.people)),
        Export(_l("Bots"), lambda row: format_size(row.bots)),
        Export(_l("Platforms"), format_health),
        Export(_l("Failing integrations"), lambda row: row.failing),
        Export(_l("Added (UTC)"), lambda row: row.created_at),
    ],
)
