"""The list of restaurants."""

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.restaurants.models import SYNC_STATUS_LABELS, Restaurant
from portal.web.listing import Export, Filter, Listing, Sort
from portal.web.listing.archival import active_export, archival_filter
from portal.web.listing.declaration import capped_count, moment

r = Restaurant.__table__.c


def count_label(count: int, capped: bool) -> str:
    """How many restaurants match."""
    if capped:
        return str(_l("%(count)s restaurants", count=capped_count(count)))
    return ngettext("%(num)s restaurant", "%(num)s restaurants", count)


RESTAURANTS = Listing(
    name="restaurants",
    entity=Restaurant,
    columns={
        "name": r.name,
        "address": r.address,
        "phone": r.phone,
        "email": r.email,
        "timezone": r.timezone,
        "is_active": r.is_active,
        "iiko_id": r.iiko_id,
        "iiko_sync_status": r.iiko_sync_status,
        "updated_at": r.updated_at,
    },
    sorts=[
        Sort("name", _l("Name"), r.name),
        Sort("updated", _l("Last changed"), r.updated_at, parse=moment, descending=True),
    ],
    filters=[
        archival_filter(r.is_active),
        Filter(
            "sync",
            _l("iiko"),
            choices=[
                ("", _l("Any")),
                ("none", _l("Not connected")),
                *SYNC_STATUS_LABELS.items(),
                ("other", _l("Other")),
            ],
            conditions={
                "": None,
                "none": r.iiko_sync_status.is_(None),
                **{status: r.iiko_sync_status == status for status in SYNC_STATUS_LABELS},
                "other": r.iiko_sync_status.not_in(list(SYNC_STATUS_LABELS)),
            },
        ),
    ],
    search=[r.search_text],
    search_entity="restaurant",
    search_label=_l("Search by name, address, phone or e-mail"),
    count_label=count_label,
    exports=[
        Export(_l("Name"), lambda row: row.name),
        Export(_l("Address"), lambda row: row.address),
        Export(_l("Phone"), lambda row: row.phone),
        Export(_l("E-mail"), lambda row: row.email),
        Export(_l("Time zone"), lambda row: row.timezone),
        active_export(),
        Export(_l("iiko id"), lambda row: row.iiko_id),
        Export(_l("iiko state"), lambda row: SYNC_STATUS_LABELS.get(row.iiko_sync_status, row.iiko_sync_status)),
        Export(_l("Last changed (UTC)"), lambda row: row.updated_at),
    ],
)
