"""The equipment of a store as a list, for its CSV."""

from flask_babel import lazy_gettext as _l

from portal.db.units import Unit
from portal.equipment.models import StoreEquipment, amount_of
from portal.stores.models import Store
from portal.web.listing import Export, Listing, Parent, Sort

e = StoreEquipment.__table__.c


EQUIPMENT = Listing(
    name="equipment",
    entity=StoreEquipment,
    parent=Parent(Store, key=e.store_id, columns={"name": Store.__table__.c.name}),
    columns={
        "name": e.name,
        "quantity": e.quantity,
        "unit": e.unit,
        "price": e.price,
        "currency": e.currency,
        "comment": e.comment,
    },
    sorts=[Sort("position", _l("Order"), e.position, parse=int)],
    search=[e.name, e.comment],
    search_label=_l("Search by name or comment"),
    exports=[
        Export(_l("Name"), lambda row: row.name),
        Export(_l("Quantity"), lambda row: row.quantity),
        Export(_l("Unit"), lambda row: Unit.read(row.unit).label),
        Export(_l("Price each"), lambda row: row.price),
        Export(_l("Amount"), lambda row: amount_of(row.quantity, row.price, row.currency)),
        Export(_l("Currency"), lambda row: row.currency),
        Export(_l("Comment"), lambda row: row.comment),
    ],
)
