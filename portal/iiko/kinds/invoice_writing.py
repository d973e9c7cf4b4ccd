"""Invoices from iiko, written as papers: entered in bulk, changed one by one, taken back and brought back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from portal.accounts.models import Account
from portal.catalogue.models import InventoryItem, ItemUnit
from portal.db.amounts import rounded
from portal.db.base import db
from portal.iiko.kinds.invoice_lines import is_goods, total_of
from portal.iiko.kinds.packs import count_of
from portal.iiko.kinds.products import PRODUCTS
from portal.iiko.kinds.stores import STORES
from portal.iiko.kinds.suppliers import SUPPLIERS
from portal.iiko.kinds.units import UNITS
from portal.iiko.sync.models import IikoAction, IikoLink
from portal.iiko.sync.standing import stand_synced
from portal.iiko.sync.writing import KindWriter, Places, Written
from portal.invoices.changing import change, paper_of, restore
from portal.invoices.entering import enter_all
from portal.invoices.models import Invoice, InvoiceStatus
from portal.invoices.paper import Paper, PaperLine
from portal.invoices.queries import lines_of
from portal.users.chain import chain_language

QUANTITY_DECIMALS, PRICE_DECIMALS, BASE_DECIMALS = 4, 4, 6
# So far a packing's price may be from the sum and still be that of what was bought.
NEAR = Decimal("0.05")
ONE = Decimal(1)
LINES_AT_ONCE = 800
Entered: TypeAlias = tuple[IikoAction, Paper]
# What of a paper each field is.
OF_PAPER = {
    "invoice_number": ("number",),
    "invoice_date": ("invoice_date",),
    "due_date": ("due_date",),
    "supplier_id": ("supplier_id",),
    "store_id": ("store_id",),
    "lines": ("lines", "kind"),
}


class Packings:
    """The packs that the lines of some papers are in, as they stand here."""

    def __init__(self, items: Mapping[str, InventoryItem]) -> None:
        self._rows: dict[UUID, list[ItemUnit]] = {item.id: [] for item in items.values()}
        query = select(ItemUnit).where(ItemUnit.inventory_item_id.in_(self._rows))
        for row in db.session.scalars(query.order_by(ItemUnit.id)):
            self._rows[row.inventory_item_id].append(row)
        told = select(IikoLink.iiko_values["packs"]).where(
            IikoLink.kind == PRODUCTS.key, IikoLink.iiko_id.in_(items.keys())
        )
        self._counts = {
            pack["id"]: Decimal(pack["count"]) for packs in db.session.scalars(told) for pack in packs or ()
        }

    def find(self, item: InventoryItem, pack_id: str | None) -> tuple[UUID, Decimal] | None:
        """The unit of a packing of iiko's, and how many base units are in one."""
        count = self._counts.get(pack_id or "")
        if count is None:
            return None
        for row in self._rows.get(item.id, ()):
            if count_of(row, item.default_unit_id) == count:
                is_turned = row.from_unit_id == item.default_unit_id
                return (row.to_unit_id if is_turned else row.from_unit_id), count
        return None


class PaperMaker:
    """Makes papers of what is kept of iiko's invoices."""

    def __init__(self, actions: Sequence[IikoAction], places: Places) -> None:
        self.places = places
        ids = {line["product"] for each in actions for line in each.iiko_values.get("lines") or () if line["product"]}
        self.items = {iiko_id: item for iiko_id in ids if (item := places.row(PRODUCTS.key, iiko_id)) is not None}
        self.packings = Packings(self.items)
        self.currency = Account.current().currency

    def paper(self, action: IikoAction) -> Paper | None:
        """The paper; ``None`` where its supplier or its store is not here."""
        told = action.iiko_values
        supplier = self.places.row(SUPPLIERS.key, _id(told.get("supplier_id")))
        store = self.places.row(STORES.key, _id(told.get("store_id")))
        if supplier is None or store is None:
            return None
        lines = told.get("lines") or []
        return Paper(
            supplier_id=supplier.id,
            store_id=store.id,
            number=told["invoice_number"] or "",
            invoice_date=date.fromisoformat(told["invoice_date"]),
            due_date=date.fromisoformat(told["due_date"]) if told["due_date"] else None,
            kind="credit_note" if total_of(lines) < 0 else "invoice",
            currency=self.currency,
            prices_include_vat=True,
            stated_total=None,
            lines=tuple(self._line(place, line) for place, line in enumerate(lines, 1)),
            source="iiko",
            iiko_id=action.iiko_id,
        )

    def _line(self, place: int, line: Mapping[str, Any]) -> PaperLine:
        item = self.items.get(line["product"] or "") if is_goods(line) else None
        amount, total = Decimal(line["amount"]), Decimal(line["sum"])
        common: dict[str, Any] = {
            "description": item.name if item else _name(place, line),
            "line_total": total,
            "discount": Decimal(line["discount"]),
            "vat_rate": Decimal(line["rate"]) if line["rate"] is not None else None,
            "vat_amount": Decimal(line["vat"]),
            "item_id": item.id if item else None,
            "supplier_sku": line["sku"],
        }
        if not is_goods(line) or not rounded(amount, QUANTITY_DECIMALS):
            # A sum alone: freight, or goods of which next to nothing came.
            return PaperLine(quantity=ONE, unit_id=None, unit_price=total, **{**common, "item_id": None})
        return PaperLine(**self._measures(line, item, amount, total), **common)

    def _measures(
        self, line: Mapping[str, Any], item: InventoryItem | None, amount: Decimal, total: Decimal
    ) -> dict[str, Any]:
        """Quantity, unit and price: of packs where the paper was in such, else of base units."""
        unit = self.places.row(UNITS.key, line["unit"])
        unit_id = unit.id if unit is not None else None
        # In the unit that ours is counted in; where iiko's is another one by now nothing is known of it.
        is_base = item is not None and (line["unit"] is None or unit_id == item.default_unit_id)
        pack = self.packings.find(item, line["pack"]) if item is not None and is_base else None
        price, count = Decimal(line["price"]), pack[1] if pack is not None else ONE
        packs = rounded(amount / count, QUANTITY_DECIMALS)
        if pack is not None and (packs * count != amount or abs(packs * price - total) > NEAR):
            pack, count, packs = None, ONE, rounded(amount, QUANTITY_DECIMALS)
        return {
            "quantity": packs,
            "unit_id": pack[0] if pack else item.default_unit_id if item is not None and is_base else unit_id,
            "unit_price": rounded(price if pack else total / amount, PRICE_DECIMALS),
            "accepted_quantity": rounded(Decimal(line["accepted"]) / count, QUANTITY_DECIMALS),
            "base_quantity": rounded(amount, BASE_DECIMALS) if is_base else None,
        }


