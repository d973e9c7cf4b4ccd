"""What the stand-in's chain buys, as iiko tells of it: suppliers, units, products with their packings, invoices."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from tests.fakes.iiko.chain import Chain, id_of

NOBODY = "00000000-0000-0000-0000-000000000000"
NEW, PROCESSED, DELETED = "NEW", "PROCESSED", "DELETED"


@dataclass(frozen=True)
class Supplier:
    """Somebody whom iiko keeps among its employees; ``store`` is the store of the chain that it stands for."""

    name: str
    tax_id: str = ""
    code: str = ""
    phone: str = ""
    email: str = ""
    is_employee: bool = False
    is_deleted: bool = False
    store: str = ""

    @property
    def id(self) -> str:
        """Its GUID."""
        return id_of("supplier", self.name, self.code)

    def xml(self) -> str:
        """With the private fields that nobody may read into anything."""
        told = {
            "id": self.id, "code": self.code, "name": self.name, "login": "login-of-it", "password": "secret-of-it",
            "phone": self.phone, "email": self.email, "pinCode": "pin-of-it", "snils": "000-000-000 00",
            "taxpayerIdNumber": self.tax_id, "deleted": _flag(self.is_deleted), "supplier": "true",
            "employee": _flag(self.is_employee), "client": "false", "representsStore": _flag(bool(self.store)),
            "representedStoreId": self.store,
        }  # fmt: skip
        return _element("employee", told)


@dataclass(frozen=True)
class Packing:
    """``count`` of the product's unit in one."""

    name: str
    count: Decimal
    is_deleted: bool = False


@dataclass(frozen=True)
class Product:
    """``unit`` and ``group`` by name; ``article`` is iiko's ``num``."""

    name: str
    unit: str
    article: str
    type: str = "GOODS"
    group: str = "Продукты"
    packings: tuple[Packing, ...] = ()
    key: str = ""

    @property
    def id(self) -> str:
        """Its GUID."""
        return id_of("product", self.key or self.article)

    def packing_id(self, packing: Packing) -> str:
        """The GUID of one of its packings."""
        return id_of("packing", self.article, packing.name)

    def told(self) -> dict[str, Any]:
        """As iiko's list has it."""
        return {
            "id": self.id, "deleted": False, "name": self.name, "description": "", "num": self.article, "code": "",
            "parent": id_of("group", self.group), "type": self.type, "mainUnit": id_of("unit", self.unit),
            "unitWeight": 1, "defaultSalePrice": 0,
            "containers": [self._container(number, each) for number, each in enumerate(self.packings, 1)],
        }  # fmt: skip

    def _container(self, number: int, packing: Packing) -> dict[str, Any]:
        told = {"id": self.packing_id(packing), "num": str(number), "name": packing.name, "count": float(packing.count)}
        return {**told, "deleted": packing.is_deleted, "useInFront": True}


@dataclass(frozen=True)
class Line:
    """``amount`` in the product's unit; ``price`` of its packing where there is one; ``total`` holds the VAT."""

    product: Product | None
    amount: Decimal
    price: Decimal
    total: Decimal
    vat_percent: Decimal | None = None
    vat: Decimal | None = None
    packing: Packing | None = None
    accepted: Decimal | None = None
    discount: Decimal = Decimal(0)
    is_expense: bool = False
    article: str = ""
    store: str = ""

    def xml(self, number: int) -> str:
        """As iiko writes it: nine decimals everywhere."""
        product, unit = self.product, id_of("unit", self.product.unit) if self.product else ""
        packing = product.packing_id(self.packing) if product and self.packing else NOBODY
        told = {
            "isAdditionalExpense": _flag(True) if self.is_expense else "",
            "actualAmount": _number(self.amount if self.accepted is None else self.accepted), "store": self.store,
            "price": _number(self.price), "sum": _number(self.total), "vatPercent": _number(self.vat_percent),
            "vatSum": _number(self.vat), "discountSum": _number(self.discount), "amountUnit": unit,
            "containerId": packing, "num": str(number), "product": product.id if product else "",
            "productArticle": product.article if product else "", "supplierProductArticle": self.article,
            "amount": _number(self.amount),
        }  # fmt: skip
        return _element("item", told)


