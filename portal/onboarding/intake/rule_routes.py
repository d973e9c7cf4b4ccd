"""The page of a bot's staff record, for those who set the staff up."""

from uuid import UUID

from flask import Blueprint, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.onboarding.intake.models import BotIntakeRule
from portal.onboarding.intake.rule_page import RulePage
from portal.web.fragments import form_page, redirect_after_post, toast

intake_rules = Blueprint("intake_rules", __name__, url_prefix="/bots/<uuid:bot_id>/staff-record")


@intake_rules.route("", methods=["GET", "POST"])
@requires(Permission.STAFF_SET_UP)
def edit(bot_id: UUID) -> Response:
    """What pulls the trigger in the bot's conversations, and which answer fills which field."""
    page = RulePage(bot_id)
    form = page.form
    if form.accepted():
        BotIntakeRule.of(page.bot).declare(page.bot, **form.chosen())
        toast(_("The rule was saved."))
        return redirect_after_post(url_for("account.bots.show", bot_id=bot_id))
    return form_page("onboarding/rule.html", form, page=page)
