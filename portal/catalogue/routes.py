"""Pages of items and their packs."""

from uuid import UUID

from flask import Blueprint, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.audit.history import history_of
from portal.catalogue.forms import ItemForm, PacksForm
from portal.catalogue.item_page import ItemPage
from portal.catalogue.listing import ITEMS
from portal.catalogue.models import InventoryItem
from portal.catalogue.packs import change_packs, packs_of
from portal.iiko.sync.sides import Side, pin_note
from portal.records.pages import added, record_form, saved
from portal.records.routes import archivable_routes
from portal.tenancy.finding import get_or_404
from portal.web.fragments import document_page, form_page, redirect_after_post, toast
from portal.web.merging import will_save
from portal.web.navigation import page_of

items = Blueprint("items", __name__, url_prefix="/items")
SEE, EDIT, SET_UP = Permission.CATALOGUE_SEE, Permission.CATALOGUE_EDIT, Permission.CATALOGUE_SET_UP
archivable_routes(
    items,
    ITEMS,
    see=SEE,
    edit=SET_UP,
    add=EDIT,
    in_navigation=False,
    importable=True,
    template="items/index.html",
)


@items.route("/new", methods=["GET", "POST"])
@requires(EDIT)
def new() -> Response:
    """Add an item."""
    form = ItemForm()
    if form.accepted():
        item = InventoryItem(**form.values())
        item.open()
        return added(item)
    return record_form(form)


@items.get("/<uuid:inventory_item_id>")
@requires(SEE)
def show(inventory_item_id: UUID) -> str:
    """One item: what it costs and why, its packs, what suppliers call it, and its latest changes."""
    item = get_or_404(InventoryItem, inventory_item_id)
    return render_template(
        "items/show.html", item=item, page=ItemPage(item), side=Side.of(item), history=history_of(item)
    )


@items.route("/<uuid:inventory_item_id>/edit", methods=["GET", "POST"])
@requires(EDIT)
def edit(inventory_item_id: UUID) -> Response:
    """Change an item."""
    item = get_or_404(InventoryItem, inventory_item_id)
    form = ItemForm(obj=item)
    if form.accepted():
        item.edit(**form.values())
        return saved(item)
    return record_form(form, item, note=pin_note(item))


@items.route("/<uuid:inventory_item_id>/packs", methods=["GET", "POST"])
@requires(EDIT)
def packs(inventory_item_id: UUID) -> Response:
    """Change the packs as a whole; the buttons of their rows only show the list again."""
    item = get_or_404(InventoryItem, inventory_item_id)
    lines = packs_of(item, to_change=will_save())
    form = PacksForm(item, lines)
    if form.redrawn():
        return document_page(
            "items/packs.html", form, rows="items/_packs.html", amounts="items/_amounts.html", item=item
        )
    if form.accepted():
        change_packs(item, lines, form.lines.data)
        toast(_("The packs of %(name)s were saved. They count for papers from now on.", name=item.name))
        return redirect_after_post(page_of("inventory_item", item.id) or "")
    return form_page("items/packs.html", form, item=item)
