"""Writing to a person through the bot."""

from uuid import UUID

from flask import Blueprint, abort, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.onboarding.messages.forms import WritingForm
from portal.onboarding.messages.message_page import MessagesOf
from portal.onboarding.messages.telling import write_to
from portal.staff.queries import member_or_404
from portal.web.fragments import form_page, redirect_after_post, toast

staff_messages = Blueprint("staff_messages", __name__, url_prefix="/staff/<uuid:staff_member_id>/messages")


@staff_messages.route("/new", methods=["GET", "POST"])
@requires(Permission.STAFF_EDIT)
def new(staff_member_id: UUID) -> Response:
    """Write; the bot tells it as soon as it may."""
    member = member_or_404(staff_member_id)
    messages, here = MessagesOf.of(member), url_for("account.staff.show", staff_member_id=member.id)
    if not messages.may_write:
        abort(404)
    form = WritingForm()
    if form.accepted():
        write_to(member, form.text.data or "")
        toast(_("The bot tells it to %(name)s as soon as it may.", name=member.display_name))
        return redirect_after_post(f"{here}#messages")
    return form_page("onboarding/message.html", form, member=member, messages=messages, here=here)