@dataclass(frozen=True)
class Invoice:
    """A paper in iiko; ``received`` is the day that it is asked for by, ``issued`` that of the paper."""

    number: str
    received: date
    supplier: Supplier | None
    store: str
    lines: tuple[Line, ...]
    issued: date | None = None
    due: date | None = None
    status: str = PROCESSED
    outgoing: str = ""
    key: str = ""

    @property
    def id(self) -> str:
        """Its GUID."""
        return id_of("invoice", self.key or self.number, self.store)

    def xml(self) -> str:
        """As iiko writes it."""
        issued, due = (self.issued or self.received).isoformat(), self.due.isoformat() if self.due else ""
        told = {
            "id": self.id, "incomingDocumentNumber": self.number, "incomingDate": issued, "dueDate": due,
            "supplier": self.supplier.id if self.supplier else "", "defaultStore": self.store, "invoice": "",
            "dateIncoming": f"{self.received.isoformat()}T23:00:00+04:00", "linkedOutgoingInvoiceId": self.outgoing,
            "documentNumber": str(int(self.id[:6], 16)), "status": self.status,
        }  # fmt: skip
        fields = "".join(f"<{name}>{escape(value)}</{name}>" if value else f"<{name}/>" for name, value in told.items())
        lines = "".join(line.xml(number) for number, line in enumerate(self.lines, 1))
        return f"<document>{fields}<items>{lines}</items></document>"


@dataclass
class Purchases:
    """All of it. ``daily`` tells of the invoices that come day by day, for the chain as it is at the moment."""

    suppliers: dict[str, Supplier] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    units: list[str] = field(default_factory=list)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    daily: Any = None

    def add(self, *rows: Supplier | Product | Invoice) -> Any:
        """More of them; the last one."""
        for row in rows:
            kept: dict[str, Any] = {Supplier: self.suppliers, Product: self.products, Invoice: self.invoices}[type(row)]
            kept[row.id] = row
        return rows[-1]

    def change(self, row: Any, **values: Any) -> Any:
        """Another word about one of them, under the id that it has: not of what its id is made of."""
        changed = replace(row, **values)
        assert changed.id == row.id, "its id is made of that"
        return self.add(changed)

    def remove(self, row: Supplier | Product | Invoice) -> None:
        """It is told of no more."""
        for kept in (self.suppliers, self.products, self.invoices):
            kept.pop(row.id, None)

    def of_days(self, chain: Chain, first: date, last: date) -> Iterator[Invoice]:
        """The invoices that were received in those days, both inclusive."""
        days = [first + timedelta(days=at) for at in range((last - first).days + 1)]
        told = {each.id: each for day in days for each in (self.daily(chain, self, day) if self.daily else ())}
        # What was changed by hand is told instead of what came by itself.
        told |= self.invoices
        yield from (each for each in told.values() if first <= each.received <= last)

    def suppliers_xml(self) -> Iterator[str]:
        """``suppliers``."""
        yield from _envelope("employees", (each.xml() for each in self.suppliers.values()))

    def invoices_xml(self, chain: Chain, first: date, last: date) -> Iterator[str]:
        """``documents/export/incomingInvoice``."""
        yield from _envelope("incomingInvoiceDtoes", (each.xml() for each in self.of_days(chain, first, last)))

    def products_json(self) -> str:
        """``v2/entities/products/list``."""
        return _json([each.told() for each in self.products.values()])

    def groups_json(self) -> str:
        """``v2/entities/products/group/list``."""
        names = dict.fromkeys(each.group for each in self.products.values())
        return _json([{"id": id_of("group", name), "deleted": False, "name": name, "parent": None} for name in names])

    def units_json(self) -> str:
        """``v2/entities/list?rootType=MeasureUnit``."""
        told = ({"id": id_of("unit", name), "rootType": "MeasureUnit", "deleted": False} for name in self.units)
        return _json([{**each, "code": None, "name": name} for each, name in zip(told, self.units, strict=True)])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value:.9f}"


def _element(name: str, fields: dict[str, str]) -> str:
    inner = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in fields.items() if value)
    return f"<{name}>{inner}</{name}>"


def _envelope(name: str, items: Iterable[str]) -> Iterator[str]:
    yield f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<{name}>'
    yield from items
    yield f"</{name}>"
