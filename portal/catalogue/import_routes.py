"""Items from a spreadsheet."""

from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.catalogue.import_page import ItemFileForm, ItemJudge
from portal.catalogue.listing import ITEMS
from portal.catalogue.models import InventoryItem
from portal.importing.declaration import Column, Importer
from portal.importing.routes import import_pages

ITEM_IMPORT = Importer(
    entity=InventoryItem,
    form=ItemFileForm,
    columns=[
        Column("name", aliases=("item", "наименование", "название", "товар", "номенклатура", "продукт")),
        Column("default_unit_id", aliases=("unit", "ед", "ед. изм.", "единица", "единица измерения")),
        Column("category", aliases=("категория", "group", "группа", "раздел")),
        Column("sku", aliases=("article", "артикул", "код", "code")),
        Column("item_type", aliases=("type", "тип", "вид")),
        Column("description", aliases=("описание", "comment", "комментарий")),
    ],
    match=("name",),
    permission=Permission.CATALOGUE_EDIT,
    listing=ITEMS,
    title=_l("Import items"),
    judged_by=ItemJudge,
)

item_imports = import_pages(ITEM_IMPORT)
