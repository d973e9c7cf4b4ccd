"""The forms of units, conversions, items, packs and settings."""

from decimal import Decimal
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import BooleanField, Field, ValidationError
from wtforms.validators import Optional, Regexp

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.catalogue.checking import ConversionCheck, step_of
from portal.catalogue.fields import UnitField, offered_units
from portal.catalogue.graph import Level
from portal.catalogue.models import InventoryItem, ItemType, ItemUnit, MeasureUnit, UnitCategoryName, UnitConversion
from portal.catalogue.names import SupplierItem
from portal.catalogue.queries import has_prices, holder_of, item_called
from portal.catalogue.settings import SupplySettings
from portal.catalogue.supplier_items import description_key
from portal.db.amounts import Money, Quantity
from portal.inventory.queries import items_told_in_base
from portal.suppliers.fields import SupplierField
from portal.web.days import DayField
from portal.web.forms import AtMost, EnumField, LongTextField, PortalForm, Required, TextField
from portal.web.lines import DocumentForm, LineForm, LinesField
from portal.web.numbers import MoneyField, NumberField, QuantityField
from portal.web.values import is_storable

TOLD_IN_BASE = _l("Stock or orders are told in this unit already. Add a pack that converts to it, or make a new item.")


def refuse_taken(entity: Any, key: str, field: Field, row: Any, *, active_only: bool = False) -> None:
    """Refuse what another row of the chain is called, letters' case aside, with the way to that row."""
    if not field.data or not is_storable(field.data):
        return
    holder = holder_of(entity, key, field.data, but=row.id if row is not None else None, active_only=active_only)
    if holder is None:
        return
    name = holder.name
    if entity is InventoryItem:
        page = url_for("account.items.show", inventory_item_id=holder.id)
        name = Markup('<a href="{}">{}</a>').format(page, holder.name)
    raise ValidationError(Markup(_("Taken already: %(name)s.")) % {"name": name})  # noqa: S704


