"""What the page of supply tells: what rose, what waits, who is bought from; each number opens what makes it."""

from datetime import date, timedelta
from functools import cached_property
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.catalogue.explaining import Explanation, Input
from portal.catalogue.graph import to_decimal
from portal.catalogue.price_words import format_change, format_price
from portal.db.amounts import format_money, format_quantity
from portal.db.types import utc_now
from portal.reconciliations.models import ReconciliationStatus
from portal.supply import queries
from portal.supply.queries import Begun, Bought, OpenStatement, Risen, Waiting
from portal.users.chain import chain_zone
from portal.web.language import choose_locale
from portal.web.times import day_in_words, in_zone, typed_day

# So many days may be looked at.
PERIODS = {"7": _l("7 days"), "30": _l("30 days"), "90": _l("90 days")}
USUAL_PERIOD = "30"


class SupplyToday:
    """Reads what the page asks for, once; what the person may not see is never read."""

    def __init__(self, days: str) -> None:
        self.days = days if days in PERIODS else USUAL_PERIOD
        self.today: date = in_zone(utc_now(), chain_zone()).date()
        self.since = self.today - timedelta(days=int(self.days))

    @cached_property
    def risen(self) -> list["RisenLine"]:
        """What rose, with what it has cost."""
        return [RisenLine(each, self.since) for each in queries.what_rose(self.since, self.today)]

    @cached_property
    def waiting(self) -> list[Waiting]:
        """What waits for a decision, by restaurant."""
        return queries.what_waits()

    @cached_property
    def bought(self) -> list[Bought]:
        """The suppliers on whom most was spent."""
        return queries.who_was_bought_from(self.since, self.today)

    @cached_property
    def statements(self) -> list[OpenStatement]:
        """Statements that are not completed, for those who may see them."""
        return queries.open_statements() if may(Permission.RECONCILIATIONS_SEE) else []

    @cached_property
    def without_statement(self) -> list[Bought]:
        """Suppliers whose statement of the last whole month has not come, for those who would upload it."""
        since, until = self.last_month
        return queries.without_statement(since, until) if may(Permission.RECONCILIATIONS_EDIT) else []

    @property
    def last_month(self) -> tuple[date, date]:
        """The first and the last day of the month that is over."""
        until = self.today.replace(day=1) - timedelta(days=1)
        return until.replace(day=1), until

    @cached_property
    def begun(self) -> Begun:
        """Whether there is anything to show."""
        return queries.what_has_begun()

    @property
    def periods(self) -> list[tuple[Any, str, bool]]:
        """The periods as tabs."""
        return [(label, url_for(".home", days=days), days == self.days) for days, label in PERIODS.items()]

    def status_label(self, statement: OpenStatement) -> Any:
        """How far a statement has come."""
        return ReconciliationStatus.read(statement.status).label

    def day(self, day: date) -> str:
        """A day in words."""
        return day_in_words(day, choose_locale())

    def explain_waiting(self, line: Waiting) -> Explanation:
        """How the money at stake in a restaurant comes about."""
        return Explanation(
            _("Money at stake in %(restaurant)s", restaurant=line.restaurant),
            _(
                "the sum of %(count)s = %(amount)s",
                count=ngettext("%(num)s open exception", "%(num)s open exceptions", line.count),
                amount=format_money(line.stake, line.currency),
            ),
            [Input(_l("Exceptions"), str(line.count), exceptions_url(line))],
            note=_l("What each has at stake stands in the list, by invoice and line."),
        )

    def explain_bought(self, line: Bought) -> Explanation:
        """How the spending on a supplier comes about."""
        return Explanation(
            _("Bought from %(supplier)s", supplier=line.supplier),
            _(
                "the sum of %(count)s = %(amount)s",
                count=ngettext("%(num)s invoice", "%(num)s invoices", line.papers),
                amount=format_money(line.amount, line.currency),
            ),
            [
                Input(_l("Invoices"), str(line.papers), self.invoices_url(line)),
                Input(_l("From"), typed_day(self.since, choose_locale())),
                Input(_l("To"), typed_day(self.today, choose_locale())),
            ],
            note=_l("Active and paid papers with their VAT; credit notes take off."),
        )

    def invoices_url(self, line: Bought) -> str:
        """The invoices that make a supplier's sum."""
        days: dict[str, Any] = {"from": self.since.isoformat(), "until": self.today.isoformat()}
        return url_for("account.invoices.index", supplier_id=line.supplier_id, **days)


def exceptions_url(line: Waiting) -> str:
    """The exceptions that make a restaurant's number."""
    return url_for("account.exceptions.index", restaurant_id=line.restaurant_id)


class RisenLine:
    """An item that rose, in words, with what its numbers are made of."""

    def __init__(self, risen: Risen, since: date) -> None:
        self.risen, self.since = risen, since
        self.former, self.latest = (
            format_price(to_decimal(each), risen.currency, risen.unit) for each in (risen.former, risen.latest)
        )

    @property
    def percent(self) -> str:
        """By how much, such as "+7.06 %"."""
        return format_change(self.risen.percent)

    @property
    def cost(self) -> str:
        """What it has cost since."""
        return format_money(self.risen.cost, self.risen.currency)

    @property
    def prices_url(self) -> str:
        """The prices that make it."""
        return url_for(
            "account.prices.index",
            item_id=self.risen.item_id,
            supplier_id=self.risen.supplier_id,
            since=min(self.since, self.risen.from_day).isoformat(),
        )

    @property
    def explanation(self) -> Explanation:
        """What was paid, without what the same would have cost before."""
        risen, locale = self.risen, choose_locale()
        money = {"paid": risen.paid, "before": risen.at_former, "cost": risen.cost}
        told = {name: format_money(value, risen.currency) for name, value in money.items()}
        return Explanation(
            _("What the rise has cost since %(day)s", day=typed_day(self.since, locale)),
            _(
                "%(paid)s paid \u2212 %(quantity)s × %(former)s = %(paid)s \u2212 %(before)s = %(cost)s",
                quantity=f"{format_quantity(risen.quantity)} {risen.unit}",
                former=self.former,
                **told,
            ),
            [
                Input(_l("Former price"), f"{self.former}, {typed_day(risen.from_day, locale)}", _price(risen.from_id)),
                Input(_l("Latest price"), f"{self.latest}, {typed_day(risen.to_day, locale)}", _price(risen.to_id)),
                Input(
                    _l("Bought since"),
                    ngettext("%(num)s line of invoices", "%(num)s lines of invoices", risen.papers),
                    self.prices_url,
                ),
            ],
            note=_l("Reckoned with the exact prices; only the result is rounded."),
        )


def _price(price_id: Any) -> str:
    return url_for("account.prices.show", item_price_id=price_id)
