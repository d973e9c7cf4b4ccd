"""Which of our rows a row of iiko's may be: proposals for people; nothing is linked by a likeness alone."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal.iiko.sync.kinds import Kind, ReadRow

MAX_CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row of ours that may be the one, and the fields by which it looks so."""

    entity_id: UUID
    name: str
    by: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """As the action keeps it."""
        return {"id": str(self.entity_id), "name": self.name, "by": list(self.by)}


@dataclass(frozen=True, slots=True)
class Free:
    """A row of ours that is not linked."""

    id: UUID
    name: str
    values: Mapping[str, Any]


class Likeness:
    """Finds those of ours, not linked, that look like a row of iiko's."""

    def __init__(self, kind: Kind, free: Iterable[Free]) -> None:
        self.kind = kind
        self.names: dict[UUID, str] = {}
        self.places: dict[UUID, Any] = {}
        self.found: dict[tuple[str, str], list[UUID]] = defaultdict(list)
        for row in free:
            self.names[row.id] = row.name
            self.places[row.id] = row.values.get(kind.within) if kind.within else None
            for key in kind.alike:
                if (text := kind.fold(key, row.values.get(key))) is not None:
                    self.found[key, text].append(row.id)

    def candidates(self, row: ReadRow, place: UUID | None, but: Collection[UUID] = ()) -> list[Candidate]:
        """The most alike first; ``place`` is where ours has to be, for kinds that are told apart ``within`` a place."""
        by: dict[UUID, list[str]] = defaultdict(list)
        for key in self.kind.alike:
            if (text := self.kind.fold(key, row.values.get(key))) is not None:
                for entity_id in self.found.get((key, text), ()):
                    by[entity_id].append(key)
        fitting = [each for each in by if each not in but and (not self.kind.within or self.places[each] == place)]
        fitting.sort(key=lambda each: (-len(by[each]), self.names[each], str(each)))
        return [Candidate(each, self.names[each], tuple(by[each])) for each in fitting[:MAX_CANDIDATES]]
