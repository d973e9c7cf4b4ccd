"""A supplier's statement of a demo chain's last whole month, with something in each of its tabs."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select

from portal.db.base import db
from portal.development.demo.chain import DemoChain
from portal.invoices.models import Invoice
from portal.reconciliations.models import Reconciliation
from portal.reconciliations.opening import Upload, open_statement
from portal.suppliers.models import Supplier

OPENING = Decimal("48200.00")
PAID = Decimal("150000.00")
# What the supplier's row says beside ours: the number as he writes it, days later, money more; ``None``: it is missing.
ODD = {1: ("{}", 0, "900.00"), 3: None, 5: ("", 1, "0"), 7: ("{}", 2, "0.40")}


def add_statement(chain: DemoChain, supplier: Supplier) -> Reconciliation | None:
    """The statement as the supplier would send it, compared with what was entered."""
    first, last = _last_month(chain.now.date())
    query = select(Invoice).where(
        Invoice.supplier_id == supplier.id, Invoice.invoice_date.between(first, last), Invoice.status != "cancelled"
    )
    invoices = db.session.scalars(query.order_by(Invoice.invoice_date, Invoice.id)).all()
    if not invoices:
        return None
    cells = list(_cells(supplier.name, (first, last), invoices))
    return open_statement(Upload(list(enumerate(cells, start=1)), supplier, None, (first, last)))


def _last_month(today: date) -> tuple[date, date]:
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def _cells(name: str, period: tuple[date, date], invoices: Sequence[Invoice]) -> Iterator[list[str]]:
    yield ["Акт сверки взаимных расчётов"]
    yield [f"за период {_told(period[0])} - {_told(period[1])}"]
    yield [f"По данным {name}, руб."]
    yield ["Дата", "Документ", "Дебет", "Кредит"]
    yield ["Сальдо начальное", "", str(OPENING), ""]
    total = Decimal()
    for day, document, amount in _deliveries(period, invoices):
        total += amount
        yield [_told(day), document, str(amount), ""]
    yield [_told(period[1]), f"Оплата ({_told(period[1])}, № 311)", "", str(PAID)]
    yield ["Обороты за период", "", str(total), str(PAID)]
    yield ["Сальдо конечное", "", str(OPENING + total - PAID), ""]


def _deliveries(period: tuple[date, date], invoices: Sequence[Invoice]) -> Iterator[tuple[date, str, Decimal]]:
    for place, invoice in enumerate(invoices):
        odd = ODD.get(place, ("{}", 0, "0"))
        if odd is None:
            continue
        number, days, more = odd
        day = min(invoice.invoice_date + timedelta(days=days), period[1])
        told = number.format(invoice.invoice_number)
        yield day, f"Продажа ({told} от {_told(day)})" if told else "Продажа", invoice.total_amount + Decimal(more)
    # One that never came here.
    yield period[1], f"Продажа (УТ-009999 от {_told(period[1])})", Decimal("7840.00")


def _told(day: date) -> str:
    return day.strftime("%d.%m.%Y")
