"""In which fields a row of ours differs from iiko's, pins and what iiko never said aside."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from portal.iiko.sync.kinds import Compared, Kind, KindField, ReadRow, Ref, Value
from portal.iiko.sync.reasons import Reason
from portal.iiko.sync.values import identity, kept


class References(Protocol):
    """What leads from references of iiko's to rows of ours."""

    @property
    def references(self) -> Mapping[str, Mapping[str, UUID | None]]: ...
    @property
    def names(self) -> Mapping[UUID, str]: ...
    def is_known(self, kind: str, iiko_id: str) -> bool: ...


@dataclass(slots=True)
class Differences:
    """``changes`` are ``{field: [ours, iiko's]}`` in words; ``conflict`` where a pinned field needs a person."""

    changes: dict[str, list[Any]] = field(default_factory=dict)
    pinned: dict[str, list[Any]] = field(default_factory=dict)
    conflict: Reason | None = None
    conflict_field: KindField | None = None
    is_move: bool = False
    is_binding: bool = False

    @property
    def details(self) -> dict[str, Any]:
        """What the action keeps beside the changes."""
        told: dict[str, Any] = {"pinned": self.pinned} if self.pinned else {}
        if self.conflict_field is not None:
            told |= {"field": self.conflict_field.key}
        return told


def differences(
    kind: Kind,
    row: ReadRow,
    ours: Mapping[str, Any],
    former: Mapping[str, Any],
    pins: Collection[str],
    known: References,
) -> Differences:
    """What would change; ``former`` is what iiko said last."""
    found = Differences()
    for each in kind.fields:
        if each.key not in row.values:
            continue
        theirs, last = row.values[each.key], former.get(each.key)
        mine = last if each.compared is Compared.LAST else ours.get(each.key)
        if _stays(each, theirs, mine, last, known):
            continue
        shown = [_shown(each, mine, known), _shown(each, theirs, known)]
        if each.key not in pins:
            if not is_unknown(theirs, known):
                found.changes[each.key] = shown
                found.is_move = found.is_move or each.is_move
                found.is_binding = found.is_binding or each.is_move or each.is_binding
            continue
        found.pinned[each.key] = shown
        if each.is_key and identity(_remembered(each, theirs, known)) != identity(last):
            found.conflict, found.conflict_field = Reason.PINNED, each
    return found


def _stays(field: KindField, theirs: Value, mine: Any, last: Any, known: References) -> bool:
    """Whether a field is left as it is; nothing takes away only what iiko itself once said."""
    if field.compared is Compared.NEVER or (theirs is None and last is None):
        return True
    if field.compared is Compared.LAST:
        return bool(identity(_remembered(field, theirs, known)) == identity(mine))
    return _is_same(theirs, mine, known)


def _remembered(field: KindField, theirs: Value, known: References) -> Any:
    return field.remember(kept(theirs), known.is_known)


def _is_same(theirs: Value, mine: Any, known: References) -> bool:
    if isinstance(theirs, Ref):
        resolved = theirs.entity_id or known.references.get(theirs.kind, {}).get(theirs.iiko_id)
        return resolved is not None and resolved == mine
    return kept(theirs) == kept(mine)


def is_unknown(theirs: Value, known: References) -> bool:
    """Whether a reference leads nowhere: its row is not linked, nor made by this run. A later run will set it."""
    return (
        isinstance(theirs, Ref)
        and theirs.entity_id is None
        and theirs.iiko_id not in known.references.get(theirs.kind, {})
    )


def _shown(field: KindField, value: Any, known: References) -> Any:
    """A value as people read it: of a reference what it is called."""
    if isinstance(value, Ref):
        return value.name
    return known.names.get(value, "") if isinstance(value, UUID) else field.show(kept(value))
