"""The lists of conversations: a bot's own, and those of the whole chain."""

import json
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, case, column, func, literal_column, select, text, true
from sqlalchemy.dialects.postgresql import JSONB

from portal.bots.models import BotInstance
from portal.conversations.descriptions import in_full
from portal.conversations.models import BotDialogState, called
from portal.conversations.progress import STATES
from portal.conversations.transcript import AUTHORS, choices_of, kind_label, reason, snippet, state_label, written_at
from portal.messaging.messages import BotMessage
from portal.messengers.registry import PLATFORMS, platform_label
from portal.scenarios.document.placeholders import PLACEHOLDER
from portal.scenarios.document.wording import shortened
from portal.scenarios.flow.cards import GAP
from portal.scenarios.models import BotScenario
from portal.users.models import User
from portal.web.listing import Export, Filter, Listing, Page, Parent, Sort, ValueFilter
from portal.web.listing.declaration import moment
from portal.web.listing.filters import yes_or_no

d = BotDialogState.__table__.c
b = BotInstance.__table__.c
s = BotScenario.__table__.c
m = BotMessage.__table__.c
u = User.__table__.c

MAX_STEPS = 300
MAX_STEP = 100
MAX_SAID = 300
MAX_STEP_NAME = 60
SHOWN_ANSWERS = 3
MAX_ANSWER = 40
MAX_SNIPPET = 200


def active_within(days: int) -> ColumnElement[bool]:
    """Something was said in the last days."""
    return d.last_interaction_at >= func.timezone("utc", func.now()) - text(f"interval '{days} days'")


def live_steps() -> ColumnElement[Any]:
    """The steps of the bot's live scenario as pairs of id and what it says first; steps may be an object or a list."""
    steps = s.scenario_data["steps"]
    kind = func.jsonb_typeof(steps)
    nothing = literal_column("'[]'::jsonb", JSONB)
    values = case(
        (kind == "object", func.jsonb_path_query_array(steps, literal_column("'$.keyvalue()'::jsonpath"), type_=JSONB)),
        (kind == "array", steps),
        else_=nothing,
    )
    elements = func.jsonb_array_elements(values, type_=JSONB)
    entry = elements.table_valued(column("value", JSONB)).render_derived()
    step = entry.c.value
    message = func.coalesce(step["value"]["message"], step["message"], type_=JSONB)
    # A message may be its text alone.
    said = case(
        (func.jsonb_typeof(message) == "string", message.op("#>>")(literal_column("'{}'"))),
        else_=message["text"].astext,
    )
    pair = func.jsonb_build_array(func.coalesce(step["key"].astext, step["id"].astext), func.left(said, MAX_SAID))
    found = select(func.jsonb_agg(pair)).select_from(BotScenario.__table__.join(entry, true()))
    return found.where(s.bot_id == b.id, s.account_id == b.account_id, s.is_live).scalar_subquery()


def last_said(d: Any = d) -> ColumnElement[Any]:
    """The last message as [direction, author, kind, text, name]; read for the rows of a page alone."""
    text_of = func.left(m.text, MAX_SNIPPET)
    told = func.jsonb_build_array(m.direction, m.author, m.kind, text_of, m.content["name"], type_=JSONB)
    query = select(told).where(m.dialog_id == d.id, m.account_id == d.account_id)
    return query.order_by(m.seq.desc()).limit(1).scalar_subquery()


def holder() -> ColumnElement[Any]:
    """The name of the colleague who has taken a conversation over."""
    name = func.coalesce(func.nullif(u.full_name, ""), u.email)
    return select(name).where(u.id == d.taken_over_by_id, u.account_id == d.account_id).scalar_subquery()


def bot_name() -> ColumnElement[Any]:
    """The name of a conversation's bot."""
    return select(b.name).where(b.id == d.bot_id, b.account_id == d.account_id).scalar_subquery()


def offer_steps(page: Page) -> None:
    """Let the filter offer the steps of the live scenario, and the one that was asked for."""
    known = [(step, said) for step, said in page.parent.steps or [] if step and len(step) <= MAX_STEP][:MAX_STEPS]
    # Without numbers: here the steps stand as the database keeps them, and not as people read the scenario.
    offered = [(step, _one_line(said)) for step, said in known]
    chosen = next(each for each in page.filters if each.key == "step")
    is_known = not chosen.value or any(step == chosen.value for step, _words in offered)
    extra = [] if is_known else [(chosen.value, chosen.value)]
    chosen.choices = [("", _l("Any")), *extra, *offered]


def _one_line(said: str | None) -> str:
    words = " ".join(PLACEHOLDER.sub(GAP, said or "").split())
    return shortened(words, MAX_STEP_NAME) or GAP


def preview(collected: Any) -> str:
    """The first few answers, to tell one conversation from another."""
    values = collected.values() if isinstance(collected, dict) else ()
    texts = [value for value in values if isinstance(value, str) and value]
    return " · ".join(text[:MAX_ANSWER] for text in texts[:SHOWN_ANSWERS])


