"""The forms of stock: what is written off or brought to another store, and counts."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField

from portal.catalogue.listing import categories
from portal.db.amounts import Quantity
from portal.db.base import db
from portal.db.types import utc_now
from portal.inventory.booking import IN_FUTURE, LENIENCE
from portal.inventory.entry_line_page import EntryLinesField
from portal.inventory.models import Stocktake, StocktakeItem
from portal.inventory.queries import counted_since
from portal.inventory.taking import Taken
from portal.inventory.words import WriteOffReason
from portal.invoices.naming_page import ItemField, StoreField
from portal.stores.models import Store
from portal.web.days import DayField
from portal.web.forms import AtMost, EnumField, LongTextField, PortalForm, Required, TextField, options
from portal.web.language import choose_locale
from portal.web.lines import DocumentForm
from portal.web.numbers import QuantityField
from portal.web.times import as_utc, in_zone, typed_day, zone
from portal.web.values import uuid_or_none

MAX_NOTE = 500
MAX_AGE = timedelta(days=366)
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])")


def clock_of(text: str) -> time | None:
    """The time of day that a text is; ``None`` where it is none."""
    found = _CLOCK.fullmatch(text)
    return time(int(found[1]), int(found[2])) if found is not None else None


class ClockField(StringField):
    """A time of day (9:05, 21.30), or ``None``."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        """The time that was typed."""
        text = str(valuelist[0]).strip() if valuelist else ""
        self.data = clock_of(text)
        if text and self.data is None:
            raise ValueError(_("Write a time, such as 21:30."))

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.strftime("%H:%M") if self.data is not None else ""


class EntryForm(DocumentForm):
    """What is taken out of a store, and when: nothing said is now."""

    store_id = StoreField(_l("Store"))
    lines = EntryLinesField(_l("Rows"))
    happened_on = DayField(_l("Day"), render_kw={"inputmode": "numeric"}, description=_l("Nothing: today."))
    happened_at = ClockField(_l("Time"), render_kw={"inputmode": "numeric"}, description=_l("Nothing: now."))
    note = TextField(_l("Note"), [AtMost(MAX_NOTE)])
    # What the page calls what it sends: sent twice it is one.
    request_key = HiddenField(default=lambda: str(uuid4()))

    def __init__(self, begin: dict[str, str] | None = None, **given: Any) -> None:
        super().__init__(lines=[], **given)
        if not self.is_submitted():
            self.lines.begin(begin or {})
        self.know()

    def know(self) -> None:
        """Read what the chosen store holds of the named items."""
        self.lines.know(self.store_id.data)

    def redrawn(self) -> bool:
        """Rows that were just added are looked at, too."""
        was_redrawn = super().redrawn()
        self.know()
        return was_redrawn

    @property
    def told(self) -> dict[str, Any]:
        """When it happened, and what else is said of it."""
        return {"happened_at": self.moment, "note": self.note.data, "key": uuid_or_none(self.request_key.data)}

    @property
    def moment(self) -> datetime | None:
        """When it happened on the clocks of the store's restaurant; ``None``: now."""
        day, clock = self.happened_on.data, self.happened_at.data
        if not isinstance(day, date) and not isinstance(clock, time):
            return None
        local = in_zone(utc_now(), self._zone)
        if clock is None and day == local.date():
            return None
        told = datetime.combine(day or local.date(), clock or time(23, 59), zone(self._zone))
        return as_utc(told)

    @property
    def _zone(self) -> str | None:
        store = db.session.get(Store, self.store_id.data) if self.store_id.data else None
        return store.restaurant.timezone if store is not None else None

    def taken(self) -> list[Taken]:
        """What the rows take."""
        return [row.form.taken() for row in self.lines.rows if not row.form.is_blank]

    def validate(self, extra_validators: Any = None) -> bool:
        """Each field, that there is a row, and that it lies in the past."""
        valid = super().validate(extra_validators)
        if not any(not row.form.is_blank for row in self.lines.rows):
            self.lines.errors, valid = [*self.lines.errors, _("Write at least one row.")], False
        field = self.happened_on if self.happened_on.data else self.happened_at
        if not field.errors and (fault := self._fault_of_moment()):
            field.errors, valid = [fault], False
        return valid

    def _fault_of_moment(self) -> str | None:
        try:
            moment = self.moment
        except OverflowError:
            return _("This is more than a year ago. Check the year.")
        if moment is not None and moment > utc_now() + LENIENCE:
            return str(IN_FUTURE)
        if moment is not None and moment < utc_now() - MAX_AGE:
            return _("This is more than a year ago. Check the year.")
        return None

    def find_doubt(self) -> str | None:
        """What was counted since then holds it already: it would be taken twice."""
        if (day := self._day_counted_since(self.store_id.data)) is None:
            return None
        return _("It was counted after that, on %(day)s: what was gone by then is in the count already."
            " Send it once more if it was not.", day=day)  # fmt: skip

    def _day_counted_since(self, store_id: UUID) -> str | None:
        moment, items = self.moment, {each.item_id for each in self.taken()}
        counted = counted_since([store_id], items, moment) if moment is not None else None
        return typed_day(in_zone(counted, self._zone).date(), choose_locale()) if counted is not None else None


