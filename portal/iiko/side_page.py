"""iiko's side of a restaurant, a store or a legal entity, for its page and its form."""

from typing import Any

from flask_babel import gettext as _

from portal.db.base import TenantEntity
from portal.iiko.sync.kinds import kind_of
from portal.iiko.sync.sides import Side
from portal.tenancy.objects import find_row


def side_of(entity: type[TenantEntity], row: Any) -> Side | None:
    """What iiko has to do with a row of that class; nothing is read where it has no id of iiko's."""
    if row.iiko_id is None:
        return None
    found = row if isinstance(row, TenantEntity) else find_row(entity, row.id)
    return Side.of(found) if found is not None else None


def pin_note(row: TenantEntity) -> str | None:
    """What the form of a linked row says of the fields that iiko fills in."""
    kind = kind_of(row)
    if kind is None or getattr(row, "iiko_id", None) is None:
        return None
    return _(
        "iiko fills in: %(fields)s. What you change of it here stays as you typed it; iiko's value stands beside it"
        " on the page, and can be taken again there.",
        fields=", ".join(str(each.label) for each in kind.fields),
    )
