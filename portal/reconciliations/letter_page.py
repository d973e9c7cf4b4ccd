"""The letter to the supplier: what differs, in the numbers that they know. It is never sent by itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask_babel import gettext as _

from portal.accounts.models import Account
from portal.db.amounts import format_money
from portal.invoices.models import Invoice
from portal.reconciliations.models import Reconciliation, ReconciliationItem, RowKind, RowStatus
from portal.reconciliations.queries import invoices_named, invoices_of_rows, items_of
from portal.web.language import day

# What mail programs take of a link; a longer letter is copied.
MAX_LINK = 1800
ASKED = (RowStatus.MISSING_HERE, RowStatus.SUGGESTED, RowStatus.MISSING_THERE, RowStatus.AMOUNT_MISMATCH)


@dataclass(frozen=True)
class Letter:
    """A letter about one statement, in the language of the page."""

    statement: Reconciliation

    @property
    def subject(self) -> str:
        """What it is about."""
        return str(_("Statement from %(first)s to %(last)s", **self._period))

    @cached_property
    def text(self) -> str:
        """The whole letter."""
        parts = [self._beginning(), *self._parts(), self._end()]
        return "\n\n".join(parts)

    @cached_property
    def link(self) -> str | None:
        """A draft for a mail program; without the text where that is too long for a link."""
        address = self.statement.supplier.contact_info.get("email")
        if not isinstance(address, str) or "@" not in address:
            return None
        to = f"mailto:{quote(address, safe='@')}?subject={quote(self.subject)}"
        body = quote(self.text.replace("\n", "\r\n"))
        whole = f"{to}&body={body}"
        return whole if len(whole) <= MAX_LINK else to

    @property
    def is_whole_in_link(self) -> bool:
        """Whether the draft holds the text."""
        return self.link is not None and "&body=" in self.link

    @property
    def _period(self) -> dict[str, str]:
        first, last = self.statement.period_from, self.statement.period_to
        return {"first": day(first.isoformat()), "last": day(last.isoformat())}

    @cached_property
    def _rows(self) -> dict[str, list[ReconciliationItem]]:
        found: dict[str, list[ReconciliationItem]] = {status.value: [] for status in ASKED}
        for each in items_of(self.statement, ReconciliationItem.status.in_(ASKED)):
            found[str(each.status)].append(each)
        return found

    def _beginning(self) -> str:
        name = Account.current().name
        return str(_("Hello,\n\nwe have compared your statement from %(first)s to %(last)s with the books of %(us)s.",
                     us=name, **self._period))  # fmt: skip

    def _parts(self) -> Iterator[str]:
        proposed = {each for row in self._rows[RowStatus.SUGGESTED] for each in _proposed(row)}
        if missing := self._rows[RowStatus.MISSING_HERE]:
            yield self._list(_("You name these, and we do not have them. Please send the papers:"), missing)
        if lacking := [each for each in self._rows[RowStatus.MISSING_THERE] if each.invoice_id not in proposed]:
            yield self._list(_("We have these from you, and your statement lacks them. Please check:"), lacking)
        if unequal := self._rows[RowStatus.AMOUNT_MISMATCH]:
            yield self._unequal(unequal)
        if likely := self._rows[RowStatus.SUGGESTED]:
            yield self._likely(likely, invoices_named(proposed))
        if gap := self.statement.details.get("gap"):
            yield str(_("In the statement itself opening and rows do not make the closing: it differs by %(amount)s.",
                        amount=self._money(abs(Decimal(gap)))))  # fmt: skip
        if not (missing or lacking or unequal or likely):
            yield str(_("All rows are as we have them."))

    def _list(self, heading: str, rows: Sequence[ReconciliationItem]) -> str:
        total = sum((each.amount for each in rows), Decimal())
        lines = [f"– {self._named(each)}: {self._money(each.amount)}" for each in rows]
        return "\n".join([heading, *lines, str(_("Together: %(amount)s", amount=self._money(total)))])

    def _unequal(self, rows: Sequence[ReconciliationItem]) -> str:
        ours: dict[Any, Decimal] = invoices_of_rows([each.id for each in rows])
        lines = []
        for each in rows:
            told = {"row": self._named(each), "theirs": self._money(each.amount)}
            mine = ours.get(each.id, Decimal())
            lines.append(_("– %(row)s: you have %(theirs)s, we have %(ours)s, the difference is %(apart)s",
                           ours=self._money(mine), apart=self._money(each.amount - mine), **told))  # fmt: skip
        return "\n".join([_("Amounts differ. Please check and correct:"), *lines])

    def _likely(self, rows: Sequence[ReconciliationItem], invoices: Mapping[UUID, Invoice]) -> str:
        lines = []
        for row in rows:
            ours = [
                f"{_paper(each.invoice_number, each.invoice_date)}: {self._money(each.total_amount)}"
                for each in (invoices.get(invoice_id) for invoice_id in _proposed(row))
                if each is not None
            ]
            lines.append(f"– {self._named(row)}: {self._money(row.amount)} — {'; '.join(ours)}")
        return "\n".join([_("Are these the papers that we have? Please confirm their numbers:"), *lines])

    def _named(self, row: ReconciliationItem) -> str:
        kind = "" if row.kind == RowKind.DELIVERY else f" ({RowKind.read(row.kind).label})"
        return _paper(row.invoice_number, row.invoice_date) + kind

    def _end(self) -> str:
        closing = self.statement.closing
        told = (
            "" if closing is None else _("By your statement we owe %(amount)s.", amount=self._money(closing)) + "\n\n"
        )
        return told + _("Please answer to this letter.")

    def _money(self, amount: Decimal) -> str:
        return format_money(amount, self.statement.currency).replace("\u00a0", " ")


def _paper(number: str, when: date | None) -> str:
    """A paper as letters name it: by its number, its day, or both."""
    called = f"№ {number}" if number else str(_("without a number"))
    return str(_("%(number)s of %(day)s", number=called, day=day(when.isoformat()))) if when else called


def _proposed(row: ReconciliationItem) -> list[UUID]:
    """Our invoices that a row may be."""
    named = [each for proposal in row.details.get("proposals", ()) for each in proposal["invoices"]]
    return [UUID(each) for each in dict.fromkeys(named)]
