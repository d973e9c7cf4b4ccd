"""Items from a spreadsheet: how a row is read and judged; units are known by symbol, name or code."""

from collections import defaultdict
from typing import Any

from flask_babel import gettext as _
from wtforms import Field

from portal.catalogue.forms import TOLD_IN_BASE, ItemForm
from portal.catalogue.models import InventoryItem
from portal.catalogue.queries import items_with_prices, sku_holders
from portal.catalogue.unit_names import UnitNames
from portal.importing.columns import FileColumn, Rows
from portal.importing.declaration import Importer, match_key
from portal.importing.judging import Judge
from portal.importing.references import UnknownCellError
from portal.importing.verdicts import Judgement
from portal.inventory.queries import items_told_in_base

UNIT = "default_unit_id"


class ItemFileForm(ItemForm):
    """The form for rows of a file: what other items have is looked up once for all of them."""

    entity = InventoryItem

    def validate_name(self, field: Field) -> None:
        """Rows are matched by it."""

    def validate_sku(self, field: Field) -> None:
        """The judge knows who has it."""

    def validate_default_unit_id(self, field: Field) -> None:
        """The judge knows what has prices."""


class UnitCells:
    """Cells that name a unit."""

    def __init__(self) -> None:
        self._names = UnitNames()

    def read(self, text: str) -> str:
        """The id behind a symbol, a name, or a number of the classification."""
        found = self._names.find(text, okei_code=text)
        if found is None:
            raise UnknownCellError(_("“%(text)s” is no unit here. Write its symbol, such as kg.", text=text[:80]))
        return str(found)


class ItemJudge(Judge):
    """Judges items: an SKU is one item's, and what has prices keeps its base unit."""

    def __init__(self, importer: Importer, columns: list[FileColumn], rows: Rows) -> None:
        super().__init__(importer, columns, rows)
        self.reader.choices[UNIT] = UnitCells()  # type: ignore[assignment]
        self.holders = sku_holders()
        self.priced, self.told = items_with_prices(), items_told_in_base()
        self.seen: dict[str, list[int]] = defaultdict(list)

    def _is_valid(self, found: Judgement) -> bool:
        self._judge_sku(found)
        if UNIT in found.changes and found.entity_id in self.priced:
            text = _("There are prices in this unit already. Add a pack that converts to it, or make a new item.")
            found.problems.append((UNIT, text))
        elif UNIT in found.changes and found.entity_id in self.told:
            found.problems.append((UNIT, str(TOLD_IN_BASE)))
        return super()._is_valid(found)

    def _judge_sku(self, found: Judgement) -> None:
        sku: Any = self.form.sku.data
        if not sku:
            return
        holder = self.holders.get(match_key(sku))
        if holder is not None and holder.id != found.entity_id:
            found.problems.append(("sku", _("Taken already: %(name)s.", name=holder.name)))
        rows = self.seen[match_key(sku)]
        if rows:
            found.problems.append(("sku", _("Row %(number)s has the same SKU.", number=rows[0])))
        rows.append(found.number)
