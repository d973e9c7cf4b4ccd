"""Pages of bots."""

from uuid import UUID

from flask import Blueprint, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.audit.history import history_of
from portal.bots.forms import BotForm
from portal.bots.listing import BOTS, format_conversation_count
from portal.bots.models import BotInstance
from portal.bots.page import bot_summary, platform_cards, platforms_of, question_before_archival
from portal.channels.report import report_on
from portal.channels.status import Standing, in_order
from portal.channels.switch import follow_bots
from portal.messengers.registry import PLATFORMS
from portal.records.pages import added, record_form, saved
from portal.records.routes import archivable_routes
from portal.tenancy.finding import get_or_404
from portal.web.listing.declaration import COUNT_CAP

bots = Blueprint("bots", __name__, url_prefix="/bots")
archivable_routes(
    bots,
    BOTS,
    see=Permission.BOTS_SEE,
    edit=Permission.BOTS_EDIT,
    template="bots/index.html",
    context=lambda _page: {
        "adapters": PLATFORMS,
        "format_conversation_count": format_conversation_count,
        "standings": in_order,
    },
    # Archived they fall silent; restored they answer again where they are switched on.
    changed=follow_bots,
    question=question_before_archival,
)


@bots.route("/new", methods=["GET", "POST"])
@requires(Permission.BOTS_EDIT)
def new() -> Response:
    """Add a bot."""
    form = BotForm()
    if form.accepted():
        bot = BotInstance(**form.values())
        bot.open()
        return added(bot, _("%(name)s was added. Connect it to a platform next.", name=bot.name))
    return record_form(form)


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
        report_on=report_on,
        standing_of=Standing.of,
    )


@bots.route("/<uuid:bot_id>/edit", methods=["GET", "POST"])
@requires(Permission.BOTS_EDIT)
def edit(bot_id: UUID) -> Response:
    """Change name and description."""
    bot = get_or_404(BotInstance, bot_id)
    form = BotForm(obj=bot)
    if form.accepted():
        bot.edit(**form.values())
        return saved(bot)
    return record_form(form, bot)
