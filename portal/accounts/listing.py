"""The superusers' list of chains, with their size and health."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, FromClause, Select, exists, func, literal_column, select

from portal.accounts.models import Account
from portal.bots.models import BotInstance
from portal.channels.models import BotPlatformCredential
from portal.integrations.models import CHECKING, AccountIntegrationCredentials
from portal.restaurants.models import Restaurant
from portal.users.models import User
from portal.web.listing import Export, Filter, Listing, Sort
from portal.web.listing.declaration import COUNT_CAP, format_count, moment
from portal.web.listing.filters import active_export

a = Account.__table__.c
r = Restaurant.__table__.c
u = User.__table__.c
b = BotInstance.__table__.c
p = BotPlatformCredential.__table__.c
i = AccountIntegrationCredentials.__table__.c

OF_ACTIVE_BOTS = (
    p.account_id == a.id,
    p.superseded_at.is_(None),
    exists().where(b.id == p.bot_id, b.account_id == p.account_id, b.is_active),
)
FAILING = (
    i.account_id == a.id,
    i.is_active,
    i.connection_status.is_not(None),
    i.connection_status.not_in(["connected", CHECKING]),
)


def capped(table: FromClause, *conditions: ColumnElement[bool]) -> ColumnElement[Any]:
    """How many rows of one chain there are, counted no further than the cap; one chain at a time."""
    found: Select[Any] = select(literal_column("1")).select_from(table).where(*conditions).limit(COUNT_CAP + 1)
    limited = found.correlate(Account.__table__).subquery()
    return select(func.count()).select_from(limited).scalar_subquery()


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
        "platforms": capped(BotPlatformCredential.__table__, *OF_ACTIVE_BOTS),
        "platforms_on": capped(BotPlatformCredential.__table__, *OF_ACTIVE_BOTS, p.is_active),
        "failing": capped(AccountIntegrationCredentials.__table__, *FAILING),
    },
    sorts=[
        Sort("name", _l("Name"), a.name),
        Sort("created", _l("Newest first"), a.created_at, parse=moment, descending=True),
    ],
    filters=[
        Filter(
            "state",
            _l("State"),
            choices=[
                ("", _l("All")),
                ("active", _l("Active")),
                ("failing", _l("With a failing connection")),
                ("deactivated", _l("Deactivated")),
            ],
            conditions={
                "": None,
                "active": a.is_active.is_(True),
                "failing": a.is_active.is_(True) & exists().where(*FAILING),
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
        Export(_l("Restaurants"), lambda row: format_count(row.restaurants)),
        Export(_l("People"), lambda row: format_count(row.people)),
        Export(_l("Bots"), lambda row: format_count(row.bots)),
        Export(_l("Platforms"), lambda row: row.platforms),
        Export(_l("Platforms switched on"), lambda row: row.platforms_on),
        Export(_l("Failing connections"), lambda row: row.failing),
        Export(_l("Added (UTC)"), lambda row: row.created_at),
    ],
)
