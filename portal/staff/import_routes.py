"""People from a spreadsheet."""

from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.importing.declaration import Column
from portal.importing.routes import import_pages
from portal.restaurants.models import Restaurant
from portal.staff.import_page import StaffFileForm, StaffImporter, StaffJudge
from portal.staff.listing import STAFF
from portal.staff.models import StaffMember, StaffPosition

STAFF_IMPORT = StaffImporter(
    entity=StaffMember,
    form=StaffFileForm,
    columns=[
        Column("name", aliases=("employee", "фио", "имя", "имя и фамилия", "сотрудник", "работник")),
        Column("phone", aliases=("tel", "тел", "номер телефона", "мобильный")),
        Column("email", aliases=("почта", "эл. почта", "mail")),
        Column("position_id", aliases=("position", "должность"), entity=StaffPosition),
        Column("restaurant_id", aliases=("restaurant", "ресторан", "заведение", "точка"), entity=Restaurant),
        Column("starts_on", aliases=("start date", "start", "first shift", "дата выхода", "первая смена", "выходит")),
        Column("birthday", aliases=("date of birth", "дата рождения")),
    ],
    match=("phone",),
    permission=Permission.STAFF_EDIT,
    listing=STAFF,
    title=_l("Import staff"),
    judged_by=StaffJudge,
)

staff_imports = import_pages(STAFF_IMPORT)
