"""Pages of legal entities."""

from uuid import UUID

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.audit.history import history_of
from portal.iiko.sync.sides import Side, pin_note
from portal.legal_entities.forms import LegalEntityForm
from portal.legal_entities.listing import LEGAL_ENTITIES
from portal.legal_entities.models import LegalEntity
from portal.legal_entities.queries import restaurants_of
from portal.records.pages import added, record_form, saved
from portal.records.routes import archivable_routes
from portal.tenancy.finding import get_or_404, require_whole_account

legal_entities = Blueprint("legal_entities", __name__, url_prefix="/legal-entities")
SEE, EDIT = Permission.RESTAURANTS_SEE, Permission.RESTAURANTS_EDIT
archivable_routes(legal_entities, LEGAL_ENTITIES, see=SEE, edit=EDIT, whole_account=True)


@legal_entities.route("/new", methods=["GET", "POST"])
@requires(EDIT)
def new() -> Response:
    """Add a legal entity."""
    require_whole_account()
    form = LegalEntityForm()
    if form.accepted():
        entity = LegalEntity(**form.values())
        entity.open()
        return added(entity)
    return record_form(form)


@legal_entities.get("/<uuid:legal_entity_id>")
@requires(SEE)
def show(legal_entity_id: UUID) -> str:
    """One legal entity, its restaurants and its latest changes."""
    entity = get_or_404(LegalEntity, legal_entity_id)
    return render_template(
        "legal_entities/show.html",
        entity=entity,
        side=Side.of(entity),
        restaurants=restaurants_of(entity.id),
        history=history_of(entity),
    )


@legal_entities.route("/<uuid:legal_entity_id>/edit", methods=["GET", "POST"])
@requires(EDIT)
def edit(legal_entity_id: UUID) -> Response:
    """Change a legal entity."""
    entity = get_or_404(LegalEntity, legal_entity_id)
    form = LegalEntityForm(obj=entity)
    if form.accepted():
        entity.edit(**form.values())
        return saved(entity)
    return record_form(form, entity, note=pin_note(entity))