COLUMNS = {
    "bot_id": d.bot_id,
    "platform": d.platform,
    "platform_chat_id": d.platform_chat_id,
    "current_step": d.current_step,
    "collected_data": d.collected_data,
    "last_interaction_at": d.last_interaction_at,
    "created_at": d.created_at,
    "superseded_at": d.superseded_at,
    "person": d.person,
    "state": d.state,
    "taken_over_at": d.taken_over_at,
    "holder": holder(),
    "last_said": last_said(),
}
SORTS = [Sort("activity", _l("Last activity"), d.last_interaction_at, parse=moment, descending=True)]
BY_PLATFORM = Filter(
    "platform",
    _l("Platform"),
    choices=[("", _l("Any")), *((each.key, each.label) for each in PLATFORMS.values()), ("other", _l("Other"))],
    conditions={
        "": None,
        **{key: d.platform == key for key in PLATFORMS},
        "other": d.platform.not_in(list(PLATFORMS)),
    },
)
BY_STATE = Filter(
    "state",
    _l("State"),
    choices=[("", _l("Any")), *((key, label) for key, (label, _tone, _icon) in STATES.items())],
    conditions={"": None, **{key: d.state == key for key in STATES}},
)
BY_PERIOD = Filter(
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
)
EXPORTS = [
    Export(_l("Chat"), lambda row: row.platform_chat_id),
    Export(_l("Guest"), lambda row: called(row.person, row.platform_chat_id)),
    Export(_l("Platform"), lambda row: platform_label(row.platform)),
    Export(_l("State"), lambda row: STATES[row.state][0]),
    Export(_l("Taken over by"), lambda row: row.holder),
    Export(_l("Step"), lambda row: row.current_step),
    Export(_l("Answers"), lambda row: json.dumps(row.collected_data, ensure_ascii=False)),
    Export(_l("Last message"), lambda row: snippet(row.last_said)),
    Export(_l("Started (UTC)"), lambda row: row.created_at),
    Export(_l("Last activity (UTC)"), lambda row: row.last_interaction_at),
    Export(_l("Older copy"), lambda row: yes_or_no(row.superseded_at)),
]

BOT_CONVERSATIONS = Listing(
    name="dialogs",
    entity=BotDialogState,
    parent=Parent(BotInstance, key=d.bot_id, columns={"id": b.id, "name": b.name, "steps": live_steps()}),
    columns=COLUMNS,
    sorts=SORTS,
    filters=[BY_STATE, BY_PLATFORM, ValueFilter("step", _l("Step"), column=d.current_step), BY_PERIOD],
    search_entity="bot_dialog_state",
    search_label=_l("Search by chat, step or answer"),
    exports=EXPORTS,
)

CONVERSATIONS = Listing(
    name="conversations",
    entity=BotDialogState,
    columns={**COLUMNS, "bot_name": bot_name()},
    sorts=SORTS,
    filters=[BY_STATE, BY_PLATFORM, BY_PERIOD],
    search_entity="bot_dialog_state",
    search_label=_l("Search by chat, step or answer"),
    exports=[Export(_l("Bot"), lambda row: row.bot_name), *EXPORTS],
)


def place_in_talk(text: str) -> int:
    """The place of a message; ``ValueError`` for what the database could not hold."""
    place = int(text)
    if not 0 <= place < 2**63:
        raise ValueError("no place of a message")
    return place


TRANSCRIPT = Listing(
    name="transcript",
    entity=BotMessage,
    parent=Parent(BotDialogState, key=m.dialog_id, columns={"id": d.id}),
    source=BotMessage.__table__.outerjoin(User.__table__, (u.id == m.author_id) & (u.account_id == m.account_id)),
    columns={
        "created_at": m.created_at,
        "direction": m.direction,
        "author": m.author,
        "writer": func.coalesce(func.nullif(u.full_name, ""), u.email),
        "kind": m.kind,
        "text": m.text,
        "content": m.content,
        "step_id": m.step_id,
        "variable": m.variable,
        "value": m.value,
        "state": m.state,
        "error": m.error,
        "sent_at": m.sent_at,
        "platform": select(d.platform).where(d.id == m.dialog_id, d.account_id == m.account_id).scalar_subquery(),
    },
    sorts=[Sort("place", _l("Time"), m.seq, parse=place_in_talk)],
    search=[m.text],
    search_label=_l("Search"),
    exports=[
        Export(_l("Time (UTC)"), written_at),
        Export(_l("From"), lambda row: AUTHORS.get(row.author, row.author)),
        Export(_l("Name"), lambda row: row.writer),
        Export(_l("Text"), lambda row: in_full(row.kind, row.text, row.content)),
        Export(_l("Kind"), lambda row: kind_label(row.kind, row.text, row.content)),
        Export(_l("Buttons"), lambda row: " | ".join(label for label, _marker in choices_of(row.content))),
        Export(_l("Step"), lambda row: row.step_id),
        Export(_l("Answer to"), lambda row: row.variable),
        Export(_l("Value"), lambda row: row.value),
        Export(_l("State"), lambda row: state_label(row.state)),
        Export(_l("Reason"), lambda row: reason(row.error, row.platform)),
        Export(_l("Sent (UTC)"), lambda row: row.sent_at),
        Export(_l("Arrived (UTC)"), lambda row: row.created_at if row.direction == "in" else None),
    ],
)
