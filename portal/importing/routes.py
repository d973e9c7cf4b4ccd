"""Pages of importing: one set for each entity that declares an import."""

from collections.abc import Callable
from functools import partial, update_wrapper
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.accounts.export import recorded_export
from portal.extensions import csrf
from portal.importing import import_page
from portal.importing.application import apply_import, begin_import, set_columns, undo_import
from portal.importing.columns import describe
from portal.importing.declaration import Importer
from portal.importing.forms import ApplicationForm, UploadForm, columns_form
from portal.importing.listing import IMPORT_ROWS
from portal.importing.queries import find_import, past_imports
from portal.importing.template_file import template_file
from portal.importing.verdicts import Outcome
from portal.web.costly import costly, take_place
from portal.web.fragments import form_page, list_page, redirect_after_post, toast
from portal.web.listing import read_page
from portal.web.stale_forms import demand_proof

MAX_UPLOAD_BYTES = 12 * 1024 * 1024


def index(importer: Importer) -> Response:
    """Choose a file or paste rows; below, what was imported before."""
    if request.method == "POST":
        take_place()
    form = UploadForm()
    if form.accepted():
        batch = begin_import(importer, form.table, form.file_name)
        return redirect_after_post(url_for(".show", import_id=batch.id))
    past = [(url_for(".show", import_id=batch.id), batch) for batch in past_imports(importer)]
    return form_page("importing/index.html", form, importer=importer, past=past)


def template(importer: Importer) -> Response:
    """An empty table with the names of the columns."""
    return template_file(importer)


def show(importer: Importer, import_id: UUID) -> str | Response:
    """Every row with its verdict; after the import, with what came of it."""
    batch = find_import(importer, import_id)
    if not batch.knows(importer.match):
        return redirect_after_post(url_for(".columns", import_id=import_id))
    page = read_page(IMPORT_ROWS, request.args, url_for(".show", import_id=import_id), import_id)
    return list_page(page, "importing/rows/index.html", **import_page.context(importer, batch, page))


def export(importer: Importer, import_id: UUID) -> Response:
    """The rows with their verdicts and reasons as CSV."""
    batch = find_import(importer, import_id)
    return recorded_export(IMPORT_ROWS, request.args, batch.id)


def columns(importer: Importer, import_id: UUID) -> Response:
    """Say what each column of the file is."""
    batch = find_import(importer, import_id)
    if not batch.is_preview:
        abort(409)
    form = columns_form(importer, batch)
    if form.accepted():
        told = describe(batch.grid, form.heading_row.data)
        for column, field in zip(told, form.chosen(), strict=True):
            column.field = field
        set_columns(importer, batch, form.heading_row.data, told)
        return redirect_after_post(url_for(".show", import_id=import_id))
    return form_page("importing/columns.html", form, importer=importer, batch=batch)


def apply(importer: Importer, import_id: UUID) -> Response:
    """Write what the preview told; rows that cannot be taken are left out where the person says so."""
    batch = find_import(importer, import_id)
    here = url_for(".show", import_id=import_id)
    if batch.is_preview and batch.refused and not ApplicationForm().leave_out.data:
        toast(_("Some rows cannot be taken. Mend the file, or tick that they are left out."), tone="warn")
        return redirect_after_post(here)
    if batch.is_preview and not batch.usable:
        abort(409)
    done = apply_import(importer, batch)
    import_page.tell_application(batch, done, url_for(".undo", import_id=import_id))
    is_whole = done and not batch.count(Outcome.STALE)
    return redirect_after_post(url_for(f"account.{importer.listing.name}.index") if is_whole else here)


def undo(importer: Importer, import_id: UUID) -> Response:
    """Take back what was written, where nobody has touched it since."""
    batch = find_import(importer, import_id)
    import_page.tell_undoing(batch, undo_import(importer, batch))
    return redirect_after_post(url_for(".show", import_id=import_id))


def discard(importer: Importer, import_id: UUID) -> Response:
    """Forget a preview."""
    batch = find_import(importer, import_id)
    if not batch.is_preview:
        abort(409)
    batch.discard()
    toast(_("The preview was discarded. Nothing was imported."))
    return redirect_after_post(url_for(".index"))


# Judging and writing thousands of rows takes long; so does reading the file, for which ``index`` asks by itself.
COSTLY = (show, export, columns, apply, undo)

VIEWS: tuple[tuple[str, Callable[..., Any], tuple[str, ...]], ...] = (
    ("", index, ("GET", "POST")),
    ("/template", template, ("GET",)),
    ("/<uuid:import_id>", show, ("GET",)),
    ("/<uuid:import_id>", discard, ("DELETE",)),
    ("/<uuid:import_id>/columns", columns, ("GET", "POST")),
    ("/<uuid:import_id>/export", export, ("GET",)),
    ("/<uuid:import_id>/application", apply, ("POST",)),
    ("/<uuid:import_id>/application", undo, ("DELETE",)),
)


def import_pages(importer: Importer) -> Blueprint:
    """The pages of one import, for those who may edit the entity's rows."""
    pages = Blueprint(
        f"{importer.entity.__tablename__}_imports", __name__, url_prefix=f"/{importer.listing.name}/imports"
    )
    for rule, view, methods in VIEWS:
        shown = costly(view) if view in COSTLY else view
        bound = update_wrapper(partial(shown, importer), shown)
        pages.add_url_rule(rule, view.__name__, requires(importer.permission)(bound), methods=list(methods))
    pages.before_request(take_uploads)
    csrf.exempt(pages)
    return pages


def take_uploads() -> Response | None:
    """Let large bodies in, from those alone who may import: the guards have been passed, nothing was read yet."""
    if request.mimetype == "multipart/form-data":
        request.max_content_length = MAX_UPLOAD_BYTES
    return demand_proof()
