"""What comes in at the back doors of a demo chain: short, too much, too warm, sent back, and mostly as it should."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from portal.db.amounts import rounded
from portal.deliveries.models import Delivery
from portal.deliveries.receipt import Receipt, ReceivedLine
from portal.deliveries.receiving import receive, reverse
from portal.deliveries.returning import draft_credit_note
from portal.deliveries.words import RejectionReason
from portal.development.demo.goods import Shelf
from portal.development.demo.moments import Clock
from portal.invoices.arithmetic import vat_within
from portal.invoices.changing import change, paper_of
from portal.invoices.entering import enter_all
from portal.invoices.paper import Paper, PaperLine
from portal.invoices.queries import lines_of
from portal.purchase_orders.models import PurchaseOrder
from portal.stores.models import Store


class Deliveries:
    """The deliveries that have a story, by their keys in the plan."""

    def __init__(
        self, clock: Clock, shelf: Shelf, places: Mapping[str, Store], orders: Mapping[str, PurchaseOrder]
    ) -> None:
        self.clock, self.shelf, self.places, self.orders = clock, shelf, places, orders
        self.by_key: dict[str, Delivery] = {}

    def take_in(self, plan: dict[str, Any]) -> None:
        """Receive it as the cook at the door did, and take it back where that was a mistake."""
        order = self.orders[plan["order"]] if "order" in plan else None
        at = self.clock.morning(plan["ago"])
        with self.clock.done_by("chef", at):
            delivery = receive(order, self._receipt(plan, order))
            delivery.received_at = at
        self.by_key[plan["key"]] = delivery
        if "reversed" in plan:
            with self.clock.done_by(self.clock.head_of(delivery.restaurant_id), at + timedelta(hours=1)):
                reverse(delivery, plan["reversed"])
                delivery.reversed_at = at + timedelta(hours=1)

    def bill(self, plans: list[dict[str, Any]]) -> None:
        """Enter the suppliers' papers: each is compared with what was ordered and came."""
        billed = [plan for plan in plans if "billed" in plan]
        with self.clock.done_by("manager", self.clock.morning(0)):
            enter_all([self._paper(plan) for plan in billed])
        for plan in billed:
            if "credit" in plan:
                delivery = self.by_key[plan["key"]]
                by, at = self.clock.head_of(delivery.restaurant_id), self.clock.morning(plan["ago"] - 1)
                with self.clock.done_by(by, at):
                    self._credit(delivery, plan["credit"])

    def _receipt(self, plan: dict[str, Any], order: PurchaseOrder | None) -> Receipt:
        place: Any = order or self.places[plan["place"]]
        return Receipt(
            supplier_id=order.supplier_id if order else self.shelf.suppliers[plan["supplier"]].id,
            store_id=order.store_id if order else place.id,
            request_key=self.clock.chain.id_of("delivery", plan["key"]),
            lines=tuple(self._line(line) for line in plan["lines"]),
            received_at=self.clock.morning(plan["ago"]),
            paper_number=plan["number"],
            paper_date=self.clock.morning(plan["ago"]).date() if plan["number"] else None,
            note=plan.get("note"),
        )

    def _line(self, line: dict[str, Any]) -> ReceivedLine:
        goods = self.shelf.known[line["item"]]
        today = self.clock.today
        return ReceivedLine(
            item_id=goods.item_id,
            quantity=Decimal(line["quantity"]),
            unit_id=goods.unit_id,
            rejected=Decimal(line.get("rejected", "0")),
            rejection_reason=RejectionReason(line["reason"]) if "reason" in line else None,
            lot_number=line.get("lot"),
            expiry_date=today + timedelta(days=line["expires"]) if "expires" in line else None,
        )

    def _paper(self, plan: dict[str, Any]) -> Paper:
        """What the supplier asks for: what he brought, or what he says that he did."""
        delivery = self.by_key[plan["key"]]
        quantities = {line["item"]: line["quantity"] for line in plan["lines"]}
        quantities |= plan["billed"] if isinstance(plan["billed"], dict) else {}
        lines = tuple(self._paper_line(key, Decimal(quantity), plan["ago"]) for key, quantity in quantities.items())
        day = delivery.received_at.date()
        return Paper(
            supplier_id=delivery.supplier_id,
            store_id=delivery.store_id,
            number=plan["number"],
            invoice_date=day,
            due_date=day + timedelta(days=21),
            kind="invoice",
            currency="RUB",
            prices_include_vat=True,
            stated_total=sum((line.line_total for line in lines), Decimal()),
            lines=lines,
        )

    def _paper_line(self, key: str, quantity: Decimal, ago: int) -> PaperLine:
        goods = self.shelf.known[key]
        price, rate = goods.price(ago, self.shelf.story), goods.rate(self.shelf.day(ago))
        total = rounded(quantity * price)
        return PaperLine(
            description=goods.plan["called"],
            quantity=quantity,
            unit_id=goods.unit_id,
            unit_price=price,
            line_total=total,
            vat_rate=rate,
            vat_amount=vat_within(total, rate),
            item_id=goods.item_id,
        )

    @staticmethod
    def _credit(delivery: Delivery, number: str) -> None:
        """What was sent back is given back: the draft becomes the supplier's paper."""
        note = draft_credit_note(delivery, "RUB")
        paper = paper_of(note, lines_of([note.id])[note.id])
        day = delivery.received_at.date() + timedelta(days=1)
        change(note, Paper(**{**vars(paper), "number": number, "invoice_date": day}))
