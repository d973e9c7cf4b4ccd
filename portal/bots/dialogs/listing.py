"""The list of a bot's conversations."""

import json
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, case, func, literal_column, select, text
from sqlalchemy.dialects.postgresql import JSONB

from portal.bots.dialogs.models import BotDialogState
from portal.bots.models import BotInstance
from portal.bots.platforms.registry import PLATFORMS
from portal.bots.scenarios.models import BotScenario
from portal.web.listing import Export, Filter, Listing, Page, Parent, Sort, ValueFilter
from portal.web.listing.archival import yes_or_no
from portal.web.listing.declaration import capped_count, moment

d = BotDialogState.__table__.c
b = BotInstance.__table__.c
s = BotScenario.__table__.c

MOST_STEPS = 300
LONGEST_STEP = 100
SHOWN_ANSWERS = 3
LONGEST_ANSWER = 40


def count_label(count: int, capped: bool) -> str:
    """How many conversations match."""
    if capped:
        return str(_l("%(count)s conversations", count=capped_count(count)))
    return ngettext("%(num)s conversation", "%(num)s conversations", count)


def active_within(days: int) -> ColumnElement[bool]:
    """Something was said in the last days."""
    return d.last_interaction_at >= func.timezone("utc", func.now()) - text(f"interval '{days} days'")


def values_at(column: ColumnElement[Any], path: str) -> ColumnElement[Any]:
    """The values at a path as a JSON array; ``path`` is our own text, never a visitor's."""
    return func.jsonb_path_query_array(column, literal_column(f"'{path}'::jsonpath"), type_=JSONB)


def live_steps() -> ColumnElement[Any]:
    """The ids of the steps of the bot's live scenario, as an array; steps may be an object or a list."""
    steps = s.scenario_data["steps"]
    kind = func.jsonb_typeof(steps)
    ids = case(
        (kind == "object", values_at(steps, "$.keyvalue().key")),
        (kind == "array", values_at(steps, '$[*].id ? (@.type() == "string")')),
    )
    return select(ids).where(s.bot_id == b.id, s.account_id == b.account_id, s.is_live).scalar_subquery()


def offer_steps(page: Page) -> None:
    """Let the filter offer the steps of the live scenario, and the one that was asked for."""
    known = page.parent.steps or []
    chosen = next(each for each in page.filters if each.key == "step")
    offered = [step for step in known[:MOST_STEPS] if 0 < len(step) <= LONGEST_STEP]
    extra = [chosen.value] if chosen.value and chosen.value not in offered else []
    chosen.choices = [("", _l("Any")), *((step, step) for step in [*extra, *offered])]


def preview(collected: Any) -> str:
    """The first few answers, to tell one conversation from another."""
    values = collected.values() if isinstance(collected, dict) else ()
    texts = [value for value in values if isinstance(value, str) and value]
    return " · ".join(text[:LONGEST_ANSWER] for text in texts[:SHOWN_ANSWERS])


DIALOGS = Listing(
    name="dialogs",
    entity=BotDialogState,
    parent=Parent(BotInstance, key=d.bot_id, columns={"id": b.id, "name": b.name, "steps": live_steps()}),
    columns={
        "platform": d.platform,
        "platform_chat_id": d.platform_chat_id,
        "current_step": d.current_step,
        "collected_data": d.collected_data,
        "last_interaction_at": d.last_interaction_at,
        "created_at": d.created_at,
        "superseded_at": d.superseded_at,
    },
    sorts=[Sort("activity", _l("Last activity"), d.last_interaction_at, parse=moment, descending=True)],
    filters=[
        Filter(
            "platform",
            _l("Platform"),
            choices=[
                ("", _l("Any")),
                *((each.key, each.label) for each in PLATFORMS.values()),
                ("other", _l("Other")),
            ],
            conditions={
                "": None,
                **{key: d.platform == key for key in PLATFORMS},
                "other": d.platform.not_in(list(PLATFORMS)),
            },
        ),
        ValueFilter("step", _l("Step"), column=d.current_step),
        Filter(
            "period",
            _l("Last activity"),
            choices=[
                ("", _l("Any time")),
                ("day", _l("Last 24 hours")),
                ("week", _l("Last 7 days")),
                ("month", _l("Last 30 days")),
                ("quiet", _l("More than 30 days ago")),
            ],
            conditions={
                "": None,
                "day": active_within(1),
                "week": active_within(7),
                "month": active_within(30),
                "quiet": ~active_within(30),
            },
        ),
    ],
    search=[d.search_text],
    search_entity="bot_dialog_state",
    search_label=_l("Search by chat, step or answer"),
    count_label=count_label,
    exports=[
        Export(_l("Chat"), lambda row: row.platform_chat_id),
        Export(_l("Platform"), lambda row: row.platform),
        Export(_l("Step"), lambda row: row.current_step),
        Export(_l("Answers"), lambda row: json.dumps(row.collected_data, ensure_ascii=False)),
        Export(_l("Started (UTC)"), lambda row: row.created_at),
        Export(_l("Last activity (UTC)"), lambda row: row.last_interaction_at),
        Export(_l("Older copy"), lambda row: yes_or_no(row.superseded_at)),
    ],
)
