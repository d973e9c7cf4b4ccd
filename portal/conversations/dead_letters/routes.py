"""Pages of what needs attention: look, try again, dismiss."""

from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.accounts.export import recorded_export
from portal.bots.models import BotInstance
from portal.conversations.dead_letters.listing import (
    KINDS,
    UNDELIVERED,
    UNPROCESSED,
    chosen_of,
    resolve_when_none_is_left,
    retry,
    why_dead,
)
from portal.conversations.dead_letters.waiting import WaitingReplies
from portal.conversations.models import name_in
from portal.conversations.transcript import reason, snippet
from portal.messaging.inbound_updates import InboundUpdate
from portal.messaging.messages import BotMessage
from portal.messengers.registry import PLATFORMS
from portal.tenancy.finding import get_or_404
from portal.web.costly import costly
from portal.web.fragments import list_page, redirect_back, toast
from portal.web.listing import Listing, read_page
from portal.web.listing.declaration import format_count

undelivered = Blueprint("undelivered", __name__, url_prefix="/bots/<uuid:bot_id>/attention")
unprocessed = Blueprint("unprocessed", __name__, url_prefix="/bots/<uuid:bot_id>/attention/updates")


def attention_page(listing: Listing, bot_id: UUID) -> str:
    """One of the two lists, with tabs for both."""
    page = read_page(listing, request.args, url_for(".index", bot_id=bot_id), bot_id)
    words = {
        "platforms": PLATFORMS,
        "name_in": name_in,
        "snippet": snippet,
        "format_count": format_count,
        "kinds": KINDS,
        "waiting": WaitingReplies.of(page.parent),
    }
    return list_page(page, "conversations/dead_letters/index.html", reason=reason, why_dead=why_dead, **words)


@undelivered.get("")
@requires(Permission.DIALOGS_TAKE_OVER)
def index(bot_id: UUID) -> str:
    """Messages that did not reach anybody, the newest first."""
    return attention_page(UNDELIVERED, bot_id)


@unprocessed.get("", endpoint="index")
@requires(Permission.DIALOGS_TAKE_OVER)
def updates(bot_id: UUID) -> str:
    """Deliveries that could not be worked on, the newest first."""
    return attention_page(UNPROCESSED, bot_id)


@undelivered.get("/export")
@requires(Permission.DIALOGS_TAKE_OVER)
@costly
def export(bot_id: UUID) -> Response:
    """Messages that did not reach anybody, as CSV."""
    return recorded_export(UNDELIVERED, request.args, get_or_404(BotInstance, bot_id).id)


@unprocessed.get("/export", endpoint="export")
@requires(Permission.DIALOGS_TAKE_OVER)
@costly
def export_updates(bot_id: UUID) -> Response:
    """Deliveries that could not be worked on, as CSV."""
    return recorded_export(UNPROCESSED, request.args, get_or_404(BotInstance, bot_id).id)


@undelivered.post("/replay")
@requires(Permission.DIALOGS_TAKE_OVER)
def replay(bot_id: UUID) -> Response:
    """Send the chosen messages again."""
    return try_again(BotMessage, bot_id)


@unprocessed.post("/replay", endpoint="replay")
@requires(Permission.DIALOGS_TAKE_OVER)
def replay_updates(bot_id: UUID) -> Response:
    """Work on the chosen deliveries again."""
    return try_again(InboundUpdate, bot_id)


@undelivered.post("/dismissal")
@requires(Permission.DIALOGS_TAKE_OVER)
def dismiss(bot_id: UUID) -> Response:
    """Leave the chosen messages as they are."""
    return leave(BotMessage, bot_id)


@unprocessed.post("/dismissal", endpoint="dismiss")
@requires(Permission.DIALOGS_TAKE_OVER)
def dismiss_updates(bot_id: UUID) -> Response:
    """Leave the chosen deliveries as they are."""
    return leave(InboundUpdate, bot_id)


def try_again(entity: type[BotMessage] | type[InboundUpdate], bot_id: UUID) -> Response:
    """Put the chosen rows back into their queue; one that somebody else has dealt with stays as it is."""
    tried = [row for row in chosen_of(entity, bot_id) if retry(row)]
    resolve_when_none_is_left(entity, bot_id)
    toast(ngettext("%(num)s message is tried again.", "%(num)s messages are tried again.", len(tried)))
    return redirect_back(url_for(".index", bot_id=bot_id))


def leave(entity: type[BotMessage] | type[InboundUpdate], bot_id: UUID) -> Response:
    """Take the chosen rows off the list for good; they stay in the record."""
    left = [row for row in chosen_of(entity, bot_id) if row.dismiss()]
    resolve_when_none_is_left(entity, bot_id)
    toast(ngettext("%(num)s message was dismissed.", "%(num)s messages were dismissed.", len(left)))
    return redirect_back(url_for(".index", bot_id=bot_id))