class WriteOffForm(EntryForm):
    """What is written off, and why."""

    reason = EnumField(_l("Reason"), WriteOffReason, default=WriteOffReason.SPOILED)

    def validate(self, extra_validators: Any = None) -> bool:
        """Another reason is told in words."""
        valid = super().validate(extra_validators)
        if self.reason.data == WriteOffReason.OTHER and not self.note.data:
            self.note.errors, valid = [*self.note.errors, _("Say why.")], False
        return valid


class TransferForm(EntryForm):
    """What is brought to another store."""

    to_store_id = StoreField(_l("To which store"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Nothing is brought to where it is."""
        valid = super().validate(extra_validators)
        if self.to_store_id.data is not None and self.to_store_id.data == self.store_id.data:
            fault = _("Choose another store: this is the one that it comes from.")
            self.to_store_id.errors, valid = [*self.to_store_id.errors, fault], False
        return valid

    def find_doubt(self) -> str | None:
        """The same of the store where it came: it would be there twice."""
        if (doubt := super().find_doubt()) is not None:
            return doubt
        if (day := self._day_counted_since(self.to_store_id.data)) is None:
            return None
        return _("The other store was counted after that, on %(day)s: what had come by then is in the count already."
            " Send it once more if it was not.", day=day)  # fmt: skip


class StartForm(PortalForm):
    """What is to be counted: a store, all that it keeps or one category of it."""

    store_id = StoreField(_l("Store"))
    category = SelectField(_l("What is counted"), validate_choice=False)
    note = LongTextField(_l("Note"), [AtMost(MAX_NOTE)], render_kw={"rows": 2})

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.offered = [("", _l("Everything that the store keeps")), *categories()[1:]]
        self.category.choices = options(self.offered)

    def validate(self, extra_validators: Any = None) -> bool:
        """A category that there is."""
        valid = super().validate(extra_validators)
        if self.category.data and self.category.data not in dict(self.offered):
            self.category.errors, valid = [_("Choose one of the categories.")], False
        return valid


class CountForm(PortalForm):
    """What was counted of one item, in its base unit; nothing is "not counted", which 0 is not."""

    entity = StocktakeItem

    counted_quantity = QuantityField(_l("Counted"), column=Quantity(18, 6), at_least=0)
    # When it was counted, where it is typed from paper.
    clock = ClockField(_l("Time"))

    def __init__(self, line: StocktakeItem, count: Stocktake, timezone: str | None) -> None:
        super().__init__(obj=line)
        self.counted_quantity.id = f"counted-{line.id}"
        self.count, self.timezone = count, timezone

    @property
    def moment(self) -> datetime | None:
        """When it was last that time of day at the restaurant; ``None``: now."""
        if not isinstance(self.clock.data, time):
            return None
        local = in_zone(utc_now(), self.timezone)
        day = local.date() if self.clock.data <= local.time() else local.date() - timedelta(days=1)
        return as_utc(datetime.combine(day, self.clock.data, zone(self.timezone)))

    def validate(self, extra_validators: Any = None) -> bool:
        """What was counted before the count was begun is of another one."""
        valid = super().validate(extra_validators)
        begun = self.count.created_at.replace(second=0, microsecond=0)
        faults = [*self.clock.errors]
        if (moment := self.moment) is not None and moment < begun:
            at = in_zone(begun, self.timezone).strftime("%H:%M")
            faults.append(_("This count was begun later, at %(time)s. Choose another time.", time=at))
        self.counted_quantity.errors = [*self.counted_quantity.errors, *faults]
        return valid and not faults


class FoundForm(PortalForm):
    """An item that stands on a shelf and not in the count."""

    inventory_item_id = ItemField(_l("Item"), [Required()])
