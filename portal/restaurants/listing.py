"""The list of restaurants."""

from flask_babel import lazy_gettext as _l

from portal.iiko.sync.filters import iiko_filter
from portal.restaurants.models import Restaurant
from portal.web.listing import Column, record_list

r = Restaurant.__table__.c
SYNC_TONES = {"synced": "good", "failed": "bad", "syncing": "accent"}

RESTAURANTS = record_list(
    "restaurants",
    Restaurant,
    [
        "name",
        "address",
        Column("phone", nowrap=True),
        Column("email", in_table=False),
        Column("timezone", in_table=False),
        Column("code", in_table=False),
        Column("legal_entity_id", in_table=False),
        "is_active",
        Column("iiko_id", in_table=False),
        Column("iiko_sync_status", _l("iiko"), _l("iiko state"), tones=SYNC_TONES),
        "updated_at",
    ],
    filters=[iiko_filter(r)],
    search_label=_l("Search by name, address, phone or e-mail"),
    empty_text=_l("Add the first one; stores and people are assigned to it later."),
    icon="restaurant",
)
