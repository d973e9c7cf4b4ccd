"""Pages of a bot's library."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.audit.history import history_of
from portal.bots.models import BotInstance
from portal.channels.linked_files import not_taken_by
from portal.extensions import csrf
from portal.media.attached import steps_by_key
from portal.media.bucket import BucketUnavailable
from portal.media.files import BotFile
from portal.media.forms import ContentForm, MediaForm, UploadForm
from portal.media.listing import MEDIA, not_sent
from portal.media.models import BotMedia, MediaKind
from portal.media.names import format_size
from portal.media.queries import find_media, keys_of
from portal.messengers.registry import PLATFORMS
from portal.records.routes import archivable_routes
from portal.scenarios.queries import live_version
from portal.tenancy.finding import get_or_404
from portal.web.error_pages import show as show_error
from portal.web.fragments import form_page, redirect_after_post, toast
from portal.web.stale_forms import demand_proof

media = Blueprint("media", __name__, url_prefix="/bots/<uuid:bot_id>/media")
archivable_routes(
    media,
    MEDIA,
    see=Permission.BOTS_SEE,
    edit=Permission.BOTS_EDIT,
    template="media/index.html",
    # Beside the library: what the live scenario looks for in vain.
    context=lambda page: {
        "wanted": not_sent(page.parent.live_source, page.parent.library),
        "read_kind": MediaKind.read,
        "format_size": format_size,
        "not_taken_by": not_taken_by,
    },
)
LARGEST_UPLOAD = 64 * 1024 * 1024


@media.before_request
def take_uploads() -> Response | None:
    """Let large bodies in, from those alone who may upload: the guards have been passed, nothing was read yet."""
    if request.mimetype == "multipart/form-data":
        request.max_content_length = LARGEST_UPLOAD
    return demand_proof()


@media.errorhandler(BucketUnavailable)
def wait_for_bucket(fault: BucketUnavailable) -> Response:
    """The files' store is away; nothing was changed."""
    return show_error(503, _("The files cannot be stored now"), _("Nothing was changed. Try again in a minute."))


@media.route("/new", methods=["GET", "POST"])
@requires(Permission.BOTS_EDIT)
@csrf.exempt
def new(bot_id: UUID) -> Response:
    """Upload files; ``key`` in the address is what a scenario calls the one that it lacks."""
    bot, taken = get_or_404(BotInstance, bot_id), keys_of(bot_id)
    form = UploadForm(taken, data={"key": request.args.get("key", "")})
    if not form.accepted():
        return form_page("media/new.html", form, bot=bot)
    added = [BotMedia.add(bot, upload, form.key.data, taken) for upload in form.uploads()]
    toast(ngettext("%(num)s file was added.", "%(num)s files were added.", len(added)))
    if len(added) == 1:
        return redirect_after_post(url_for(".show", bot_id=bot_id, media_id=added[0].id))
    return redirect_after_post(url_for(".index", bot_id=bot_id))


@media.get("/<uuid:media_id>")
@requires(Permission.BOTS_SEE)
def show(bot_id: UUID, media_id: UUID) -> str:
    """One file: what it is, how scenarios call it, where it is used."""
    file = find_media(bot_id, media_id)
    live = live_version(bot_id)
    return render_template(
        "media/show.html",
        media=file,
        live=live,
        steps=steps_by_key(live.document if live else None).get(file.key, []),
        history=history_of(file),
        format_size=format_size,
        messengers=PLATFORMS.values(),
    )


@media.route("/<uuid:media_id>/edit", methods=["GET", "POST"])
@requires(Permission.BOTS_EDIT)
def edit(bot_id: UUID, media_id: UUID) -> Response:
    """Change name, key and description."""
    file = find_media(bot_id, media_id)
    form = MediaForm(keys_of(bot_id) - {file.key}, obj=file)
    if form.accepted():
        file.edit(**form.values())
        toast(_("%(name)s was saved.", name=file.name))
        return redirect_after_post(url_for(".show", bot_id=bot_id, media_id=media_id))
    return form_page("media/edit.html", form, media=file)


@media.route("/<uuid:media_id>/content", methods=["GET", "POST"])
@requires(Permission.BOTS_EDIT)
@csrf.exempt
def replace(bot_id: UUID, media_id: UUID) -> Response:
    """Put another content under the same key."""
    file = find_media(bot_id, media_id)
    form = ContentForm()
    if form.accepted():
        content, file_type = form.upload.data, form.upload.file_type
        file.replace(BotFile.store(content, file_type.content_type), file_type)
        toast(_("%(name)s has a new content. It is sent from now on.", name=file.name))
        return redirect_after_post(url_for(".show", bot_id=bot_id, media_id=media_id))
    return form_page("media/replace.html", form, media=file)
