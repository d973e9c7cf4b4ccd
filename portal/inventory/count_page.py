"""The page of a count: its lines while several people count, what it would change, and what it has changed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import abort, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts.models import Account
from portal.catalogue.explaining import Explanation, Input
from portal.db.amounts import DASH, format_money, format_quantity, rounded
from portal.db.base import db
from portal.db.types import utc_now
from portal.inventory.counting import CountEnded, Difference, count_line, differences, ended, hold_open
from portal.inventory.forms import CountForm, clock_of
from portal.inventory.listing import day_text
from portal.inventory.models import Stocktake, StocktakeItem
from portal.inventory.queries import count_lines, count_progress
from portal.inventory.stock_page import told
from portal.inventory.words import StocktakeStatus
from portal.stores.models import Store
from portal.web.error_pages import give_up
from portal.web.fragments import fragment, redirect_after_post, wants_fragment
from portal.web.merging import digest, will_save
from portal.web.numbers import typed
from portal.web.times import as_utc, in_zone

# What was being saved while the last answer was made is in the next one.
OVERLAP = timedelta(seconds=15)
# Of what was typed for a time so much is shown again.
MAX_TOLD = 200
MAX_SHOWN_LOSSES = 5
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class CountLine:
    """One line as the page prints it; ``expected`` and ``difference`` are told once somebody looks at what changes."""

    row: Any
    found: Difference | None = None

    @property
    def mark(self) -> str:
        """What the field was made of, as the page carries it."""
        return f"counted_quantity:{digest(self.row.counted_quantity)}"

    @property
    def value(self) -> str:
        """What stands in the field."""
        return "" if self.row.counted_quantity is None else typed(self.row.counted_quantity)

    @property
    def counted(self) -> str:
        """What was counted."""
        return DASH if self.row.counted_quantity is None else told(self.row.counted_quantity, self.row.symbol)

    @property
    def expected(self) -> Decimal | None:
        """What the books said at the moment of counting."""
        return self.found.expected if self.found else self.row.expected_quantity

    @property
    def difference(self) -> Decimal | None:
        """Counted less expected."""
        return self.found.difference if self.found else self.row.difference

    @property
    def reckoned(self) -> str:
        """The difference with the numbers that make it, such as "8 − 10 = −2 kg"."""
        if self.expected is None or self.difference is None:
            return DASH
        counted, minus = format_quantity(self.row.counted_quantity), "\u2212"
        expected = format_quantity(abs(self.expected))
        expected = f"({minus}{expected})" if self.expected < 0 else expected
        return f"{counted} {minus} {expected} = {told(self.difference, self.row.symbol, signed=True)}"

    @property
    def worth(self) -> Decimal | None:
        """What the difference is worth at today's cost; ``None`` where that is not known."""
        if self.difference is None or self.row.cost is None:
            return None
        return rounded(self.difference * self.row.cost)

    @property
    def is_beyond(self) -> bool:
        """Whether it is more than the item's tolerance, which is per cent of what was expected."""
        if not self.difference:
            return False
        tolerance = self.row.count_tolerance or Decimal()
        return abs(self.difference) * 100 > abs(self.expected or Decimal()) * tolerance


