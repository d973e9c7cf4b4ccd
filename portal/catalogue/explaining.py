"""Where a number comes from: formula, inputs, papers, who and when; shown by ``components/explain.html``."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from portal.db.words import Label


@dataclass(frozen=True)
class Input:
    """One number or paper that went in; ``url`` leads to the page that holds it."""

    label: Label
    value: str
    url: str | None = None


@dataclass(frozen=True)
class Explanation:
    """How a number came about, in the reader's words and numbers.

    ``formula`` is written with the numbers themselves ("1 092,00 ₽ ÷ 10,92 kg = 100,00 ₽"). ``note`` is what one has
    to know beside it, such as whether VAT is in it.
    """

    title: Label
    formula: str
    inputs: Sequence[Input] = field(default_factory=list)
    when: datetime | None = None
    who: str | None = None
    note: Label = None