class UnitForm(PortalForm):
    """A unit of the chain's own. What it measures is said once: quantities are told in it."""

    entity = MeasureUnit

    name = TextField(_l("Name"), [Required(), AtMost(100)], description=_l("Such as Case, or Bottle 0.75."))
    symbol = TextField(_l("Symbol"), [Required(), AtMost(20)], description=_l("Stands behind a number: kg, case."))
    category = EnumField(_l("What it measures"), UnitCategoryName, default=UnitCategoryName.COUNT)
    base_factor = NumberField(
        _l("In the smallest metric unit"),
        column=Quantity(18, 6),
        more_than=0,
        description=_l(
            "How many grams, millilitres, millimetres or pieces one is: a pound 453.59237. Packs have none."
        ),
    )
    okei_code = TextField(
        _l("Code in ОКЕИ"),
        [Optional(), Regexp(r"^\d{3,4}$", message=_l("Write 3 or 4 digits, such as 778."))],
        render_kw={"inputmode": "numeric"},
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        if self.row is not None:
            del self.category
            del self.base_factor
            if self.row.is_given:  # type: ignore[attr-defined]
                del self.okei_code

    def validate_base_factor(self, field: Field) -> None:
        """What weighs or measures something is so many of the smallest; only packs may hold now this, now that."""
        if field.data is None and not field.process_errors and self.category.data != UnitCategoryName.COUNT:
            raise ValidationError(_("Say how many grams, millilitres or millimetres one is."))

    def validate_symbol(self, field: Field) -> None:
        """Papers name units by it."""
        refuse_taken(MeasureUnit, "symbol", field, self.row)

    def validate_okei_code(self, field: Field) -> None:
        """Files name units by it."""
        refuse_taken(MeasureUnit, "okei_code", field, self.row)


class ConversionForm(PortalForm):
    """A conversion that holds for every item of the chain."""

    entity = UnitConversion

    from_quantity = QuantityField(_l("Quantity"), [Required()], more_than=0)
    from_unit_id = UnitField(_l("Unit"), [Required(_l("Choose the unit."))])
    to_quantity = QuantityField(_l("Is as much as"), [Required()], more_than=0)
    to_unit_id = UnitField(_l("Of the unit"), [Required(_l("Choose the unit."))])

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether it agrees with all that holds."""
        if not super().validate(extra_validators):
            return False
        fault = ConversionCheck(offered_units()).of_account(step_of(self.values(), Level.ACCOUNT))
        if fault is not None:
            self.to_quantity.errors = [*self.to_quantity.errors, fault.sentence]
        return fault is None


class ItemForm(PortalForm):
    """What people may say of an item; its packs are a list of their own."""

    entity = InventoryItem

    name = TextField(_l("Name"), [Required(), AtMost(200)])
    default_unit_id = UnitField(
        _l("Base unit"),
        [Required(_l("Choose the unit."))],
        description=_l("What its quantities and its cost are told in. It stays once there are prices or stock."),
    )
    category = TextField(_l("Category"), [AtMost(100)], description=_l("Such as Dairy, or Packaging."))
    item_type = EnumField(_l("Kind"), ItemType, default=ItemType.RAW_INGREDIENT)
    sku = TextField(_l("SKU"), [AtMost(100)])
    description = LongTextField(_l("Description"), [AtMost(1000)], render_kw={"rows": 2})

    def validate_name(self, field: Field) -> None:
        """Among the items in use a name stands once."""
        if self.row is None or self.row.is_active:  # type: ignore[attr-defined]
            refuse_taken(InventoryItem, "name", field, self.row, active_only=True)

    def validate_sku(self, field: Field) -> None:
        """An SKU is one item's."""
        refuse_taken(InventoryItem, "sku", field, self.row)

    def validate_default_unit_id(self, field: Field) -> None:
        """What has prices, or was ordered, moved or counted, is told in it."""
        if self.row is not None and field.data != field.object_data and has_prices(self.row.id):
            raise ValidationError(
                _("There are prices in this unit already. Add a pack that converts to it, or make a new item.")
            )
        if self.row is not None and field.data != field.object_data and items_told_in_base(self.row.id):
            raise ValidationError(TOLD_IN_BASE)


class PackForm(LineForm):
    """A pack of an item: so much of one unit is so much of another."""

    entity = ItemUnit
    # What it comes to in the base unit; told by the form, which knows the other rows.
    amount_text = ""

    from_quantity = QuantityField(_l("Quantity"), [Required()], more_than=0, default=Decimal(1))
    from_unit_id = UnitField(_l("Unit"), [Required(_l("Choose the unit."))])
    to_quantity = QuantityField(_l("Is as much as"), [Required()], more_than=0)
    to_unit_id = UnitField(_l("Of the unit"), [Required(_l("Choose the unit."))])

    @property
    def is_whole(self) -> bool:
        """Whether it says something that can be reckoned with."""
        return (
            all(field.data and not field.process_errors for field in self)
            and min(self.from_quantity.data, self.to_quantity.data) > 0
        )


class PacksForm(DocumentForm):
    """All packs of one item, judged together: changing two of them at once may be what makes them come out even."""

    lines = LinesField(_l("Packs"), line=PackForm)

    def __init__(self, item: InventoryItem, lines: Any) -> None:
        self.row = item
        super().__init__(lines=lines)
        self.item, self.check = item, ConversionCheck(offered_units())
        self._tell_amounts()

    def redrawn(self) -> bool:
        """What a row comes to may have changed with the others."""
        was_redrawn = super().redrawn()
        self._tell_amounts()
        return was_redrawn

    def _tell_amounts(self) -> None:
        rows = {row.key: row.form for row in self.lines.rows}
        steps = {key: step_of(form.data, Level.ITEM) for key, form in rows.items() if form.is_whole}
        for key, told in self.check.in_base(steps, self.item.default_unit_id).items():
            rows[key].amount_text = told

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether they come out even."""
        if not super().validate(extra_validators):
            return False
        rows = self.lines.filled
        steps = [step_of(row.form.data, Level.ITEM) for row in rows]
        fault = self.check.of_item(steps)
        if fault is None:
            return True
        for row, step in zip(rows, steps, strict=True):
            if step is fault.step:
                row.form.to_quantity.errors = [*row.form.to_quantity.errors, fault.sentence]
        self.lines.errors = [_("Look at the rows that are marked.")]
        return False


class SupplierItemForm(PortalForm):
    """What a supplier calls an item. What was agreed on is for those who set up."""

    entity = SupplierItem

    supplier_id = SupplierField(_l("Supplier"))
    description = TextField(
        _l("What the supplier calls it"), [Required(), AtMost(500)], description=_l("As it stands on the paper.")
    )
    unit_id = UnitField(_l("In the unit"), unset=_l("Any"))
    supplier_sku = TextField(_l("Supplier's SKU"), [AtMost(100)])
    agreed_price = MoneyField(
        _l("Agreed price"), column=Money(16, 4), at_least=0, description=_l("For one of the unit, VAT in it.")
    )
    agreed_from = DayField(_l("Agreed from"))

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        if self.row is not None:
            del self.supplier_id
        if not may(Permission.CATALOGUE_SET_UP):
            del self.agreed_price
            del self.agreed_from
            if self.row is not None and self.row.agreed_price is not None:  # type: ignore[attr-defined]
                # It was agreed on for one of this unit.
                del self.unit_id

    def values(self) -> dict[str, Any]:
        """With what the description is recognised by."""
        return super().values() | {"description_key": description_key(self.description.data or "")}

    def validate_description(self, field: Field) -> None:
        """The words of a supplier mean one thing in a unit."""
        key = description_key(field.data or "")
        if not key:
            raise ValidationError(_("Write it in letters or digits."))
        row: Any = self.row
        supplier_id = row.supplier_id if row is not None else self.supplier_id.data
        unit_id = self.unit_id.data if "unit_id" in self else row.unit_id
        meant = item_called(supplier_id, key, unit_id, but=row.id if row is not None else None)
        if meant is not None:
            page = url_for("account.items.show", inventory_item_id=meant.id)
            link = Markup('<a href="{}">{}</a>').format(page, meant.name)
            raise ValidationError(Markup(_("The supplier calls %(item)s so.")) % {"item": link})  # noqa: S704

    def validate_agreed_from(self, field: Field) -> None:
        """Nothing was agreed without a price."""
        if field.data is not None and self.agreed_price.data is None and not self.agreed_price.process_errors:
            raise ValidationError(_("Write the price, too."))


class SupplySettingsForm(PortalForm):
    """By what the chain judges papers."""

    entity = SupplySettings

    vat_recoverable = BooleanField(
        _l("We deduct VAT that we paid"),
        description=_l("Then costs are without VAT. Leave it out on the simplified system, or where you pay no VAT."),
    )
    price_alert = NumberField(
        _l("A price has risen from this many per cent on"), [Required()], column=Quantity(5, 2), at_least=0
    )
    price_tolerance = NumberField(
        _l("Above an agreed price, per cent that are let pass"), [Required()], column=Quantity(5, 2), at_least=0
    )
    statement_tolerance = MoneyField(
        _l("A difference in a statement that is let pass"), [Required()], column=Money(14, 2), at_least=0
    )

    def validate_price_alert(self, field: Field) -> None:
        """Per cent."""
        refuse_beyond_hundred(field)

    def validate_price_tolerance(self, field: Field) -> None:
        """Per cent."""
        refuse_beyond_hundred(field)


def refuse_beyond_hundred(field: Field) -> None:
    """Per cent go to a hundred."""
    if field.data is not None and field.data > 100:
        raise ValidationError(_("At most 100 per cent."))
