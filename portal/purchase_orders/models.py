"""Orders and their lines."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from flask import abort
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import CHAR, CheckConstraint, Index, String, Text, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.audit.lines import change_lines
from portal.audit.recording import acting_id, record_edit
from portal.catalogue.conversions import Conversions
from portal.catalogue.models import InventoryItem, MeasureUnit
from portal.catalogue.settings import SupplySettings
from portal.db.amounts import ExactNumber, Quantity
from portal.db.base import db, search_text
from portal.db.lines import Filled, Line
from portal.db.records import Record
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.states import MoveRefused
from portal.db.tables import place_key, table_args
from portal.db.types import EnumText
from portal.db.words import counted
from portal.purchase_orders.references import names_at, place_of, refuse_supplier, rows_of, weighed_units
from portal.purchase_orders.standing import Standing
from portal.purchase_orders.words import OrderStatus
from portal.suppliers.models import Supplier


class PurchaseOrder(
    Standing,
    Record,
    label=_l("Purchase order"),
    plural=_l("Orders"),
    add=_l("Add an order"),
    count=counted("%(num)s order", "%(num)s orders"),
    page="purchase_orders.show",
    fields={
        "closed_reason": _l("Why it was closed"),
        "currency": _l("Currency"),
        "delivery_date": _l("Delivered on"),
        "po_number": _l("Number"),
        "restaurant_id": _l("Restaurant"),
        "sent_at": _l("Sent"),
        "sent_by_id": _l("Sent by"),
        "sent_text": _l("What was sent"),
        "sent_to": _l("Sent to"),
        "status": _l("Status"),
        "user_id": _l("Added by"),
    },
):
    """What a store wants of a supplier. ``delivery_date`` is when the last of it came.

    ``sent_text`` is what the supplier was told last, ``None`` again once the order is another one than that;
    ``sent_to`` the address that it was mailed to.
    """

    __tablename__ = "purchase_order"
    __most__ = 500_000
    __restaurant_limit__ = RestaurantLimit("restaurant_id")
    __table_args__ = (
        *table_args(
            "purchase_order",
            references={
                "supplier_id": "supplier",
                "restaurant_id": "restaurant",
                "sent_by_id": "user",
                "user_id": "user",
            },
            listed_by=("expected_delivery_date", "created_at"),
            archivable=False,
        ),
        place_key(),
        UniqueConstraint("account_id", "po_number"),
        CheckConstraint(f"status IN {tuple(OrderStatus.words())}", name="status"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        Index("ix_purchase_order_store_id", "account_id", "restaurant_id", "store_id"),
        Index("ix_purchase_order_status", "account_id", "status", "expected_delivery_date", "id"),
    )

    supplier_id: Mapped[UUID]
    restaurant_id: Mapped[UUID]
    store_id: Mapped[UUID]
    status: Mapped[OrderStatus] = mapped_column(
        EnumText(OrderStatus), default=OrderStatus.DRAFT, server_default=OrderStatus.DRAFT
    )
    po_number: Mapped[str] = mapped_column(String(64))
    expected_delivery_date: Mapped[date | None]
    delivery_date: Mapped[date | None]
    currency: Mapped[str] = mapped_column(CHAR(3))
    notes: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[datetime | None]
    sent_by_id: Mapped[UUID | None]
    sent_to: Mapped[str | None]
    sent_text: Mapped[str | None] = mapped_column(Text)
    closed_reason: Mapped[str | None]
    user_id: Mapped[UUID | None]
    search_text: Mapped[str | None] = search_text("purchase_order", "po_number")

    supplier: Mapped[Supplier] = relationship(viewonly=True)

    @property
    def display_name(self) -> str:
        """Its number."""
        return self.po_number

    @property
    def lines(self) -> Sequence["PurchaseOrderItem"]:
        """Its lines in their order, as they are now."""
        query = select(PurchaseOrderItem).where(PurchaseOrderItem.purchase_order_id == self.id)
        in_order = query.order_by(PurchaseOrderItem.position, PurchaseOrderItem.id)
        return db.session.scalars(in_order, execution_options={"populate_existing": True}).all()

    def open(self, filled: Sequence[Filled] = ()) -> None:
        """Add it with its lines as a draft, under the chain's next number."""
        self.id = self.id or uuid4()
        self.restaurant_id = place_of(self.store_id).restaurant_id
        refuse_supplier(self.supplier_id)
        self.po_number, self.user_id = f"PO-{SupplySettings.next_order_number():04d}", acting_id()
        self.status = OrderStatus.DRAFT
        lines = [PurchaseOrderItem(id=uuid4(), purchase_order_id=self.id) for _line in filled]
        for position, (line, (_id, values)) in enumerate(zip(lines, filled, strict=True), start=1):
            line.fill(position, values)
        super().open()
        complete(lines, self.supplier_id)
        db.session.add_all(lines)
        db.session.flush()

    def change(self, filled: Sequence[Filled], **values: Any) -> None:
        """Make it what was filled in; one that was sent waits to be sent anew. Raises ``MoveRefused`` once it came."""
        self.hold()
        if not self.is_changeable or any(line.received_quantity for line in self.lines):
            raise MoveRefused(
                _("Something of %(name)s has come, or it has ended: it stays as it is.", name=self.po_number)
            )
        former, told = self.supplier_id, self._told()
        for name, value in values.items():
            setattr(self, name, value)
        self.restaurant_id = place_of(self.store_id).restaurant_id
        if self.supplier_id != former:
            refuse_supplier(self.supplier_id)
        lines = self.lines
        record_edit(self)
        change_lines(self, PurchaseOrderItem, lines, filled, purchase_order_id=self.id)
        db.session.flush()
        complete(self.lines, self.supplier_id)
        if self._told() != told:
            self.sent_text = None

    def _told(self) -> Any:
        """What a supplier is told of it."""
        head = (self.supplier_id, self.store_id, self.expected_delivery_date, self.notes)
        return head, [tuple(getattr(line, name) for name in line.__filled__) for line in self.lines]

    @property
    def is_changeable(self) -> bool:
        """Whether nothing of it has come, and it has not ended."""
        return self.status in (OrderStatus.DRAFT, OrderStatus.SENT)

    @property
    def needs_sending(self) -> bool:
        """Whether it is another one by now than what the supplier was told."""
        return self.is_awaited and self.sent_text is None

    def received(self) -> Sequence[bool | None]:
        """Of each line whether all of it was received, within the chain's tolerance; ``None``: nothing of it."""
        lines = self.lines
        weighed = weighed_units({line.unit_id for line in lines if line.received_quantity})
        settings = SupplySettings.current()
        return [line.is_received(settings.tolerance(is_weighed=line.unit_id in weighed)) for line in lines]