def _id(value: Any) -> str | None:
    return value["id"] if isinstance(value, dict) else None


def _name(place: int, line: Mapping[str, Any]) -> str:
    """What a line is called whose product is not here: there is nothing else to know it by."""
    return " · ".join(each for each in (f"№ {place}", line["article"], line["sku"]) if each)


def by_lines(papers: Iterable[Entered]) -> Iterator[list[Entered]]:
    """Some at a time: what their lines make of statements, and take of memory, is bounded so."""
    some: list[Entered] = []
    count = 0
    for each in papers:
        lines = len(each[1].lines)
        if some and count + lines > LINES_AT_ONCE:
            yield some
            some, count = [], 0
        some.append(each)
        count += lines
    if some:
        yield some


class InvoiceWriter(KindWriter):
    """Writes invoices: what stands in iiko is entered, whatever it looks like; an exception asks afterwards."""

    def _make_all(self, actions: Sequence[IikoAction], places: Places) -> list[Written]:
        maker = PaperMaker(actions, places)
        papers = [(action, paper) for action in actions if (paper := maker.paper(action)) is not None]
        made: list[Written] = []
        for is_draft in (False, True):
            own = [each for each in papers if (each[0].iiko_values["status"] == InvoiceStatus.DRAFT.value) is is_draft]
            for some in by_lines(own):
                entered = enter_all([paper for _action, paper in some], as_draft=is_draft)
                made += [(action, invoice) for (action, _paper), invoice in zip(some, entered, strict=True)]
        for action, invoice in made:
            stand_synced(invoice, action.iiko_id, self.run.read_at)
        return made

    def _change(self, action: IikoAction, row: Invoice, places: Places) -> bool:
        paper = PaperMaker([action], places).paper(action) if "lines" in action.iiko_values else None
        if paper is None and "lines" in action.iiko_values:
            return False
        self._follow(row, action, paper)
        stand_synced(row, action.iiko_id, self.run.read_at)
        return True

    def _follow(self, row: Invoice, action: IikoAction, paper: Paper | None) -> None:
        """Bring an invoice to what iiko says; one that a person cancelled stays so."""
        theirs, is_out = action.iiko_values["status"], row.status is InvoiceStatus.CANCELLED
        if theirs == InvoiceStatus.CANCELLED.value:
            row.cancel(_in_chain_language("deleted"))
        elif theirs == InvoiceStatus.DRAFT.value and row.status in (InvoiceStatus.ACTIVE, InvoiceStatus.PAID):
            row.cancel(_in_chain_language("withdrawn"))
        elif is_out and theirs == InvoiceStatus.ACTIVE.value and row.cancelled_by_id is None:
            restore(row)
            is_out = False
        if paper is not None and not is_out and row.status is not InvoiceStatus.CANCELLED:
            self._take(row, action, paper, as_draft=theirs == InvoiceStatus.DRAFT.value)

    @staticmethod
    def _take(row: Invoice, action: IikoAction, paper: Paper, *, as_draft: bool) -> None:
        """What changes of the paper; what a person keeps as they typed it is no change."""
        changed = [name for key, names in OF_PAPER.items() if key in action.changes for name in names]
        if changed or "status" in action.changes:
            ours = paper_of(row, lines_of([row.id])[row.id])
            change(row, replace(ours, **{name: getattr(paper, name) for name in changed}), as_draft=as_draft)


def _in_chain_language(word: str) -> str:
    """Why iiko took a paper out of the books, as it is kept."""
    with force_locale(chain_language()):
        return {"deleted": _("Deleted in iiko."), "withdrawn": _("Not posted in iiko any more.")}[word]
