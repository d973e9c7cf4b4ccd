"""What stands in iiko against what stands here: a pure function of rows, links, pins, refusals and mapped nodes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from portal.iiko.sync.differences import Differences, differences, is_unknown
from portal.iiko.sync.kinds import Evidence, Kind, ReadRow, Ref, Unreadable
from portal.iiko.sync.matching import Candidate, Free, Likeness
from portal.iiko.sync.models import Word
from portal.iiko.sync.reasons import Reason
from portal.iiko.sync.values import hash_of_iiko, hash_of_ours, kept_values

UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Ours:
    """A row of ours: what iiko fills of it (references as ids of ours)."""

    id: UUID
    name: str
    values: Mapping[str, Any]
    iiko_id: str | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """A link: ``is_here`` where it is of the server that is being read, ``values`` what iiko said last."""

    entity_id: UUID
    values: Mapping[str, Any]
    hash: str | None
    is_here: bool = True
    is_missing: bool = False


@dataclass(frozen=True)
class Known:
    """All that comparing looks at beside the rows.

    ``references`` lead from iiko's ids of other kinds to our rows, to ``None`` where this very run makes the row;
    ``names`` are what referred rows of ours are called. ``used`` are ours that may not be moved.
    """

    ours: Mapping[UUID, Ours]
    links: Mapping[str, Linked] = field(default_factory=dict)
    pins: Mapping[UUID, frozenset[str]] = field(default_factory=dict)
    refused: Mapping[str, frozenset[UUID]] = field(default_factory=dict)
    nodes: Mapping[str, UUID] = field(default_factory=dict)
    references: Mapping[str, Mapping[str, UUID | None]] = field(default_factory=dict)
    names: Mapping[UUID, str] = field(default_factory=dict)
    used: frozenset[UUID] = frozenset()

    def is_known(self, kind: str, iiko_id: str) -> bool:
        """Whether a row of another kind is one of ours, or becomes one in this run."""
        return iiko_id in self.references.get(kind, {})


@dataclass(slots=True)
class Planned:
    """What is to be done with one row."""

    word: Word
    iiko_id: str | None
    name: str
    entity_id: UUID | None = None
    reason: Reason | None = None
    details: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, list[Any]] = field(default_factory=dict)
    iiko_values: dict[str, Any] = field(default_factory=dict)
    row_hash: str | None = None
    is_move: bool = False
    candidates: list[Candidate] = field(default_factory=list)


class Comparison:
    """One kind of one server compared; ``counts`` and ``evidence`` tell of it once ``run`` has ended."""

    def __init__(self, kind: Kind, known: Known) -> None:
        self.kind, self.known = kind, known
        self.counts: Counter[str] = Counter()
        self.rows: dict[str, ReadRow | Unreadable] = {}
        self.nameless: list[Unreadable] = []
        linked = {link.entity_id for link in known.links.values()}
        self.owners: dict[str, list[UUID]] = {}
        for row in known.ours.values():
            if row.iiko_id and row.id not in linked:
                self.owners.setdefault(row.iiko_id.strip("{} ").lower(), []).append(row.id)
        free = (Free(row.id, row.name, row.values) for row in known.ours.values() if row.id not in linked)
        self.likeness = Likeness(kind, free)
        # Whose each value is that no two rows share: ours, and those that this very run makes.
        self.holders: dict[tuple[str, str], Any] = {}
        for row in known.ours.values():
            self._hold(row.id, row.values)

    def run(self, rows: Iterable[ReadRow | Unreadable]) -> Iterator[Planned]:
        """What is to be done, rows that stay as they are left out; proposals come last, for they look at each other."""
        for row in rows:
            self._gather(row)
        proposals: list[Planned] = []
        for planned in self._all():
            self.counts[planned.word] += 1
            if planned.candidates:
                proposals.append(planned)
            else:
                yield planned
        _tell_rivals(proposals)
        yield from proposals

    def plan(self, row: ReadRow) -> Planned | None:
        """What is to be done with one row alone; ``None``: nothing."""
        planned = self._row(self._placed(row))
        if planned is not None and planned.candidates:
            _tell_rivals([planned])
        return planned

    @property
    def evidence(self) -> Evidence:
        """What a judge of the whole answer looks at."""
        taken = {key for key, row in self.rows.items() if isinstance(row, ReadRow) and row.skip is None}
        linked = {iiko_id for iiko_id, link in self.known.links.items() if link.is_here}
        return Evidence(taken=len(taken), linked=len(linked), gone=len(linked - taken))

    def _gather(self, row: ReadRow | Unreadable) -> None:
        """Rows by their id. The same one twice counts once; another one under its id is nobody's word."""
        if row.iiko_id is None:
            assert isinstance(row, Unreadable)
            self.nameless.append(row)
            return
        row = self._placed(row) if isinstance(row, ReadRow) else row
        former = self.rows.setdefault(row.iiko_id or "", row)
        if former != row:
            self.rows[row.iiko_id or ""] = Unreadable(row.iiko_id, row.name, Reason.DOUBLED)

    def _placed(self, row: ReadRow) -> ReadRow:
        """A row that nothing stands above belongs where a person said that a node above it does."""
        mapped = next((self.known.nodes[node] for node in row.nodes if node in self.known.nodes), None)
        if row.skip is not Reason.NO_DEPARTMENT or mapped is None or self.kind.mapped_by is None:
            return row
        place = Ref("", "", self.known.names.get(mapped, ""), entity_id=mapped)
        return replace(row, skip=None, values={**row.values, self.kind.mapped_by: place})

    def _all(self) -> Iterator[Planned]:
        for nameless in self.nameless:
            yield Planned(Word.ERROR, None, nameless.name, reason=nameless.reason, details=dict(nameless.details))
        for row in self.rows.values():
            planned = self._error(row) if isinstance(row, Unreadable) else self._row(row)
            if planned is None:
                self.counts[UNCHANGED] += 1
            else:
                yield planned
        yield from self._missing()

    def _error(self, row: Unreadable) -> Planned:
        link = self.known.links.get(row.iiko_id or "")
        entity_id = link.entity_id if link and link.is_here else None
        return Planned(Word.ERROR, row.iiko_id, row.name, entity_id, row.reason, dict(row.details))

    def _row(self, row: ReadRow) -> Planned | None:
        """What is to be done with a row that could be read; ``None``: nothing."""
        link = self.known.links.get(row.iiko_id)
        linked_id = link.entity_id if link else None
        if row.skip is not None:
            return self._plan(Word.SKIP, row, linked_id, row.skip, dict(row.details))
        if link is not None and not link.is_here:
            return self._elsewhere(row, link)
        if (lacking := self._lacking(row)) is not None:
            return self._plan(Word.SKIP, row, linked_id, Reason.NOT_THERE, {"name": lacking.name})
        owners = [link.entity_id] if link else self.owners.get(row.iiko_id, [])
        if len(owners) > 1:
            names = [self.known.ours[each].name for each in owners]
            return self._plan(Word.CONFLICT, row, None, Reason.TWO_OF_OURS, {"names": names})
        return self._ours(row, self.known.ours[owners[0]], link) if owners else self._unknown(row)

    def _elsewhere(self, row: ReadRow, link: Linked) -> Planned:
        """Linked through another server: the first stays until a person says otherwise."""
        is_refused = link.entity_id in self.known.refused.get(row.iiko_id, ())
        word, reason = (Word.SKIP, Reason.REFUSED) if is_refused else (Word.CONFLICT, Reason.OTHER_SERVER)
        return self._plan(word, row, link.entity_id, reason)

    def _lacking(self, row: ReadRow) -> Ref | None:
        """What the row cannot be without and that is not there, nor made by this run."""
        for each in self.kind.fields:
            value = row.values.get(each.key)
            if each.is_required and isinstance(value, Ref) and is_unknown(value, self.known):
                return value
        return None

    def _unknown(self, row: ReadRow) -> Planned:
        """A row that is linked with none of ours: a proposal, left out as a person said, or a new one."""
        refused = self.known.refused.get(row.iiko_id, frozenset())
        place = row.values.get(self.kind.within) if self.kind.within else None
        ours = self._resolved(place) if isinstance(place, Ref) else None
        candidates = self.likeness.candidates(row, ours, but=refused)
        if candidates:
            reason = Reason.ALIKE if len(candidates) == 1 else Reason.SEVERAL_ALIKE
            planned = self._plan(Word.CONFLICT, row, None, reason)
            planned.candidates = candidates
            return planned
        if refused:
            return self._plan(Word.SKIP, row, None, Reason.REFUSED)
        if (not_made := self.kind.not_made(row.values)) is not None:
            return self._plan(Word.SKIP, row, None, not_made)
        if (taken := self._taken(row.iiko_id, row.values)) is not None:
            return self._plan(Word.CONFLICT, row, None, Reason.TAKEN, {"field": taken[0], "value": taken[1]})
        self._hold(row.iiko_id, row.values)
        return self._plan(Word.CREATE, row, None)

    def _hold(self, holder: Any, values: Mapping[str, Any]) -> None:
        for each in self._unique(values):
            self.holders.setdefault(each, holder)

    def _unique(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """The values that no two rows share, as the database compares them."""
        for key in self.kind.unique:
            if isinstance(text := values.get(key), str) and text:
                yield key, text.lower()

    def _taken(self, holder: Any, values: Mapping[str, Any]) -> tuple[str, str] | None:
        """The field and the value that belong to another row already."""
        found = next((each for each in self._unique(values) if self.holders.get(each, holder) != holder), None)
        return (found[0], str(values[found[0]])) if found else None

    def _resolved(self, ref: Ref) -> UUID | None:
        return ref.entity_id or self.known.references.get(ref.kind, {}).get(ref.iiko_id)

    def _ours(self, row: ReadRow, ours: Ours, link: Linked | None) -> Planned | None:
        pins = self.known.pins.get(ours.id, frozenset())
        found = differences(self.kind, row, ours.values, link.values if link else {}, pins, self.known)
        planned = self._plan(Word.UPDATE, row, ours.id)
        # What is back after it was missing is written, too.
        is_known = link is not None and not link.is_missing and link.hash == hash_of_iiko(planned.iiko_values)
        if is_known and not found.changes and found.conflict is None:
            return None
        planned.row_hash = hash_of_ours(self.kind, ours.values, pins)
        planned.details = {**planned.details, **found.details}
        planned.changes, planned.is_move = found.changes, found.is_move
        changed = {key: row.values[key] for key in found.changes}
        if found.conflict is None and (taken := self._taken(ours.id, changed)) is not None:
            planned.word, planned.reason, planned.is_move = Word.CONFLICT, Reason.TAKEN, False
            planned.details |= {"field": taken[0], "value": taken[1]}
            return planned
        self._hold(ours.id, changed)
        return self._conflicting(planned, ours, found)

    def _conflicting(self, planned: Planned, ours: Ours, found: Differences) -> Planned:
        """The same, or what a person has to decide first."""
        reason = found.conflict
        if reason is None and found.is_binding and ours.id in self.known.used:
            reason = self.kind.in_use
        if reason is not None:
            planned.word, planned.reason, planned.is_move = Word.CONFLICT, reason, False
        return planned

    def _plan(
        self,
        word: Word,
        row: ReadRow,
        entity_id: UUID | None,
        reason: Reason | None = None,
        details: dict[str, Any] | None = None,
    ) -> Planned:
        details = {**({"nodes": list(row.nodes)} if row.nodes and word is Word.SKIP else {}), **(details or {})}
        if row.day is not None:
            details["day"] = row.day.isoformat()
        return Planned(word, row.iiko_id, row.name, entity_id, reason, details, iiko_values=kept_values(row.values))

    def _missing(self) -> Iterator[Planned]:
        """What is linked and was not named. Beside a row without an id nobody can say so: it may be that one."""
        if self.nameless:
            return
        for iiko_id, link in self.known.links.items():
            if link.is_here and iiko_id not in self.rows:
                ours = self.known.ours[link.entity_id]
                yield Planned(Word.MISSING, iiko_id, ours.name, ours.id, Reason.GONE, iiko_values=dict(link.values))


def _tell_rivals(proposals: Iterable[Planned]) -> None:
    """Proposals keep their candidates; where two rows of iiko's look like one of ours each says so."""
    proposals = list(proposals)
    asked = Counter(each.entity_id for planned in proposals for each in planned.candidates)
    for planned in proposals:
        if len(planned.candidates) == 1 and asked[planned.candidates[0].entity_id] > 1:
            planned.reason = Reason.TWO_FOR_ONE
        planned.details = {**planned.details, "candidates": [each.as_json() for each in planned.candidates]}
