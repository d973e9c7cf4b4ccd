"""Pages of the audit log."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.accounts.export import recorded_export
from portal.audit.fields import changes_in_words, differences, entity_label
from portal.audit.listing import AUDIT, deeds_of_visit, offer_people
from portal.audit.models import Action, AuditEvent
from portal.tenancy.finding import get_or_404
from portal.web.costly import costly, take_place
from portal.web.fragments import list_page
from portal.web.listing import read_page
from portal.web.navigation import page_base, page_of, section

audit = Blueprint("audit", __name__, url_prefix="/audit")
section(audit, _l("Audit log"), "history", Permission.AUDIT_SEE)


@audit.get("")
@requires(Permission.AUDIT_SEE)
def index() -> str:
    """The log, the newest first."""
    if request.args.get("q"):
        take_place()
    page = read_page(AUDIT, request.args, url_for(".index"))
    offer_people(page)
    words = {"changes_in_words": changes_in_words, "entity_label": entity_label, "action_of": Action.read}
    bases = {table: page_base(table) for table in {row.entity for row in page.rows}}
    return list_page(page, "audit/index.html", page_bases=bases, **words)


@audit.get("/export")
@requires(Permission.AUDIT_SEE)
@costly
def export() -> Response:
    """The log as CSV."""
    return recorded_export(AUDIT, request.args)


@audit.get("/<uuid:event_id>")
@requires(Permission.AUDIT_SEE)
def show(event_id: UUID) -> str:
    """One line: what was before and after, and what else was done in the same visit."""
    event = get_or_404(AuditEvent, event_id)
    return render_template(
        "audit/show.html",
        event=event,
        differences=differences(event),
        deeds=deeds_of_visit(event),
        entity_label=entity_label,
        changes_in_words=changes_in_words,
        page_url=page_of(event.entity, event.entity_id),
    )
