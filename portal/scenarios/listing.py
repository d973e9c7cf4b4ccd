"""The list of a bot's scenario versions."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import func

from portal.bots.models import BotInstance
from portal.scenarios.models import BotScenario
from portal.users.models import User
from portal.web.listing import Column, Filter, Parent, Sort, record_list
from portal.web.listing.declaration import moment

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


VERSIONS = record_list(
    "scenarios",
    BotScenario,
    [
        Column("number", _l("Version"), _l("Number")),
        "name",
        Column("version", in_table=False),
        Column("is_live", in_table=False),
        "is_active",
        Column("author", _l("Author"), source=func.coalesce(u.full_name, u.email)),
        "created_at",
        Column("published_at", in_table=False),
    ],
    parent=Parent(BotInstance, key=s.bot_id, columns={"id": b.id, "name": b.name, "is_active": b.is_active}),
    source=BotScenario.__table__.outerjoin(User.__table__, (u.id == s.author_id) & (u.account_id == s.account_id)),
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
    search_label=_l("Search by name, version or description"),
    empty_text=_l(
        "A scenario is a JSON file that says what the bot sends and asks, step by step. Upload the first one."
    ),
    icon="flow",
)
