"""Products: goods and what is prepared become items, each with its packings; dishes and services do not.

iiko, "API iikoServer", Products: ``mainUnit`` is the base unit, ``containers`` are packings of ``count`` base units.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, or_, select

from portal.catalogue.models import InventoryItem, ItemType, ItemUnit
from portal.catalogue.prices import ItemPrice
from portal.iiko.client.client import Answer
from portal.iiko.client.json_rows import BARE, JsonRow, rows
from portal.iiko.client.requests import GROUPS
from portal.iiko.client.requests import PRODUCTS as REQUEST
from portal.iiko.client.requests import UNITS as UNIT_REQUEST
from portal.iiko.client.rows import Row, RowError
from portal.iiko.kinds.packs import PackWriter
from portal.iiko.kinds.texts import MAX_NAME, fault_of_name, plain, stripped
from portal.iiko.kinds.units import UNITS, Unit, units_of
from portal.iiko.sync.kinds import (
    Compared,
    Kind,
    KindField,
    KindReading,
    Part,
    Parts,
    ReadRow,
    Ref,
    Unreadable,
    Value,
    declare,
)
from portal.iiko.sync.reasons import Reason
from portal.inventory.models import StockMovement, StocktakeItem
from portal.invoices.models import InvoiceItem
from portal.purchase_orders.models import PurchaseOrderItem

RATIO = ("from_unit_id", "to_unit_id", "from_quantity", "to_quantity")
TYPES = {"GOODS": ItemType.RAW_INGREDIENT, "PREPARED": ItemType.SEMI_FINISHED}


def read(answers: Mapping[str, Answer], reading: KindReading) -> Iterator[ReadRow | Unreadable]:
    """The products that are bought or prepared; the others are left out and counted."""
    units, groups = units_of(answers[UNIT_REQUEST.name]), _groups(answers[GROUPS.name])
    for row in rows(answers[REQUEST.name], (BARE,), reading):
        if isinstance(row, RowError):
            yield Unreadable(row.iiko_id, "", Reason.MALFORMED, row.details)
            continue
        try:
            yield _row(row, row.iiko_id or "", units, groups)
        except RowError as error:
            yield Unreadable(row.iiko_id, "", Reason.MALFORMED, error.details)


def _groups(answer: Answer) -> Mapping[str, str]:
    """The names of groups; one that cannot be read is no reason to leave its products out."""
    found = {}
    for row in rows(answer, (BARE,)):
        try:
            if isinstance(row, JsonRow) and (name := stripped(row.text("name"))):
                found[row.iiko_id or ""] = name[:MAX_NAME]
        except RowError:
            continue
    return found


def _row(row: Row, iiko_id: str, units: Mapping[str, Unit], groups: Mapping[str, str]) -> ReadRow | Unreadable:
    name, number, kind = (row.text("name") or "").strip(), stripped(row.text("num")), row.text("type")
    if kind not in TYPES:
        reason = Reason.TYPE if kind else Reason.UNTYPED
        return ReadRow(iiko_id, name, {}, reason, {"type": (kind or "")[:100]})
    if (fault := fault_of_name(iiko_id, name, number)) is not None:
        return fault
    values: dict[str, Value] = {
        "name": name,
        "sku": number,
        "category": groups.get(row.guid("parent") or ""),
        "item_type": TYPES[kind].value,
        "packs": Parts(tuple(_packs(row))),
    }
    unit = row.guid("mainUnit")
    if unit is None:
        return ReadRow(iiko_id, name, values, Reason.NO_UNIT)
    meant = units.get(unit, Unit(unit, ""))
    values["default_unit_id"] = Ref(UNITS.key, meant.iiko_id, meant.name)
    return ReadRow(iiko_id, name, values)


def _packs(row: Row) -> Iterator[Mapping[str, Any]]:
    """The packings, deleted ones among them: older papers name them. What holds nothing is none."""
    for each in row.children("containers"):
        pack_id, count = each.guid("id"), each.number("count")
        if pack_id is not None and count is not None and count > 0:
            name = (each.text("name") or "").strip()[:MAX_NAME]
            yield {"id": pack_id, "name": name, "count": plain(count), "is_deleted": each.flag("deleted") is True}


def packs_in_words(packs: Any) -> str:
    """Packings as people read them."""
    return "; ".join(f"{each['name']} = {each['count']}" for each in packs or () if not each["is_deleted"])


def has_history() -> ColumnElement[bool]:
    """Items whose base unit cannot change any more: papers, prices or stock are told in it."""
    told = (InvoiceItem, ItemPrice, PurchaseOrderItem, StockMovement, StocktakeItem)
    return or_(*(select(each.id).where(each.inventory_item_id == InventoryItem.id).exists() for each in told))


PRODUCTS = declare(
    Kind(
        key="products",
        label=_l("Products"),
        depends_on=(UNITS.key,),
        entity=InventoryItem,
        fields=(
            KindField("name", _l("Name")),
            KindField("sku", _l("Article")),
            KindField(
                "default_unit_id", _l("Unit"), refers_to=UNITS.key, is_required=True, is_key=True, is_binding=True
            ),
            KindField("category", _l("Category")),
            KindField("item_type", _l("Type"), words=ItemType, parse=ItemType),
            KindField("packs", _l("Packs"), is_part=True, compared=Compared.LAST, show=packs_in_words),
        ),
        requests=lambda run: (UNIT_REQUEST, GROUPS, REQUEST),
        read=read,
        alike=("name", "sku"),
        unique=("name", "sku"),
        used=has_history,
        in_use=Reason.COUNTED,
        parts=(Part(ItemUnit, "inventory_item_id", "packs", said=RATIO),),
        writer=PackWriter,
    )
)
