"""Pages of bots."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.accounts.export import recorded_export
from portal.audit.history import history_of
from portal.bots.forms import BotForm
from portal.bots.listing import BOTS, format_conversation_count, note_of, noteworthy
from portal.bots.models import BotInstance
from portal.bots.page import bot_summary, platform_cards, platforms_of
from portal.channels.status import status_of
from portal.channels.switch import follow_bots
from portal.messengers.registry import PLATFORMS
from portal.tenancy.finding import chosen_rows, get_or_404
from portal.web.fragments import form_page, list_page, redirect_after_post, redirect_back, toast, undo
from portal.web.listing import read_page
from portal.web.listing.declaration import COUNT_CAP
from portal.web.navigation import section

bots = Blueprint("bots", __name__, url_prefix="/bots")
section(bots, _l("Bots"), "bot", Permission.BOTS_SEE)


@bots.get("")
@requires(Permission.BOTS_SEE)
def index() -> str:
    """The list, with a switch for each platform."""
    page = read_page(BOTS, request.args, url_for(".index"))
    return list_page(
        page,
        "bots/index.html",
        adapters=PLATFORMS,
        format_conversation_count=format_conversation_count,
        noteworthy=noteworthy,
    )


@bots.get("/export")
@requires(Permission.BOTS_SEE)
def export() -> Response:
    """The list as CSV."""
    return recorded_export(BOTS, request.args)


@bots.route("/new", methods=["GET", "POST"])
@requires(Permission.BOTS_EDIT)
def new() -> Response:
    """Add a bot."""
    form = BotForm()
    if form.accepted():
        bot = BotInstance(**form.values())
        bot.open()
        toast(_("%(name)s was added. Connect it to a platform next.", name=bot.name))
        return redirect_after_post(url_for(".show", bot_id=bot.id))
    return form_page("bots/new.html", form)


@bots.get("/<uuid:bot_id>")
@requires(Permission.BOTS_SEE)
def show(bot_id: UUID) -> str:
    """One bot: its platforms, its scenario, how much it is talked to."""
    summary = bot_summary(bot_id)
    platforms = platforms_of(summary.bot)
    return render_template(
        "bots/show.html",
        bot=summary.bot,
        summary=summary,
        conversation_count=format_conversation_count(summary.conversation_count, COUNT_CAP),
        cards=platform_cards(platforms),
        history=history_of(summary.bot, *platforms),
        status_of=status_of,
        note_of=note_of,
    )


@bots.route("/<uuid:bot_id>/edit", methods=["GET", "POST"])
@requires(Permission.BOTS_EDIT)
def edit(bot_id: UUID) -> Response:
    """Change name and description."""
    bot = get_or_404(BotInstance, bot_id)
    form = BotForm(obj=bot)
    if form.accepted():
        bot.edit(**form.values())
        toast(_("%(name)s was saved.", name=bot.name))
        return redirect_after_post(url_for(".show", bot_id=bot.id))
    return form_page("bots/edit.html", form, bot=bot)


@bots.post("/archival")
@requires(Permission.BOTS_EDIT)
def archive() -> Response:
    """Archive the chosen bots; they fall silent."""
    archived = [bot for bot in chosen_rows(BotInstance) if bot.archive()]
    follow_bots(archived)
    toast(
        ngettext(
            "%(num)s bot was archived and is silent now.",
            "%(num)s bots were archived and are silent now.",
            len(archived),
        ),
        **undo(url_for(".restore"), archived, {"_method": "DELETE"}),
    )
    return redirect_back(url_for(".index"))


@bots.delete("/archival")
@requires(Permission.BOTS_EDIT)
def restore() -> Response:
    """Restore the chosen bots; they answer again where they are switched on."""
    restored = [bot for bot in chosen_rows(BotInstance) if bot.restore()]
    follow_bots(restored)
    toast(
        ngettext("%(num)s bot was restored.", "%(num)s bots were restored.", len(restored)),
        **undo(url_for(".archive"), restored),
    )
    return redirect_back(url_for(".index"))
