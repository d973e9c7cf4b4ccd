"""The imports of the cast of ``tests/world.py``: previews of restaurants, stores, staff and suppliers, a row each."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from tests.world_staff import PHONES

if TYPE_CHECKING:
    from tests.world import Chain


def import_rows(chain: "Chain") -> Iterator[tuple[str, dict[str, Any]]]:
    """Each would change one address, or the e-mail of an employee."""
    marker = chain.marker
    place = f"{marker} on Main street"
    yield from _preview(
        chain, 1, "restaurant", {"name": place, "address": f"{marker}, New street 1"}, f"{marker}, Main street 1"
    )
    yield from _preview(
        chain,
        6,
        "inventory_item",
        {"name": f"{marker} item 1", "category": f"{marker} new category"},
        f"{marker} category",
        changed="category",
    )
    yield from _preview(
        chain,
        2,
        "store",
        {"name": f"{marker} store 1", "restaurant_id": place, "address": f"{marker} new yard"},
        f"{marker} yard 1",
    )
    yield from _preview(
        chain,
        3,
        "staff_member",
        {"name": f"{marker} employee 1", "phone": PHONES[marker].format(1), "email": f"new@{marker}.example"},
        f"employee1@{marker}.example",
        changed="email",
    )
    yield from _preview(
        chain,
        5,
        "supplier",
        {"name": f"{marker} supplier 1", "contact_name": f"{marker} Anna"},
        f"{marker} Boris",
        changed="contact_name",
    )


def invoice_file_rows(chain: "Chain") -> Iterator[tuple[str, dict[str, Any]]]:
    """A paper of one line, not applied yet."""
    marker = chain.marker
    cells = {"number": f"{marker}-77", "day": "2026-05-04", "description": f"{marker} milk", "total": "900.00"}
    (batch, values), (row, _told) = _preview(chain, 4, "invoice", {**cells, "name": ""}, "")
    yield batch, values | {"counts": {"new": 1}}
    head = {"number": cells["number"], "day": cells["day"], "lines": 1, "total": "900.00", "duplicates": []}
    line = {"paper": 2, "quantity": "1", "unit": "", "price": "900", "total": "900.00", "currency": "RUB", "item": None}
    told = {"label": f"{marker}-77 · {marker} milk", "verdict": "new", "values": line | {"head": head}}
    yield row, _told | told | {"entity_id": None, "changes": {}}
    yield (
        "invoice_file",
        {
            "id": chain.id_of("invoice_file"),
            "account_id": chain.account_id,
            "batch_id": chain.id_of("import_batch", 4),
            "supplier_id": chain.id_of("supplier"),
            "restaurant_id": chain.restaurant_id,
            "store_id": chain.store_id,
            "document_id": chain.id_of("document"),
            "options": {"locale": "en", "number": f"{marker}-77"},
        },
    )


def _preview(
    chain: "Chain", number: int, entity: str, cells: dict[str, str], former: str, changed: str = "address"
) -> Iterator[tuple[str, dict[str, Any]]]:
    columns = [{"heading": field, "field": field, "samples": [text]} for field, text in cells.items()]
    yield (
        "import_batch",
        {
            "id": chain.id_of("import_batch", number),
            "account_id": chain.account_id,
            "entity": entity,
            "file_name": f"{chain.marker}.csv",
            "author_id": chain.owner.id,
            "author_name": chain.owner.full_name,
            "read_as": {"kind": "csv", "encoding": "utf-8", "separator": ","},
            "grid": Jsonb([[1, list(cells)], [2, list(cells.values())]]),
            "heading_row": 1,
            "columns": Jsonb(columns),
            "counts": {"changed": 1},
        },
    )
    yield (
        "import_row",
        {
            "id": chain.id_of("import_row", number),
            "account_id": chain.account_id,
            "batch_id": chain.id_of("import_batch", number),
            "number": 2,
            "place": 3_000_002,
            "label": cells["name"],
            "verdict": "changed",
            "entity_id": chain.id_of(entity),
            "values": {changed: cells.get(changed, "")},
            "changes": {changed: [former, cells.get(changed, "")]},
            "problems": Jsonb([["", f"{chain.marker} told"]]),
        },
    )
