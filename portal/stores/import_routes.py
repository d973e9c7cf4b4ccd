"""Stores from a spreadsheet."""

from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.importing.declaration import Column, Importer
from portal.importing.routes import import_pages
from portal.restaurants.models import Restaurant
from portal.stores.forms import StoreForm
from portal.stores.listing import STORES
from portal.stores.models import Store

STORE_IMPORT = Importer(
    entity=Store,
    form=StoreForm,
    columns=[
        Column("name", aliases=("store", "склад")),
        Column("restaurant_id", aliases=("заведение", "точка"), entity=Restaurant),
        Column("kind", aliases=("type",)),
        Column("address"),
    ],
    match=("restaurant_id", "name"),
    permission=Permission.RESTAURANTS_EDIT,
    listing=STORES,
    title=_l("Import stores"),
)

store_imports = import_pages(STORE_IMPORT)
