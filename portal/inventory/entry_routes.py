"""Writing off, and bringing to another store: one form with rows, with what the address names in it."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.inventory.booking import SentAlready
from portal.inventory.entry_line_page import lot_word
from portal.inventory.forms import EntryForm, TransferForm, WriteOffForm
from portal.inventory.lots import Lot
from portal.inventory.models import StockBalance
from portal.inventory.taking import transfer, write_off
from portal.invoices.naming_page import names
from portal.tenancy.finding import get_or_404
from portal.web.fragments import document_page, form_page, redirect_after_post, toast
from portal.web.navigation import belong_to
from portal.web.values import uuid_or_none

write_offs = Blueprint("write_offs", __name__, url_prefix="/stock/write-offs")
transfers = Blueprint("transfers", __name__, url_prefix="/stock/transfers")
for each in (write_offs, transfers):
    each.before_request(belong_to("supply"))
EDIT = Permission.STOCK_EDIT


@write_offs.route("/new", methods=["GET", "POST"])
@requires(EDIT)
def new() -> Response:
    """Write something off; ``store_id`` or ``stock_id`` (an item in a store) in the address fill the form in."""
    form = WriteOffForm(**_told())
    return _answer(form, lambda: _written_off(form), is_transfer=False)


@transfers.route("/new", methods=["GET", "POST"], endpoint="new")
@requires(EDIT)
def new_transfer() -> Response:
    """Bring something to another store; the same in the address."""
    form = TransferForm(**_told())
    return _answer(form, lambda: _transferred(form), is_transfer=True)


def _answer(form: EntryForm, keep: Callable[[], None], *, is_transfer: bool) -> Response:
    if form.redrawn():
        return document_page(
            "inventory/entry.html",
            form,
            rows="inventory/_entry_lines.html",
            amounts="inventory/_entry_amounts.html",
            is_transfer=is_transfer,
        )
    if form.accepted():
        try:
            keep()
        except SentAlready as sent:
            toast(str(sent.reason), tone="warn")
            return redirect_after_post(url_for("account.movements.show", stock_movement_id=sent.movement.id))
        return redirect_after_post(url_for("account.movements.index", store_id=form.store_id.data))
    return form_page("inventory/entry.html", form, is_transfer=is_transfer)


def _written_off(form: WriteOffForm) -> None:
    write_off(form.store_id.data, form.taken(), form.reason.data, **form.told)
    toast(_("It is written off."))


def _transferred(form: TransferForm) -> None:
    transfer(form.store_id.data, form.to_store_id.data, form.taken(), **form.told)
    toast(_("It is in the other store."))


def _told() -> dict[str, Any]:
    """What the address names; 404 where it names what is not there."""
    stock_id = request.args.get("stock_id")
    if not stock_id:
        return {"store_id": uuid_or_none(request.args.get("store_id"))}
    balance = get_or_404(StockBalance, uuid_or_none(stock_id) or abort(404))
    return {"store_id": balance.store_id, "begin": _row_of(balance)}


def _row_of(balance: StockBalance) -> dict[str, str]:
    item = names().item_of(balance.inventory_item_id)
    unit = names().unit_of(item.unit_id) if item else None
    lot = Lot(balance.lot_number, balance.expiry_date, balance.quantity)
    told = {"inventory_item_id": item.name if item else "", "unit_id": unit.name if unit else ""}
    is_offered = not lot.is_plain and lot.quantity > 0
    return told | ({"lot": lot_word(lot)} if is_offered else {})
