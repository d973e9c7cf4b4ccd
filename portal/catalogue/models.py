"""Units, conversions between them, items, and what suppliers call those."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.accounts.models import Account
from portal.audit.models import Action
from portal.audit.recording import record
from portal.catalogue.following import tell_conversions
from portal.db.amounts import ExactNumber, Money, Quantity, plain
from portal.db.base import TenantEntity, db, search_text
from portal.db.lines import Line
from portal.db.records import Archivable, Archival, Record
from portal.db.states import MoveRefused
from portal.db.tables import table_args
from portal.db.types import EnumText, LabelledEnum
from portal.db.words import Label, counted
from portal.restaurants.models import SYNC_FIELDS, Synced

# The numbers in ОК 015-94 of the units that every chain has: г, кг, мл, л, шт.
GIVEN_CODES = frozenset({"163", "166", "111", "112", "796"})


class UnitCategoryName(LabelledEnum):
    """What a unit measures."""

    WEIGHT = "weight", _l("Weight")
    VOLUME = "volume", _l("Volume")
    COUNT = "count", _l("Count")
    LENGTH = "length", _l("Length")


class UnitCategory(TenantEntity, label=_l("Sort of units"), fields={"name": _l("Name")}):
    """What units measure: between two units of weight, or two of volume, the metric system alone counts."""

    __tablename__ = "unit_category"
    __table_args__ = (
        *table_args("unit_category", references={}, archivable=False),
        UniqueConstraint("account_id", "name"),
        CheckConstraint(f"name IN {tuple(UnitCategoryName.words())}", name="name"),
    )

    name: Mapped[UnitCategoryName] = mapped_column(EnumText(UnitCategoryName))


class MeasureUnit(
    Archivable,
    label=_l("Unit"),
    plural=_l("Units"),
    add=_l("Add a unit"),
    count=counted("%(num)s unit", "%(num)s units"),
    page="units.show",
    fields={"unit_category_id": _l("What it measures"), "iiko_id": _l("iiko id")},
):
    """A unit of quantity of a chain.

    ``base_factor`` says how many of the smallest metric unit of its category one is (kg: 1000, of g); a pack has
    none. ``okei_code`` is the unit's number in the Russian classification ОК 015-94 (796: a piece).
    """

    __tablename__ = "unit"
    __most__ = 1_000
    __table_args__ = (
        *table_args("unit", references={"unit_category_id": "unit_category"}, listed_by=("name",)),
        UniqueConstraint("account_id", "iiko_id"),
        CheckConstraint("base_factor > 0", name="base_factor"),
        Index("uix_unit_symbol", "account_id", func.lower(text("symbol")), unique=True),
    )

    name: Mapped[str]
    symbol: Mapped[str]
    unit_category_id: Mapped[UUID]
    base_factor: Mapped[Decimal | None] = mapped_column(ExactNumber(18, 6))
    okei_code: Mapped[str | None]
    iiko_id: Mapped[str | None]
    search_text: Mapped[str | None] = search_text("unit", "name, symbol")

    @property
    def is_given(self) -> bool:
        """Whether every chain has it from the start; it stays as it is but for its name and symbol."""
        return self.base_factor is not None and self.okei_code in GIVEN_CODES

    @property
    def reason_to_stay(self) -> Label:
        """What every chain has stays, and so does what items are counted in."""
        if self.is_given:
            return _("%(name)s is one of the units that every chain has.", name=self.name)
        items = select(InventoryItem.name).where(InventoryItem.default_unit_id == self.id, InventoryItem.is_active)
        item = db.session.scalar(items.order_by(InventoryItem.name).limit(1))
        return _("%(unit)s stays: %(item)s is counted in it.", unit=self.name, item=item) if item else None

    def archive(self) -> bool:
        """Take it out of the lists, unless it has a reason to stay; whether that changed anything."""
        return self.reason_to_stay is None and super().archive()


class Ratio:
    """``from_quantity`` of one unit are ``to_quantity`` of the other: two numbers, so that it is exact."""

    from_unit_id: Mapped[UUID]
    to_unit_id: Mapped[UUID]
    from_quantity: Mapped[Decimal] = mapped_column(Quantity())
    to_quantity: Mapped[Decimal] = mapped_column(Quantity())

    @property
    def pair(self) -> frozenset[UUID]:
        """The two units, in no order: of each pair there is one."""
        return frozenset((self.from_unit_id, self.to_unit_id))

    @property
    def display_name(self) -> str:
        """The ratio in words, "1 box = 12 pcs"."""
        first, second = (db.session.get_one(MeasureUnit, each) for each in (self.from_unit_id, self.to_unit_id))
        return f"{plain(self.from_quantity)} {first.symbol} = {plain(self.to_quantity)} {second.symbol}"


def ratio_checks() -> tuple[CheckConstraint, ...]:
    """What is true of a ratio of two numbers between two units."""
    return (
        CheckConstraint("from_quantity > 0", name="from_quantity"),
        CheckConstraint("to_quantity > 0", name="to_quantity"),
        CheckConstraint("from_unit_id <> to_unit_id", name="units"),
    )


def one_of_pair(name: str, *within: str) -> Index:
    """The index by which there is one ratio of two units, whichever of them is told first."""
    pair = (text("LEAST(from_unit_id, to_unit_id)"), text("GREATEST(from_unit_id, to_unit_id)"))
    return Index(name, "account_id", *within, *pair, unique=True)


class UnitConversion(
    Ratio,
    Record,
    label=_l("Conversion"),
    plural=_l("Conversions"),
    count=counted("%(num)s conversion", "%(num)s conversions"),
):
    """What holds for every item of the chain."""

    __tablename__ = "unit_conversion"
    __most__ = 5_000
    __table_args__ = (
        *table_args("unit_conversion", references={"from_unit_id": "unit", "to_unit_id": "unit"}, archivable=False),
        *ratio_checks(),
        one_of_pair("uix_unit_conversion_pair"),
    )

    def open(self) -> None:
        """Let it hold from now on."""
        super().open()
        tell_conversions(None)

    def remove(self) -> None:
        """Say no more that it holds; past prices keep the quantities that they were made with."""
        record(Action.REMOVED, self)
        db.session.delete(self)


class ItemType(LabelledEnum):
    """What an item is in the kitchen."""

    RAW_INGREDIENT = "raw_ingredient", _l("Ingredient")
    SEMI_FINISHED = "semi_finished", _l("Semi-finished")
    FINISHED_PRODUCT = "finished_product", _l("Finished product")


class InventoryItem(
    Synced,
    Archivable,
    label=_l("Item"),
    plural=_l("Items"),
    add=_l("Add an item"),
    count=counted("%(num)s item", "%(num)s items"),
    page="items.show",
    fields={
        **SYNC_FIELDS,
        "current_cost_per_unit": _l("Cost"),
        "cost_changed_on": _l("Cost changed on"),
        "reorder_level": _l("Order below"),
        "count_tolerance": _l("Counts may be off by, per cent"),
    },
):
    """Something that is bought, kept and used; quantities of it are told in ``default_unit_id``, its base unit.

    ``current_cost_per_unit`` is what one base unit costs, ``None`` where that is not known.
    """

    __tablename__ = "inventory_item"
    __most__ = 50_000
    __table_args__ = (
        *table_args("inventory_item", references={"default_unit_id": "unit"}, listed_by=("name", "cost_changed_on")),
        UniqueConstraint("account_id", "iiko_id"),
        CheckConstraint(f"item_type IN {tuple(ItemType.words())}", name="item_type"),
        CheckConstraint("reorder_level >= 0", name="reorder_level"),
        CheckConstraint("count_tolerance BETWEEN 0 AND 100", name="count_tolerance"),
        Index(
            "uix_inventory_item_name",
            "account_id",
            func.lower(text("name")),
            unique=True,
            postgresql_where=text("is_active"),
        ),
        Index("uix_inventory_item_sku", "account_id", func.lower(text("sku")), unique=True),
    )

    name: Mapped[str]
    description: Mapped[str | None] = mapped_column(Text)
    sku: Mapped[str | None]
    default_unit_id: Mapped[UUID]
    category: Mapped[str | None]
    item_type: Mapped[ItemType] = mapped_column(
        EnumText(ItemType), default=ItemType.RAW_INGREDIENT, server_default=ItemType.RAW_INGREDIENT
    )
    current_cost_per_unit: Mapped[Decimal | None] = mapped_column(Money(18, 6))
    cost_changed_on: Mapped[date | None]
    reorder_level: Mapped[Decimal | None] = mapped_column(Quantity(18, 6))
    count_tolerance: Mapped[Decimal | None] = mapped_column(ExactNumber(5, 2))
    search_text: Mapped[str | None] = search_text("inventory_item", "name, sku")

    @property
    def currency(self) -> str:
        """What its cost is in: what the chain reckons in."""
        return Account.current().currency

    def guard_move(self, to: LabelledEnum) -> None:
        """Among the items in use a name stands once."""
        namesake = select(InventoryItem.id).where(
            func.lower(InventoryItem.name) == func.lower(self.name), InventoryItem.is_active
        )
        if to == Archival.ACTIVE and db.session.scalar(namesake.limit(1)) is not None:
            raise MoveRefused(_("Another item is called “%(name)s”. Rename one of them first.", name=self.name))


class ItemUnit(
    Ratio,
    Line,
    label=_l("Pack of an item"),
    plural=_l("Packs of an item"),
    count=counted("%(num)s pack", "%(num)s packs"),
):
    """A conversion that is true of one item alone, such as a pack of 0.91 kg; it may cross categories."""

    __tablename__ = "inventory_item_units"
    __filled__ = ("from_quantity", "from_unit_id", "to_quantity", "to_unit_id")
    __most__ = 200_000
    __table_args__ = (
        *table_args(
            "inventory_item_units",
            references={"inventory_item_id": "inventory_item", "from_unit_id": "unit", "to_unit_id": "unit"},
            archivable=False,
            on_delete={"inventory_item_id": "CASCADE"},
        ),
        *ratio_checks(),
        one_of_pair("uix_inventory_item_units_pair", "inventory_item_id"),
    )

    inventory_item_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(default=0, server_default=text("0"))