class CountPage:
    """One count. ``reveals`` says that the books are shown beside what was counted.

    ``typed_clock`` is the time at which it was counted, where the lines are typed from paper.
    """

    def __init__(self, count: Stocktake, *, reveals: bool = False, typed_clock: str = "") -> None:
        self.count, self.reveals, self.typed_clock = count, reveals, typed_clock.strip()[:MAX_TOLD]

    @property
    def clock(self) -> str:
        """The time that goes with each line that is saved; nothing: now."""
        clock = clock_of(self.typed_clock)
        return clock.strftime("%H:%M") if clock is not None else ""

    @cached_property
    def store(self) -> Store:
        """Where it is counted."""
        return db.session.get_one(Store, self.count.store_id)

    @property
    def day(self) -> str:
        """The day that it was begun on, where it is, as a sheet of paper has to say it."""
        return day_text(in_zone(self.count.created_at, self.store.restaurant.timezone).date())

    @property
    def is_open(self) -> bool:
        """Whether it is still being counted."""
        return self.count.status is StocktakeStatus.COUNTING

    @cached_property
    def lines(self) -> list[CountLine]:
        """Its lines by category and name."""
        found = {each.line.id: each for each in differences(self.count)} if self.reveals and self.is_open else {}
        return [CountLine(row, found.get(row.id)) for row in count_lines(self.count)]

    @property
    def groups(self) -> list[tuple[str, list[CountLine]]]:
        """The same by category."""
        return [(name, list(rows)) for name, rows in groupby(self.lines, key=lambda line: line.row.category)]

    @property
    def changed_at(self) -> datetime:
        """When one of its lines changed last: from there on the page follows."""
        return max((line.row.updated_at for line in self.lines), default=self.count.created_at)

    @property
    def changed(self) -> list[CountLine]:
        """The lines with a difference, what costs most first."""
        rows = [line for line in self.lines if line.difference]
        return sorted(rows, key=lambda line: (line.worth or Decimal(), line.row.name))

    @property
    def uncounted(self) -> int:
        """How many lines nobody has counted."""
        return sum(line.row.counted_quantity is None for line in self.lines)

    @cached_property
    def progress(self) -> tuple[int, int]:
        """How many lines are counted, of how many."""
        return len(self.lines) - self.uncounted, len(self.lines)

    @cached_property
    def worth(self) -> Decimal:
        """What all differences together are worth."""
        return sum((line.worth for line in self.changed if line.worth is not None), Decimal())

    @property
    def worth_text(self) -> str:
        """The same in the chain's currency."""
        return format_money(self.worth, self.currency)

    @cached_property
    def currency(self) -> str:
        """What the chain reckons in."""
        return Account.current().currency

    @property
    def explanation(self) -> Explanation:
        """What the sum is made of: the largest parts by their names."""
        parts = sorted((x for x in self.changed if x.worth), key=lambda line: -abs(line.worth or Decimal()))
        inputs = [
            Input(line.row.name, _("%(difference)s × %(cost)s = %(worth)s",
                difference=told(line.difference or Decimal(), line.row.symbol, signed=True),
                cost=format_money(rounded(line.row.cost, 6), self.currency),
                worth=format_money(line.worth, self.currency)), self.journal_url(line))
            for line in parts[:MAX_SHOWN_LOSSES]
        ]  # fmt: skip
        unknown = sum(line.worth is None for line in self.changed)
        note = _("Of %(number)s more the cost is not known.", number=unknown) if unknown else None
        formula = _("Σ (counted − expected) × cost = %(worth)s", worth=self.worth_text)
        return Explanation(_("What the differences are worth"), formula, inputs, self.count.posted_at, self.by, note)

    def journal_url(self, line: CountLine) -> str:
        """The movements of a line's item in the store."""
        return url_for("account.movements.index", store_id=self.count.store_id, item_id=line.row.inventory_item_id)

    @cached_property
    def by(self) -> str | None:
        """Who has posted it."""
        return ended(self.count)[1]


def counted(count: Stocktake, line_id: UUID, line: StocktakeItem) -> Response:
    """What was typed into one line is kept, or asked about where somebody else has counted the same differently."""
    if line.stocktake_id != count.id:
        abort(404)
    # Before the line: whoever posts holds the count first and the lines after it.
    if will_save():
        hold_open(count, is_shared=True)
    page = CountPage(count, typed_clock=request.form.get("clock", ""))
    form = CountForm(line, count, page.store.restaurant.timezone)
    if form.accepted():
        count_line(count, line, form.counted_quantity.data, counted_at=form.moment)
        if not wants_fragment():
            here = url_for("account.stocktakes.show", stocktake_id=count.id, clock=page.clock or None)
            return redirect_after_post(f"{here}#line-{line_id}")
        return make_response(_line(page, line_id))
    status = 409 if form.contests else 422
    if wants_fragment():
        return make_response(_line(page, line_id, form), status)
    return make_response(render_template("stocktakes/show.html", page=page, count=count, asked={line_id: form}), status)


def _line(page: CountPage, line_id: UUID, form: CountForm | None = None) -> str:
    [row] = count_lines(page.count, line_id=line_id)
    return fragment("stocktakes/_line.html", page=page, line=CountLine(row), count=page.count, form=form)


def followed(count: Stocktake) -> Response:
    """What others have counted since the page asked last; where the count is over, that."""
    try:
        since = as_utc(datetime.fromisoformat(request.args.get("since", "").strip()[:40]))
    except (ValueError, OverflowError):
        since = utc_now()
    page = CountPage(count)
    rows = [CountLine(row) for row in count_lines(count, since=max(since, LONG_AGO) - OVERLAP)]
    done, lines, at = count_progress(count)
    told_page = {"page": page, "count": count, "lines": rows, "done": done, "total": lines, "since": at or since}
    told_page["shown"] = request.args.get("total", default=lines, type=int)
    return make_response(render_template("stocktakes/_following.html", is_answer=True, **told_page))


def show_ended(error: CountEnded) -> Response:
    """The count is over: when, by whom, and the way to it; nothing of what was sent is kept."""
    count = error.count
    at, by = ended(count)
    told_end = {"count_url": url_for("account.stocktakes.show", stocktake_id=count.id), "at": at, "by": by}
    told_end |= {"status": count.status, "zone": db.session.get_one(Store, count.store_id).restaurant.timezone}
    if wants_fragment():
        text = fragment("stocktakes/_ended.html", **told_end)
        headers = {"HX-Retarget": "#count-ended", "HX-Reswap": "outerMorph"}
    else:
        text, headers = render_template("stocktakes/ended.html", **told_end), {}
    give_up()
    response = make_response(text, 409)
    response.headers.update(headers)
    return response
