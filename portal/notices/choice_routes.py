"""The page of a person's profile where they choose which notices come by mail."""

from flask import Blueprint, abort, current_app, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.access.guards import signed_in
from portal.access.permissions import ROLE_GRANTS
from portal.auth.profile_routes import stand_in_own_chain
from portal.notices.forms import MailChoiceForm
from portal.notices.kinds import kinds_for
from portal.notices.queries import choose_mails, mailed_kinds
from portal.web.fragments import form_page, redirect_after_post, toast

notice_choices = Blueprint("notice_choices", __name__, url_prefix="/profile/notices")
notice_choices.before_request(stand_in_own_chain)


@notice_choices.route("", methods=["GET", "POST"])
@signed_in
def edit() -> Response:
    """Which kinds come by mail, of those that the person is told of at all."""
    if current_user.is_superuser:
        abort(404)
    offered = [kind for kind in kinds_for(ROLE_GRANTS[current_user.role]) if not kind.is_grave]
    form = MailChoiceForm(offered, kinds=mailed_kinds(current_user))
    if form.accepted():
        choose_mails(current_user, form.kinds.data or [])
        toast(_("Your choice was saved."))
        return redirect_after_post(url_for("profile.show"))
    return form_page("notices/choices.html", form, has_mail=current_app.config["PORTAL"].mail is not None)
