"""Pages of a bot's conversations."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.audit.export import recorded_export
from portal.bots.dialogs.listing import DIALOGS, offer_steps, preview
from portal.bots.dialogs.queries import copies_of, find_dialog
from portal.bots.dialogs.standing import answers_in, standing_of
from portal.bots.models import BotInstance
from portal.bots.platforms.registry import PLATFORMS
from portal.bots.scenarios.queries import live_version
from portal.tenancy.finding import find
from portal.web.fragments import list_page
from portal.web.listing import read_page

dialogs = Blueprint("dialogs", __name__, url_prefix="/bots/<uuid:bot_id>/dialogs")


@dialogs.get("")
@requires(Permission.BOTS_SEE)
def index(bot_id: UUID) -> str:
    """The list, the latest first."""
    page = read_page(DIALOGS, request.args, url_for(".index", bot_id=bot_id), bot_id)
    offer_steps(page)
    return list_page(page, "dialogs/index.html", platforms=PLATFORMS, preview=preview)


@dialogs.get("/export")
@requires(Permission.BOTS_SEE)
def export(bot_id: UUID) -> Response:
    """The list as CSV."""
    return recorded_export(DIALOGS, request.args, find(BotInstance, bot_id).id)


@dialogs.get("/<uuid:dialog_id>")
@requires(Permission.BOTS_SEE)
def show(bot_id: UUID, dialog_id: UUID) -> str:
    """One conversation: where it stands and what was answered."""
    dialog = find_dialog(bot_id, dialog_id)
    live = live_version(bot_id)
    document = live.document if live else None
    answers = answers_in(dialog.answers, document)
    return render_template(
        "dialogs/show.html",
        dialog=dialog,
        live=live,
        standing=standing_of(dialog.current_step, answers, document),
        answers=answers,
        copies=copies_of(dialog),
        platforms=PLATFORMS,
    )
