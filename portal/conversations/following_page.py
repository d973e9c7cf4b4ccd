"""Pages that follow by themselves: cheap questions every few seconds, answered in full only where something is new."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import make_response, request
from werkzeug.wrappers import Response

from portal.conversations.listing import preview
from portal.conversations.models import name_in
from portal.conversations.obstacles import wait_of
from portal.conversations.page import BEGINNING
from portal.conversations.progress import STATES
from portal.conversations.queries import MAX_NEW, Mark, changed_messages, mark_of
from portal.conversations.transcript import Transcript, TranscriptLine, snippet
from portal.messengers.registry import PLATFORMS, platform_label
from portal.web.fragments import fragment, list_page, wants_fragment
from portal.web.listing import Page

GREATEST_PLACE = 2**63 - 1
PLACES = ("after", "before", "page")


@dataclass(frozen=True, slots=True)
class News:
    """What a watching page does not show yet: new messages, changed ones, buttons that were pressed meanwhile."""

    after: int
    since: datetime
    mark: str
    new: list[TranscriptLine]
    changed: list[TranscriptLine]
    pressed: dict[str, str]


def follow(bot_id: UUID, dialog_id: UUID) -> Response:
    """The news of a conversation for the page that asks, or 304."""
    mark = mark_of(bot_id, dialog_id)
    if request.if_none_match.contains(str(mark)):
        return Response(status=304)
    news = _news(bot_id, dialog_id, mark)
    response = make_response(fragment("conversations/_news.html", news=news, bot_id=bot_id, dialog_id=dialog_id))
    if mark.standing not in request.if_none_match.to_header():
        response.headers["HX-Trigger"] = at_body("moved")
    return response


def _news(bot_id: UUID, dialog_id: UUID, mark: Mark) -> News:
    after, since = place_named("after") or 0, moment_named("since")
    rows = changed_messages(dialog_id, after, since)
    wait = wait_of(mark.problem, platform_label(mark.platform))
    told = Transcript(rows, bot_id, mark.platform, mark.bot, name_in(mark.person) or mark.chat, wait)
    lines = told.lines()
    new = [line for line in lines if line.seq > after]
    return News(
        after=max(after, told.last),
        since=max(since, told.latest_change or since),
        # More than fits into one answer: the next question must not be told that nothing is new.
        mark=str(mark) if len(new) < MAX_NEW else "",
        new=new,
        changed=[line for line in lines if line.seq <= after],
        pressed={marker: row.text for row in rows if (marker := told.marker_of(row))},
    )


def at_body(event: str) -> str:
    """The header that raises an event where every part of the page hears it: the part that asked may be gone."""
    return json.dumps({event: {"target": "body"}})


def watched_list(page: Page, template: str) -> Response | str:
    """A list that is asked for again and again: 304 to a page that shows it already."""
    told = repr([tuple(row) for row in page.rows] + [page.total]).encode()
    mark = hashlib.sha256(told).hexdigest()[:16]
    if wants_fragment() and request.if_none_match.contains(mark):
        return Response(status=304)
    # Somebody who searches or leafs has a page that stands still.
    follows = not page.search and not any(name in request.args for name in PLACES)
    return list_page(
        page,
        template,
        mark=mark,
        follows=follows,
        platforms=PLATFORMS,
        states=STATES,
        preview=preview,
        snippet=snippet,
        name_in=name_in,
    )


def place_named(key: str) -> int | None:
    """The place of a message in the query string; ``None`` for anything else."""
    text = request.args.get(key, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        return None
    return min(int(text), GREATEST_PLACE)


def moment_named(key: str) -> datetime:
    """A moment in the query string; the beginning of time for anything else."""
    try:
        moment = datetime.fromisoformat(request.args.get(key, ""))
    except ValueError:
        return BEGINNING
    return moment if moment.tzinfo and BEGINNING < moment < _end() else BEGINNING


def _end() -> Any:
    return BEGINNING.replace(year=9999)
