"""What a demo chain buys, and the invoices that its restaurants get day by day: the same ones whenever it is asked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.fakes.iiko.chain import Chain, id_of
from tests.fakes.iiko.purchases import NEW, Invoice, Line, Packing, Product, Purchases, Supplier

KOPECK = Decimal("0.01")
HUNDRED = Decimal(100)
UNITS = ("кг", "л", "шт", "порц", "кг.")
DAIRY = Supplier("ООО «Молочный двор»", "7805123400", "101", "+7 812 555-01-01", "sales@milk.example")
MEAT = Supplier("ООО «Мясной ряд»", "7806234511", "102", "+7 812 555-02-02")
GREENS = Supplier("ООО «Зелёная лавка»", "7810345623", "103", email="order@greens.example")
GROCERY = Supplier("АО «Бакалея-Опт»", "4703456732", "104")
BRANCH = Supplier("АО «Бакалея-Опт», филиал", "4703456732", "105")
DRINKS = Supplier("ООО «Напитки Плюс»", "7708567840", "106")
PETTY = Supplier("ИП Соколова Мария", "780123456724", "107", is_employee=True)
FORMER = Supplier("ООО «Прежний поставщик»", "", "108", is_deleted=True)


@dataclass(frozen=True)
class Goods:
    """What a supplier brings: ``price`` of one unit with VAT; it rises by ``rise`` per cent a week."""

    supplier: Supplier
    product: Product
    price: Decimal
    vat: int | None
    rise: Decimal = Decimal(0)


def goods(
    supplier: Supplier, name: str, unit: str, price: str, vat: int | None, *packings: tuple[str, str], rise: str = "0"
) -> Goods:
    """One of them; its article is that of its place in the list."""
    article = f"{int(id_of('article', name)[:4], 16):05}"
    group = {DAIRY: "Молочное", MEAT: "Мясо", GREENS: "Овощи и зелень", DRINKS: "Напитки"}.get(supplier, "Бакалея")
    told = tuple(Packing(called, Decimal(count)) for called, count in packings)
    return Goods(supplier, Product(name, unit, article, group=group, packings=told), Decimal(price), vat, Decimal(rise))


GOODS = (
    goods(DAIRY, "Сыр моцарелла", "кг", "690", 10, ("упак. 0,91 кг", "0.91")),
    goods(DAIRY, "Молоко 3,2 %", "л", "92", 10, ("бут. 1 л", "1"), rise="0.8"),
    goods(DAIRY, "Сметана 20 %", "кг", "310", 10, ("ведро 5 кг", "5")),
    goods(DAIRY, "Масло сливочное", "кг", "1150", 10, rise="1.5"),
    goods(MEAT, "Говядина, лопатка", "кг", "780", 10, rise="1.1"),
    goods(MEAT, "Свинина, шея", "кг", "520", 10),
    goods(MEAT, "Фарш домашний", "кг", "455", 10),
    goods(GREENS, "Картофель", "кг", "58", 10, ("мешок 30 кг", "30")),
    goods(GREENS, "Лук репчатый", "кг", "44", 10),
    goods(GREENS, "Укроп", "кг", "890", 10),
    goods(GROCERY, "Мука пшеничная в/с", "кг", "61", 10, ("мешок 50 кг", "50")),
    goods(GROCERY, "Соль", "кг", "24", 22),
    goods(GROCERY, "Яйцо С1", "шт", "13", 10, ("коробка 360", "360"), ("лоток 30", "30")),
    goods(BRANCH, "Масло подсолнечное", "л", "149", 10, ("канистра 5 л", "5")),
    goods(DRINKS, "Морс клюквенный", "л", "180", 22, ("кега 19 л", "19")),
    goods(DRINKS, "Лимонад", "шт", "86", 22, ("упак. 12", "12")),
    goods(PETTY, "Салфетки", "шт", "2.40", None),
)
DISHES = ("Пельмени классические", "Вареники с вишней", "Борщ")
DELIVERY = Product("Доставка", "порц", "90001", type="SERVICE", group="Услуги")


def told_goods(told: Iterable[Mapping[str, Any]]) -> tuple[Goods, ...]:
    """What a chain that introduces itself says that it buys: the same suppliers and names as on its own papers."""
    return tuple(
        goods(
            Supplier(each["supplier"], each["tax_id"], each["code"]),
            each["name"],
            each["unit"],
            each["price"],
            each["vat"],
            *((called, count) for called, count in each["packings"]),
        )
        for each in told
    )


def stock(purchases: Purchases, more: tuple[Goods, ...] = ()) -> Purchases:
    """The suppliers, units and products of a chain, dishes and services among them."""
    purchases.units[:] = UNITS
    purchases.add(*dict.fromkeys(each.supplier for each in (*more, *GOODS)), FORMER)
    purchases.add(*(each.product for each in (*more, *GOODS)), DELIVERY)
    purchases.add(*(Product(name, "порц", f"8000{at}", type="DISH", group="Блюда") for at, name in enumerate(DISHES)))
    return purchases


def line_of(each: Goods, amount: Decimal, price: Decimal) -> Line:
    """A line at a price of the unit: in packings where there are such, and the price is theirs then."""
    packing = each.product.packings[0] if each.product.packings else None
    told = (price * packing.count).quantize(KOPECK, ROUND_HALF_UP) if packing else price
    total = (amount / packing.count * told if packing else amount * told).quantize(KOPECK, ROUND_HALF_UP)
    if each.vat is None:
        return Line(each.product, amount, told, total, packing=packing)
    vat = (total * each.vat / (HUNDRED + each.vat)).quantize(KOPECK, ROUND_HALF_UP)
    return Line(each.product, amount, told, total, Decimal(each.vat), vat, packing)


class Deliveries:
    """Each supplier comes to each restaurant once in so many days, with some of its goods."""

    def __init__(self, every_days: int = 7, since: date = date(2026, 1, 1), more: tuple[Goods, ...] = ()) -> None:
        self.every_days, self.since, self.goods = every_days, since, (*more, *GOODS)

    def __call__(self, chain: Chain, purchases: Purchases, day: date) -> Iterator[Invoice]:
        """The invoices that came on one day."""
        kept = {node.id for node in chain.of_type("DEPARTMENT", "SALEPOINT")}
        first_stores = {store.parent_id: store for store in reversed(chain.stores) if store.parent_id in kept}
        for place, store in enumerate(sorted(first_stores.values(), key=lambda each: each.id)):
            for at, supplier in enumerate(dict.fromkeys(each.supplier for each in self.goods)):
                is_due = (day.toordinal() + place + 2 * at) % self.every_days == 0
                if is_due and supplier.id in purchases.suppliers:
                    yield self._invoice(supplier, store.id, day)

    def _invoice(self, supplier: Supplier, store: str, day: date) -> Invoice:
        chance = int(id_of("chance", supplier.name, store, day.isoformat())[:8], 16)
        brought = [each for each in self.goods if each.supplier == supplier]
        taken = [(at, each) for at, each in enumerate(brought) if at == 0 or chance >> at & 1]
        lines = tuple(self._line(each, chance >> at, day) for at, each in taken)
        number = f"УТ-{chance % 100000:06}" if supplier is not PETTY else ""
        status = NEW if chance % 37 == 0 else "PROCESSED"
        key = f"{supplier.id} {day.isoformat()}"
        return Invoice(number, day, supplier, store, lines, due=day + timedelta(days=14), status=status, key=key)

    def _line(self, each: Goods, chance: int, day: date) -> Line:
        weeks = max(0, (day - self.since).days) // 7
        price = (each.price * (1 + each.rise * weeks / HUNDRED)).quantize(KOPECK, ROUND_HALF_UP)
        packing = each.product.packings[0] if each.product.packings else None
        return line_of(each, (packing.count if packing else Decimal(1)) * (2 + chance % 7), price)
