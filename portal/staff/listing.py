"""The lists of people, of what they do, and of what scenarios call restaurants."""

from flask_babel import lazy_gettext as _l

from portal.staff.models import RestaurantCode, StaffMember, StaffPosition
from portal.web.listing import Column, Sort, record_list

m = StaffMember.__table__.c

STAFF = record_list(
    "staff",
    StaffMember,
    [
        "name",
        "position_id",
        "restaurant_id",
        Column("status", priority=1),
    ],
    sorts=[Sort("name", _l("Name"), m.name)],
    search_label=_l("Search by name"),
    empty_text=_l("Switch on the staff record of a bot, import a file, or add one by hand."),
    icon="user",
)

POSITIONS = record_list(
    "positions",
    StaffPosition,
    ["name", "code", "is_kitchen", "is_active", "updated_at"],
    search_label=_l("Search by name or code"),
    empty_text=_l("What somebody does here: a cook, a waiter. A bot's scenario names it by its code."),
    icon="staff",
)
CODES = record_list(
    "codes",
    RestaurantCode,
    ["code", "restaurant_id", "created_at"],
    sorts=[Sort("code", _l("Code"), RestaurantCode.__table__.c.code)],
    search_label=_l("Search by code"),
    empty_text=_l("What the scenario of a bot calls a restaurant. Several codes of one are fine."),
    icon="restaurant",
)
