"""Pages of notes."""

from uuid import UUID

from flask import Blueprint
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.booking_notes.forms import BookingNoteForm
from portal.booking_notes.models import BookingNote
from portal.records.pages import added, record_form, record_page, saved
from portal.records.routes import archivable_routes
from portal.tenancy.finding import get_or_404
from portal.web.listing import record_list

SEE, EDIT = Permission.RESTAURANTS_SEE, Permission.RESTAURANTS_EDIT
NOTES = record_list(
    "booking_notes",
    BookingNote,
    ["name", "restaurant_id", "text", "is_active", "updated_at"],
    search_label=_l("Search by name or text"),
    empty_text=_l("Write down what a guest asks for."),
)
booking_notes = Blueprint("booking_notes", __name__, url_prefix="/booking-notes")
archivable_routes(booking_notes, NOTES, see=SEE, edit=EDIT)


@booking_notes.route("/new", methods=["GET", "POST"])
@requires(EDIT)
def new() -> Response:
    """Add a note."""
    form = BookingNoteForm()
    if form.accepted():
        note = BookingNote(**form.values())
        note.open()
        return added(note)
    return record_form(form)


@booking_notes.get("/<uuid:booking_note_id>")
@requires(SEE)
def show(booking_note_id: UUID) -> str:
    """One note."""
    return record_page(get_or_404(BookingNote, booking_note_id), ["restaurant_id", "text"], EDIT)


@booking_notes.route("/<uuid:booking_note_id>/edit", methods=["GET", "POST"])
@requires(EDIT)
def edit(booking_note_id: UUID) -> Response:
    """Change a note."""
    note = get_or_404(BookingNote, booking_note_id)
    form = BookingNoteForm(obj=note)
    if form.accepted():
        note.edit(**form.values())
        return saved(note)
    return record_form(form, note)
