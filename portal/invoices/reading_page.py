"""What the rows of an invoice's form come to: the lines of a paper, and its totals as they are filled in."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.invoices.amount_page import UNCHOSEN, sane
from portal.invoices.line_page import InvoiceLineForm
from portal.invoices.paper import PaperLine
from portal.web.line_merging import Row

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class PaperTotals:
    """The sum of the lines with VAT, the VAT by rate (``None``: без НДС), and what the paper says itself."""

    total: Decimal
    vat: dict[Decimal | None, Decimal]
    stated: Decimal | None
    currency: str
    unreckoned: int

    @classmethod
    def of(cls, rows: Sequence[Row], currency: str, stated: Decimal | None, *, is_credit: bool) -> "PaperTotals":
        """Those of rows as they are filled in; rows that come to nothing yet are counted."""
        forms = [row.form for row in rows if row.form.line or not row.form.is_blank]
        told = [form for form in forms if sane(form.line_total) is not None]
        sign = -1 if is_credit and _are_positive(told) else 1
        vat: dict[Decimal | None, Decimal] = {}
        for form in told:
            if form.vat_rate.data != UNCHOSEN:
                vat[form.vat_rate.data] = vat.get(form.vat_rate.data, ZERO) + sign * (sane(form.vat_amount) or ZERO)
        total = sum((sign * form.line_total.data for form in told), ZERO)
        return cls(total, vat, stated, currency, len(forms) - len(told))

    @property
    def vat_total(self) -> Decimal:
        """The VAT of all rates."""
        return sum(self.vat.values(), ZERO)

    @property
    def difference(self) -> Decimal | None:
        """By how much the paper says more than its lines come to; ``None`` where it says nothing, or the same."""
        apart = None if self.stated is None else self.stated - self.total
        return apart or None


def lines_of(rows: Sequence[Row], *, is_credit: bool) -> tuple[PaperLine, ...]:
    """The lines of the paper. On a credit note that is written without signs every line gives back."""
    forms = [row.form for row in rows if row.form.line or not row.form.is_blank]
    sign = -1 if is_credit and _are_positive(forms) else 1
    return tuple(_line(form, sign) for form in forms)


def _are_positive(forms: Sequence[InvoiceLineForm]) -> bool:
    return all(form.quantity.data is None or form.quantity.data > 0 for form in forms)


def _line(form: InvoiceLineForm, sign: int) -> PaperLine:
    quantity = sign * form.quantity.data
    total, vat = form.line_total.data, form.vat_amount.data or ZERO
    return PaperLine(
        description=form.told_description,
        quantity=quantity,
        unit_id=form.unit_id.data,
        unit_price=form.unit_price.data,
        line_total=_as(quantity, total),
        discount=_as(quantity, form.discount.data or ZERO),
        vat_rate=form.vat_rate.data,
        vat_amount=_as(quantity, vat),
        item_id=form.item_id,
        line_id=form.line.id if form.line else None,
    )


def _as(quantity: Decimal, amount: Decimal) -> Decimal:
    """The amount with the sign of the quantity."""
    return -abs(amount) if quantity < 0 else abs(amount)
