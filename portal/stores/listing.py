"""The list of stores."""

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.restaurants.models import Restaurant
from portal.stores.models import STORE_KIND_LABELS, Store
from portal.web.listing import Export, Filter, IdFilter, Listing, Sort
from portal.web.listing.archival import active_export, archival_filter
from portal.web.listing.declaration import capped_count, moment

s = Store.__table__.c
r = Restaurant.__table__.c


def count_label(count: int, capped: bool) -> str:
    """How many stores match."""
    if capped:
        return str(_l("%(count)s stores", count=capped_count(count)))
    return ngettext("%(num)s store", "%(num)s stores", count)


STORES = Listing(
    name="stores",
    entity=Store,
    source=Store.__table__.join(Restaurant.__table__, (r.id == s.restaurant_id) & (r.account_id == s.account_id)),
    columns={
        "name": s.name,
        "kind": s.kind,
        "address": s.address,
        "is_active": s.is_active,
        "restaurant_id": s.restaurant_id,
        "restaurant": r.name,
        "updated_at": s.updated_at,
        "iiko_id": s.iiko_id,
    },
    sorts=[
        Sort("name", _l("Name"), s.name),
        Sort("updated", _l("Last changed"), s.updated_at, parse=moment, descending=True),
    ],
    filters=[
        archival_filter(s.is_active),
        Filter(
            "kind",
            _l("Kind"),
            choices=[("", _l("Any")), *STORE_KIND_LABELS.items()],
            conditions={"": None, **{kind: s.kind == kind.value for kind in STORE_KIND_LABELS}},
        ),
        IdFilter("restaurant_id", _l("One restaurant"), column=s.restaurant_id),
    ],
    search=[s.search_text],
    search_entity="store",
    search_label=_l("Search by name or address"),
    count_label=count_label,
    exports=[
        Export(_l("Name"), lambda row: row.name),
        Export(_l("Restaurant"), lambda row: row.restaurant),
        Export(_l("Kind"), lambda row: STORE_KIND_LABELS.get(row.kind, row.kind)),
        Export(_l("Address"), lambda row: row.address),
        active_export(),
        Export(_l("iiko id"), lambda row: row.iiko_id),
        Export(_l("Last changed (UTC)"), lambda row: row.updated_at),
    ],
)