class PurchaseOrderItem(
    Line,
    label=_l("Line of an order"),
    plural=_l("Lines of orders"),
    count=counted("%(num)s line", "%(num)s lines"),
):
    """How much of an item; ``base_quantity`` is the same in its base unit, ``None`` where no conversion leads there.

    ``received_quantity``, in the unit of this line, is what was accepted of it: a trigger keeps it.
    """

    __tablename__ = "purchase_order_item"
    __filled__ = ("inventory_item_id", "quantity", "unit_id", "unit_price")
    __restaurant_limit__ = RestaurantLimit("purchase_order_id", parent=PurchaseOrder)
    __table_args__ = (
        *table_args(
            "purchase_order_item",
            references={
                "purchase_order_id": "purchase_order",
                "inventory_item_id": "inventory_item",
                "supplier_item_id": "supplier_item",
                "unit_id": "unit",
            },
            archivable=False,
            on_delete={"purchase_order_id": "CASCADE", "supplier_item_id": "SET NULL (supplier_item_id)"},
        ),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_price >= 0", name="unit_price"),
    )

    purchase_order_id: Mapped[UUID]
    position: Mapped[int]
    inventory_item_id: Mapped[UUID]
    supplier_item_id: Mapped[UUID | None]
    quantity: Mapped[Decimal] = mapped_column(Quantity())
    unit_id: Mapped[UUID]
    unit_price: Mapped[Decimal | None] = mapped_column(ExactNumber(16, 4))
    base_quantity: Mapped[Decimal | None] = mapped_column(Quantity(18, 6))
    received_quantity: Mapped[Decimal] = mapped_column(Quantity(), default=Decimal(), server_default=text("0"))

    @property
    def display_name(self) -> str:
        """What is ordered."""
        item = db.session.get(InventoryItem, self.inventory_item_id)
        return item.name if item is not None else ""

    def is_received(self, tolerance: Decimal) -> bool | None:
        """Whether all of it came, or all but so many per cent; ``None``: nothing came."""
        if not self.received_quantity:
            return None
        return self.received_quantity * 100 >= self.quantity * (100 - tolerance)

    @property
    def missing_quantity(self) -> Decimal:
        """What is still to come, in the unit of this line."""
        return max(self.quantity - self.received_quantity, Decimal())


def complete(lines: Sequence[PurchaseOrderItem], supplier_id: UUID) -> None:
    """Fill in what follows from the lines: how much each is in base units, and what the supplier calls it.

    404 where an item or a unit is not there.
    """
    items, units = {line.inventory_item_id for line in lines}, {line.unit_id for line in lines}
    if rows_of(InventoryItem, items).keys() != items or rows_of(MeasureUnit, units).keys() != units:
        abort(404)
    conversions, known = Conversions.of(items), names_at(supplier_id, items)
    for line in lines:
        line.base_quantity = conversions.to_base(line.inventory_item_id, line.quantity, line.unit_id)
        own = known.get((line.inventory_item_id, line.unit_id)) or known.get((line.inventory_item_id, None))
        line.supplier_item_id = own.id if own else None
