"""Restaurants from a spreadsheet."""

from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.importing.declaration import Column, Importer
from portal.importing.routes import import_pages
from portal.restaurants.forms import RestaurantForm
from portal.restaurants.listing import RESTAURANTS
from portal.restaurants.models import Restaurant

RESTAURANT_IMPORT = Importer(
    entity=Restaurant,
    form=RestaurantForm,
    columns=[
        Column("name", aliases=("restaurant", "ресторан", "заведение", "точка")),
        Column("address", aliases=("адрес ресторана",)),
        Column("phone", aliases=("tel", "тел", "номер телефона")),
        Column("email", aliases=("почта", "эл. почта", "mail")),
        Column("timezone", aliases=("zone", "пояс")),
    ],
    match=("name",),
    permission=Permission.RESTAURANTS_EDIT,
    listing=RESTAURANTS,
    title=_l("Import restaurants"),
    whole_account_to_add=True,
)

restaurant_imports = import_pages(RESTAURANT_IMPORT)
