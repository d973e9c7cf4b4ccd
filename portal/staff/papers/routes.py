"""Pages of papers: adding one, checking it, its file."""

from uuid import UUID

from flask import Blueprint, abort, current_app, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.extensions import csrf
from portal.media.bucket import BucketUnavailable
from portal.media.handing_out import handed_out
from portal.media.queries import called
from portal.staff.models import StaffMember
from portal.staff.papers.forms import NewPaperForm, PaperForm, RefusalForm
from portal.staff.papers.looking import note_look
from portal.staff.papers.paper_page import accept_as_typed, add_paper, dates_of, page_of_new, page_of_paper, to_person
from portal.staff.papers.queries import SentFile, file_of_paper, paper_or_404, sent_file
from portal.staff.papers.verbs import refuse
from portal.staff.queries import member_or_404
from portal.web.error_pages import show as show_error
from portal.web.fragments import toast
from portal.web.proofs import shows_form
from portal.web.stale_forms import demand_proof
from portal.web.values import uuid_or_none

papers = Blueprint("papers", __name__, url_prefix="/staff")
SEE = Permission.STAFF_PRIVATE
LARGEST_UPLOAD = 64 * 1024 * 1024


@papers.before_request
def take_uploads() -> Response | None:
    """Let large bodies in, so that a form can say what is too large: the guards have been passed already."""
    if request.mimetype == "multipart/form-data":
        request.max_content_length = LARGEST_UPLOAD
    return demand_proof()


@papers.errorhandler(BucketUnavailable)
def wait_for_bucket(fault: BucketUnavailable) -> Response:
    """The files' store is away; nothing was changed."""
    current_app.logger.warning("the bucket does not serve a paper: %s", fault)
    return show_error(503)


@papers.route("/<uuid:staff_member_id>/papers/new", methods=["GET", "POST"])
@requires(SEE)
@csrf.exempt
def new(staff_member_id: UUID) -> Response:
    """Add a paper: a file of the person's chat (``message`` in the address), an upload, or one seen in the original."""
    member = member_or_404(staff_member_id)
    if member.erased_at is not None:
        abort(404)
    photo = _photo_of(member, request.args.get("message"))
    form = NewPaperForm(member, kind_id=uuid_or_none(request.args.get("kind")))
    if form.accepted():
        add_paper(member, form, photo)
        toast(_("%(name)s: the paper is noted.", name=member.display_name))
        return to_person(member.id)
    return dates_of(form) if form.is_reckoned else page_of_new(form, photo)


def _photo_of(member: StaffMember, message: str | None) -> SentFile | None:
    """The photo that the address names; 404 where it is none: the paper would count as seen in the original."""
    if not message:
        return None
    message_id = uuid_or_none(message)
    return (sent_file(member.id, message_id) if message_id else None) or abort(404)


@papers.route("/papers/<uuid:staff_document_id>", methods=["GET", "POST"])
@requires(SEE)
def show(staff_document_id: UUID) -> Response:
    """Check a paper: its photo beside what is read off it."""
    paper = paper_or_404(staff_document_id)
    looks = note_look(paper.document)
    form = PaperForm(paper.document.member, paper.document.kind, obj=paper.document)
    if form.accepted():
        accept_as_typed(paper.document, form)
        toast(_("%(name)s: the paper is accepted.", name=paper.document.member.display_name))
        return to_person(paper.document.staff_member_id)
    return dates_of(form) if form.is_reckoned else page_of_paper(paper, form, RefusalForm(), looks)


@papers.post("/papers/<uuid:staff_document_id>/refusal")
@requires(SEE)
@shows_form
def turn_down(staff_document_id: UUID) -> Response:
    """Refuse a paper, and say why."""
    paper = paper_or_404(staff_document_id)
    form = RefusalForm()
    if form.accepted():
        refuse(paper.document, form.reason.data or "")
        toast(_("%(name)s: the paper is refused.", name=paper.document.member.display_name))
        return to_person(paper.document.staff_member_id)
    own = PaperForm(paper.document.member, paper.document.kind, formdata=None, obj=paper.document)
    return page_of_paper(paper, own, form, note_look(paper.document))


@papers.get("/papers/<uuid:staff_document_id>/file")
@requires(SEE)
def file(staff_document_id: UUID) -> Response:
    """The photo or document of a paper, or a former one that came before it."""
    document, content = file_of_paper(staff_document_id, request.args.get("former", type=UUID))
    note_look(document)
    return handed_out(content, called(content))
