"""Handing out stored files: to those who may see a bot, and for a day to the platforms that fetch by address."""

from uuid import UUID

from flask import Blueprint, Response, abort, current_app, redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from portal.access.guards import public, requires
from portal.access.permissions import Permission
from portal.access.signing import signing_keys
from portal.access.viewer import may
from portal.accounts.models import Account
from portal.conversations.models import BotDialogState
from portal.db.base import db
from portal.media.bucket import BucketUnavailable
from portal.media.files import BotFile
from portal.media.handing_out import handed_out
from portal.media.outgoing import extension_of, read_token
from portal.media.queries import called, find_file
from portal.staff.papers.looking import note_look_in_chat
from portal.staff.papers.queries import paper_of_file
from portal.tenancy.scope import account_scope
from portal.web.error_pages import show as show_error

bot_files = Blueprint("bot_files", __name__, url_prefix="/bots/<uuid:bot_id>/files")
public_media = Blueprint("public_media", __name__, url_prefix="/media")


@bot_files.errorhandler(BucketUnavailable)
@public_media.errorhandler(BucketUnavailable)
def wait_for_bucket(fault: BucketUnavailable) -> BaseResponse:
    """The files' store is away."""
    current_app.logger.warning("the bucket does not hand out a file: %s", fault)
    return show_error(503)


@bot_files.get("/<uuid:file_id>")
@requires(Permission.BOTS_SEE)
def show(bot_id: UUID, file_id: UUID) -> BaseResponse:
    """A file of the bot: of its library, of its conversations, or its picture. A paper has an address of its own."""
    found = find_file(bot_id, file_id)
    if (paper := paper_of_file(file_id)) is not None:
        former = None if paper.is_current else file_id
        return redirect(url_for("account.papers.file", staff_document_id=paper.id, former=former))
    if found.paper_in is not None:
        may(Permission.STAFF_PRIVATE) or abort(403)
        note_look_in_chat(db.session.get_one(BotDialogState, found.paper_in))
    return handed_out(found.file, found.name)


@public_media.get("/<secret:token>.<word:extension>")
@public
def fetch(token: str, extension: str) -> BaseResponse:
    """A file whose sealed address somebody was given; 404 alike for whatever is wrong with it."""
    account_id, file_id = read_token(signing_keys(), token) or abort(404)
    with account_scope(account_id):
        file = db.session.get(BotFile, file_id)
        if file is None or extension != extension_of(file) or not db.session.get_one(Account, account_id).is_active:
            abort(404)
        return handed_out(file, called(file))


@public_media.after_request
def keep_address_secret(response: Response) -> Response:
    """The address is a secret: no other page is told of it."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
