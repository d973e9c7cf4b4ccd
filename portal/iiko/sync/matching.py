"""Which of our rows a row of iiko's may be: proposals for people; nothing is linked by a likeness alone."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from portal.iiko.sync.kinds import Kind, ReadRow

QUOTES = re.compile("[\"'`´«»‹›„“”‚‘’′″]")
DASHES = re.compile("[‐‑‒–—―−]")
SPACES = re.compile(r"\s+")
# Of a name of a company, at its beginning or end: what kind of company it is.
FORMS = (
    "общество с ограниченной ответственностью", "индивидуальный предприниматель", "публичное акционерное общество",
    "непубличное акционерное общество", "закрытое акционерное общество", "открытое акционерное общество",
    "акционерное общество", "ооо", "пао", "нао", "зао", "оао", "ао", "ип", "тоо", "чп", "llc", "ltd", "inc",
)  # fmt: skip
FORM = "|".join(re.escape(form) for form in FORMS)
FORM_AT_ONE_END = re.compile(rf"^(?:{FORM})[ ,.]+|[ ,]+(?:{FORM})\.?$")
MAX_CANDIDATES = 10


def fold(name: str) -> str:
    """A name as it is compared: NFKC, lower case, ё as е, no quotes, no legal form, single spaces.

    What would leave nothing (a restaurant called “ИП”) is kept.
    """
    text = unicodedata.normalize("NFKC", name).lower().replace("ё", "е")
    text = SPACES.sub(" ", DASHES.sub("-", QUOTES.sub(" ", text))).strip()
    # The end of one form may be the beginning of the name: until nothing more comes off.
    while (shorter := FORM_AT_ONE_END.sub("", text).strip()) != text and shorter:
        text = shorter
    return text


def folded(key: str, value: Any) -> str | None:
    """What of a field is compared; ``None`` where there is nothing to compare."""
    if not isinstance(value, str) or not value:
        return None
    return (fold(value) if key == "name" else value.strip()) or None


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
                if (text := folded(key, row.values.get(key))) is not None:
                    self.found[key, text].append(row.id)

    def candidates(self, row: ReadRow, place: UUID | None, but: Collection[UUID] = ()) -> list[Candidate]:
        """The most alike first; ``place`` is where ours has to be, for kinds that are told apart ``within`` a place."""
        by: dict[UUID, list[str]] = defaultdict(list)
        for key in self.kind.alike:
            if (text := folded(key, row.values.get(key))) is not None:
                for entity_id in self.found.get((key, text), ()):
                    by[entity_id].append(key)
        fitting = [each for each in by if each not in but and (not self.kind.within or self.places[each] == place)]
        fitting.sort(key=lambda each: (-len(by[each]), self.names[each], str(each)))
        return [Candidate(each, self.names[each], tuple(by[each])) for each in fitting[:MAX_CANDIDATES]]
