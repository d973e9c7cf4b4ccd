"""The imports of the cast of ``tests/world.py``: a preview of restaurants, one of stores and one of staff, a row each."""

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
            "values": {changed: cells[changed]},
            "changes": {changed: [former, cells[changed]]},
            "problems": Jsonb([["", f"{chain.marker} told"]]),
        },
    )
