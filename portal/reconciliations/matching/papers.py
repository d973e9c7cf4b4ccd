"""What is compared: rows of a statement and our own papers, by number, day and amount."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Row:
    """A delivery (above zero) or a return (below) as the statement names it.

    ``key`` and ``core`` are those of its number (``invoice_number_key``), empty where it has none.
    """

    position: int
    day: date | None
    amount: Decimal
    key: str = ""
    core: str = ""


@dataclass(frozen=True, slots=True)
class OwnInvoice:
    """One of our invoices; a credit note's amount is below zero."""

    id: Hashable
    day: date
    amount: Decimal
    key: str = ""
    core: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper of the supplier: an invoice of ours, or several of one number and day, as it went to several stores."""

    invoices: tuple[OwnInvoice, ...]
    amount: Decimal

    @classmethod
    def of(cls, invoices: Sequence[OwnInvoice]) -> "Paper":
        """The paper that these invoices are."""
        return cls(tuple(invoices), sum((each.amount for each in invoices), Decimal()))

    @property
    def day(self) -> date:
        """Its day."""
        return self.invoices[0].day

    @property
    def key(self) -> str:
        """The key of its number."""
        return self.invoices[0].key

    @property
    def core(self) -> str:
        """The digits of its number."""
        return self.invoices[0].core

    @property
    def ids(self) -> list[Hashable]:
        """Its invoices' ids."""
        return [each.id for each in self.invoices]


def papers_of(invoices: Iterable[OwnInvoice], rows: Iterable[Row]) -> list[Paper]:
    """Our papers: invoices of one number and day are one, unless the statement names that number and day twice, too."""
    named = Counter((row.key, row.day, row.amount < 0) for row in rows if row.key)
    groups: dict[Hashable, list[OwnInvoice]] = defaultdict(list)
    for place, invoice in enumerate(invoices):
        told = (invoice.key, invoice.day, invoice.amount < 0)
        groups[told if invoice.key and named[told] < 2 else place].append(invoice)
    return [Paper.of(group) for group in groups.values()]


def kopecks(amount: Decimal) -> int:
    """An amount as a whole number, to be added and looked up."""
    return int(amount.scaleb(2))
