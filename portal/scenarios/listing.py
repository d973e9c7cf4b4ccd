"""The list of a bot's scenario versions."""

from flask_babel import lazy_gettext as _l

from portal.bots.models import BotInstance
from portal.scenarios.models import BotScenario
from portal.users.models import User
from portal.web.listing import Export, Filter, Listing, Parent, Sort
from portal.web.listing.declaration import moment
from portal.web.listing.filters import active_export, yes_or_no

s = BotScenario.__table__.c
u = User.__table__.c
b = BotInstance.__table__.c

GREATEST_NUMBER = 2**31 - 1


def version_number(text: str) -> int:
    """A version's number; ``ValueError`` for what the database could not hold."""
    number = int(text)
    if not 0 <= number <= GREATEST_NUMBER:
        raise ValueError("no number of a version")
    return number


VERSIONS = Listing(
    name="scenarios",
    entity=BotScenario,
    parent=Parent(BotInstance, key=s.bot_id, columns={"id": b.id, "name": b.name, "is_active": b.is_active}),
    source=BotScenario.__table__.outerjoin(User.__table__, (u.id == s.author_id) & (u.account_id == s.account_id)),
    columns={
        "number": s.number,
        "name": s.name,
        "version": s.version,
        "is_live": s.is_live,
        "is_active": s.is_active,
        "created_at": s.created_at,
        "published_at": s.published_at,
        "author": u.full_name,
        "author_email": u.email,
    },
    sorts=[
        Sort("number", _l("Number"), s.number, parse=version_number, descending=True),
        Sort("name", _l("Name"), s.name),
        Sort("added", _l("Added"), s.created_at, parse=moment, descending=True),
    ],
    filters=[
        Filter(
            "state",
            _l("State"),
            choices=[
                ("", _l("Not archived")),
                ("live", _l("Live")),
                ("archived", _l("Archived")),
                ("all", _l("All")),
            ],
            conditions={
                "": s.is_active | s.is_live,
                "live": s.is_live.is_(True),
                "archived": s.is_active.is_(False) & s.is_live.is_(False),
                "all": None,
            },
        ),
    ],
    search=[s.name, s.version, s.description],
    search_label=_l("Search by name, version or description"),
    exports=[
        Export(_l("Number"), lambda row: row.number),
        Export(_l("Name"), lambda row: row.name),
        Export(_l("Version"), lambda row: row.version),
        Export(_l("Live"), lambda row: yes_or_no(row.is_live)),
        active_export(),
        Export(_l("Author"), lambda row: row.author or row.author_email),
        Export(_l("Added (UTC)"), lambda row: row.created_at),
        Export(_l("Published (UTC)"), lambda row: row.published_at),
    ],
)
