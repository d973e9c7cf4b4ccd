"""Papers that come out otherwise than one thinks: each has been seen in somebody's iiko."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from tests.fakes.iiko.chain import Chain
from tests.fakes.iiko.deliveries import DAIRY, DELIVERY, DRINKS, GOODS, GREENS, GROCERY, MEAT, line_of
from tests.fakes.iiko.purchases import DELETED, NEW, Invoice, Line, Product, Purchases, Supplier

D = Decimal
BY_NAME = {each.product.name: each for each in GOODS}
UNLISTED = Product("Сезонное", "кг", "77777")


def internal(chain: Chain) -> Supplier:
    """The store of the first restaurant, as a supplier of the others."""
    return Supplier("Склад сети", "", "900", store=chain.stores[0].id)


def odd_invoices(chain: Chain, day: date) -> Mapping[str, Invoice]:
    """One of each, received on a day or on those before it, by what is odd with it."""
    store, other = chain.stores[0].id, chain.stores[-2].id
    cheese, keg, flour = BY_NAME["Сыр моцарелла"], BY_NAME["Морс клюквенный"], BY_NAME["Мука пшеничная в/с"]
    beef = line_of(BY_NAME["Говядина, лопатка"], D(10), D("95.00"))

    def paper(number: str, supplier: Supplier | None, *lines: Line, ago: int = 1, **more: object) -> Invoice:
        made = Invoice(number, day - timedelta(days=ago), supplier, store, lines)
        return replace(made, **more)

    split = replace(beef, store=other)
    # 12 packs of 0.91 kg at 91.00: price × amount is 993.72 and the sum is right; so is that of 8 kegs of 19 l.
    packs = Line(cheese.product, D("10.92"), D(91), D(1092), D(10), D("99.27"), cheese.product.packings[0])
    kegs = Line(keg.product, D(152), D(180), D(1440), D(10), D("130.91"), keg.product.packings[0])
    potatoes, freight = (
        line_of(BY_NAME["Картофель"], D(60), D(58)),
        Line(DELIVERY, D(1), D(500), D(500), is_expense=True),
    )
    return {
        "packs": paper("П-1", DAIRY, packs),
        "kegs": paper("1568", DRINKS, kegs),
        "vat_on_top": paper("В-210", GROCERY, Line(flour.product, D(10), D(105), D(1050), D(20), D(210))),
        "short": paper("Н-10", MEAT, replace(beef, accepted=D(9))),
        "discount": paper("С-5", MEAT, replace(beef, discount=D("50.00"))),
        "freight": paper("Д-7", GREENS, potatoes, freight),
        "unlisted": paper("Н-11", GREENS, Line(UNLISTED, D(3), D(200), D(600), D(10), D("54.55"))),
        "draft": paper("Ч-1", DAIRY, line_of(cheese, D("9.1"), D(690)), status=NEW),
        "deleted": paper("У-1", DAIRY, line_of(cheese, D("9.1"), D(690)), status=DELETED, ago=2),
        "transfer": paper("", internal(chain), line_of(cheese, D("0.91"), D(690))),
        "outgoing": paper("В-8", MEAT, beef, outgoing="5a0b1c2d-0000-4000-8000-000000000001", ago=2),
        "nobody": paper("Б-1", None, beef, ago=3),
        "two_stores": paper("Р-15", MEAT, beef, split, ago=2),
        "same_number": paper("УТ-000777", DAIRY, line_of(cheese, D("9.1"), D(690)), ago=4, key="one"),
        "same_number_again": paper("YT-777", DAIRY, line_of(cheese, D("9.1"), D(690)), ago=3, key="two"),
        "no_lines": paper("П-0", MEAT, ago=2),
    }  # fmt: skip


def add_oddities(chain: Chain, purchases: Purchases, day: date) -> Mapping[str, Invoice]:
    """They are told of from now on."""
    purchases.add(internal(chain))
    found = odd_invoices(chain, day)
    purchases.add(*found.values())
    return found
