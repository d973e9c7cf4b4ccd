"""What is held about one guest: shown, handed out, erased."""

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import asks_again, asks_again_if, requires
from portal.access.permissions import Permission
from portal.conversations.queries import find_conversation
from portal.media.bucket import BucketUnavailable
from portal.privacy.export import packed
from portal.privacy.forms import ErasureForm
from portal.privacy.guest import Guest
from portal.web.costly import costly
from portal.web.error_pages import show as show_error
from portal.web.fragments import form_page, redirect_after_post, toast
from portal.web.listing.declaration import format_count
from portal.web.proofs import shows_form

guests = Blueprint("guests", __name__, url_prefix="/bots/<uuid:bot_id>/dialogs/<uuid:dialog_id>/guest")


@guests.errorhandler(BucketUnavailable)
def wait_for_bucket(fault: BucketUnavailable) -> Response:
    """The files' store is away."""
    current_app.logger.warning("the bucket does not hand out a guest's files: %s", fault)
    return show_error(503)


@guests.get("")
@requires(Permission.DIALOGS_ERASE)
def show(bot_id: UUID, dialog_id: UUID) -> Response:
    """How much there is, and the ways to have it and to erase it."""
    guest = Guest(find_conversation(bot_id, dialog_id))
    form = ErasureForm(guest.chat_id, formdata=None)
    return form_page("privacy/guest.html", form, **told(guest))


@guests.get("/export")
@requires(Permission.DIALOGS_ERASE)
@costly
@asks_again_if(on_reading=True)
def export(bot_id: UUID, dialog_id: UUID) -> Response:
    """All of it in one archive."""
    conversation = find_conversation(bot_id, dialog_id)
    archive = packed(Guest(conversation))
    return send_file(archive, "application/zip", as_attachment=True, download_name=f"guest-{dialog_id}.zip")


@guests.delete("")
@requires(Permission.DIALOGS_ERASE)
@asks_again
@shows_form
def erase(bot_id: UUID, dialog_id: UUID) -> Response:
    """Erase the guest, once the chat was typed."""
    guest = Guest(find_conversation(bot_id, dialog_id))
    form = ErasureForm(guest.chat_id)
    if form.accepted():
        guest.erase()
        toast(_("All that was held about this guest was erased."))
        return redirect_after_post(url_for("account.bot_conversations.index", bot_id=bot_id))
    return form_page("privacy/guest.html", form, **told(guest))


def told(guest: Guest) -> dict[str, Any]:
    """What the page says of them."""
    return {"guest": guest, "counts": guest.counts(), "format_count": format_count}
