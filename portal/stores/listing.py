"""The list of stores."""

from flask_babel import lazy_gettext as _l

from portal.iiko.sync.filters import iiko_filter
from portal.stores.models import Store, StoreKind
from portal.web.listing import Column, enum_filter, record_list

s = Store.__table__.c

STORES = record_list(
    "stores",
    Store,
    [
        "name",
        "restaurant_id",
        "kind",
        Column("address", in_table=False),
        Column("code", in_table=False),
        "is_active",
        Column("iiko_id", in_table=False),
        "updated_at",
    ],
    filters=[enum_filter("kind", _l("Kind"), s.kind, StoreKind), iiko_filter(s)],
    search_label=_l("Search by name or address"),
    empty_text=_l("A store is a place where stock is kept: a kitchen, a bar, a cold room."),
    icon="store",
)
