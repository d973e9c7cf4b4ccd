"""Papers of the first chain, entered in its account."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from portal.invoices.entering import enter
from portal.invoices.paper import Paper, PaperLine

# Before whatever the cast has bought: its prices and agreements have nothing to say yet.
DAY = date(2026, 2, 2)


class Papers:
    """Makes papers of a chain's supplier and store; ``chain.id_of`` knows the ids."""

    def __init__(self, chain):
        self.chain = chain
        self.item_id, self.pack_id, self.kg_id = (
            chain.id_of("inventory_item"),
            chain.id_of("unit", 3),
            chain.id_of("unit"),
        )

    def line(self, total="900.00", **changes):
        """A line of one piece without an item, over that total."""
        line = PaperLine(
            description="Delivery",
            quantity=Decimal(1),
            unit_id=None,
            unit_price=Decimal(total),
            line_total=Decimal(total),
        )
        return replace(line, **changes)

    def butter(self, packs=12, total="1092.00", **changes):
        """Packs of the chain's item, 0.91 kg each."""
        price = (Decimal(total) / packs).quantize(Decimal("0.0001"))
        known = {"description": "Butter", "item_id": self.item_id, "unit_id": self.pack_id}
        return self.line(total, **(known | {"quantity": Decimal(packs), "unit_price": price} | changes))

    def paper(self, number="УТ-000123", *, total="900.00", day=DAY, **changes):
        """A paper with one line."""
        paper = Paper(
            supplier_id=self.chain.id_of("supplier"),
            store_id=self.chain.store_id,
            number=number,
            invoice_date=day,
            due_date=None,
            kind="invoice",
            currency="RUB",
            prices_include_vat=True,
            stated_total=None,
            lines=(self.line(total),),
        )
        return replace(paper, **changes)


@pytest.fixture
def papers(world):
    return Papers(world.pelmenya)


@pytest.fixture
def entered(inside, papers):
    """``entered(…)`` enters a paper."""

    def make(number="УТ-000123", **changes):
        return enter(papers.paper(number, **changes))

    return make
