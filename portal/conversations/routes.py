"""Pages of conversations: the chain's list, a bot's list, one conversation."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.accounts.export import recorded_export
from portal.bots.models import BotInstance
from portal.conversations.following_page import place_named, watched_list
from portal.conversations.listing import BOT_CONVERSATIONS, CONVERSATIONS, offer_steps
from portal.conversations.page import ConversationPage
from portal.tenancy.finding import get_or_404
from portal.web.costly import costly
from portal.web.fragments import fragment, wants_fragment
from portal.web.listing import read_page
from portal.web.navigation import section, stand_in

conversations = Blueprint("conversations", __name__, url_prefix="/dialogs")
section(conversations, _l("Conversations"), "chat", Permission.DIALOGS_SEE)
bot_conversations = Blueprint("bot_conversations", __name__, url_prefix="/bots/<uuid:bot_id>/dialogs")


@conversations.get("", endpoint="index")
@requires(Permission.DIALOGS_SEE)
def all_bots() -> Response | str:
    """Conversations of all bots, the latest first."""
    return watched_list(read_page(CONVERSATIONS, request.args, url_for(".index")), "conversations/all.html")


@conversations.get("/export", endpoint="export")
@requires(Permission.DIALOGS_SEE)
@costly
def export_all() -> Response:
    """That list as CSV."""
    return recorded_export(CONVERSATIONS, request.args)


@bot_conversations.get("")
@requires(Permission.DIALOGS_SEE)
def index(bot_id: UUID) -> Response | str:
    """A bot's list, the latest first."""
    page = read_page(BOT_CONVERSATIONS, request.args, url_for(".index", bot_id=bot_id), bot_id)
    offer_steps(page)
    return watched_list(page, "conversations/index.html")


@bot_conversations.get("/export")
@requires(Permission.DIALOGS_SEE)
@costly
def export(bot_id: UUID) -> Response:
    """A bot's list as CSV."""
    return recorded_export(BOT_CONVERSATIONS, request.args, get_or_404(BotInstance, bot_id).id)


@bot_conversations.get("/<uuid:dialog_id>")
@requires(Permission.DIALOGS_SEE)
def show(bot_id: UUID, dialog_id: UUID) -> str:
    """One conversation: what was said, where it stands, what was answered; ``before`` a place for what is earlier."""
    page = ConversationPage(bot_id, dialog_id, before=place_named("before"))
    if page.place is not None:
        stand_in(conversations)
    if wants_fragment():
        return fragment("conversations/_earlier.html", **page.context())
    return render_template("conversations/show.html", **page.context())
