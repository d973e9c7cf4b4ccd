"""Suppliers from a spreadsheet."""

from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.importing.declaration import Column, Importer
from portal.importing.routes import import_pages
from portal.suppliers.forms import SupplierForm
from portal.suppliers.listing import SUPPLIERS
from portal.suppliers.models import Supplier

SUPPLIER_IMPORT = Importer(
    entity=Supplier,
    form=SupplierForm,
    columns=[
        Column("name", aliases=("supplier", "поставщик", "контрагент", "наименование", "организация")),
        Column("tax_id", aliases=("инн", "inn", "tax id", "taxpayer id")),
        Column("kpp", aliases=("кпп", "registration code")),
        Column("contact_name", aliases=("contact", "контакт", "контактное лицо", "менеджер")),
        Column("phone", aliases=("tel", "тел", "номер телефона")),
        Column("email", aliases=("почта", "эл. почта", "mail")),
        Column("address", aliases=("адрес", "юридический адрес")),
        Column("terms", aliases=("условия", "условия поставки", "комментарий", "notes")),
    ],
    match=("name",),
    permission=Permission.CATALOGUE_EDIT,
    listing=SUPPLIERS,
    title=_l("Import suppliers"),
)

supplier_imports = import_pages(SUPPLIER_IMPORT)
