"""Values of both sides as they are kept, compared and hashed."""

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from portal.iiko.sync.kinds import IsKnown, Kind, Parts, Ref, Value


def kept(value: Any) -> Any:
    """A value as JSON keeps it."""
    if isinstance(value, Ref):
        told = {"id": value.iiko_id, "name": value.name}
        return told | ({"entity_id": str(value.entity_id)} if value.entity_id else {})
    if isinstance(value, Parts):
        return [dict(row) for row in value.rows]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID | Decimal) else value


def kept_values(values: Mapping[str, Value]) -> dict[str, Any]:
    """What iiko sends of a row, as action and link keep it."""
    return {key: kept(value) for key, value in values.items()}


def remembered(kind: Kind, values: Mapping[str, Any], is_known: IsKnown) -> dict[str, Any]:
    """Kept values as a link holds them: what a later run has to know of them."""
    remembers = {each.key: each.remember for each in kind.fields}
    return {key: remembers[key](value, is_known) if key in remembers else value for key, value in values.items()}


def digest(value: Any) -> str:
    """Sixteen signs that are other ones for another value."""
    return _hash(value)[:16]


def identity(value: Any) -> Any:
    """What of a kept value says whether it is another one: of a reference the id, not what it is called."""
    return (value["id"], value.get("entity_id")) if isinstance(value, dict) else value


def hash_of_iiko(values: Mapping[str, Any]) -> str:
    """The hash of kept values."""
    return _hash({key: identity(value) for key, value in values.items()})


def hash_of_ours(kind: Kind, values: Mapping[str, Any], pins: Collection[str]) -> str:
    """The hash of our row: what iiko fills of it, and which of that is pinned."""
    return _hash([{each.key: kept(values.get(each.key)) for each in kind.columns}, sorted(pins)])


def _hash(value: Any) -> str:
    told = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(told.encode()).hexdigest()
