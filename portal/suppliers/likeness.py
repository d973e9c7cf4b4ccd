"""Suppliers that may be the same one: by their ИНН, or by names that differ in what people write differently."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol
from uuid import UUID

from flask_babel import lazy_gettext as _l

from portal.db.types import LabelledEnum

# What a company or an entrepreneur is before the law, as papers and people write it.
_LEGAL_FORMS = frozenset(
    (
        "ооо", "оао", "зао", "пао", "ао", "нао", "ип", "тоо", "кфх", "спк", "сппк", "фгуп", "муп", "гуп", "филиал",
        "индивидуальный", "предприниматель", "общество", "с", "ограниченной", "ответственностью", "акционерное",
        "закрытое", "открытое", "публичное", "llc", "ltd", "inc", "co", "gmbh", "sarl", "jsc", "pjsc", "limited",
    )
)  # fmt: skip
# Latin letters that look like Cyrillic ones: a name typed in the wrong layout is the same name.
_LOOK_ALIKE = str.maketrans("abcehkmoptxy", "авсенкмортху")
_CYRILLIC = re.compile("[а-я]")
_PARTS = re.compile(r"[^\W\d_]+|\d+")
# Below that a letter more or less makes another word.
SHORTEST_LIKE = 7
# Of so many of one ИНН or name nobody looks at each pair.
MAX_OF_ONE = 12


class Likeness(LabelledEnum):
    """Why two suppliers may be the same one, the surest first."""

    TAX_ID = "tax_id", _l("The same ИНН")
    NAME = "name", _l("The same name")
    LIKE_NAME = "like_name", _l("Names one letter apart")


class Named(Protocol):
    """What is asked of a supplier."""

    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def tax_id(self) -> str | None: ...
    @property
    def kpp(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Pair:
    """Two suppliers that may be one, in the order in which they were given."""

    first: Named
    second: Named
    likeness: Likeness

    @property
    def key(self) -> frozenset[UUID]:
        """The two, whichever comes first."""
        return frozenset((self.first.id, self.second.id))


def name_key(name: str) -> str:
    """A name as it is compared: without legal form, quotes, case and blanks; look-alike letters are one letter."""
    told = unicodedata.normalize("NFKC", name).lower().replace("ё", "е")
    words = [word for word in _PARTS.findall(told) if word not in _LEGAL_FORMS]
    joined = " ".join(words)
    return joined.translate(_LOOK_ALIKE) if _CYRILLIC.search(joined) else joined


def find_pairs(suppliers: Sequence[Named]) -> list[Pair]:
    """Every two that may be the same supplier, the surest first, each once.

    Two different ИНН are two suppliers, whatever they are called; two different КПП of one ИНН are two branches.
    """
    found: dict[frozenset[UUID], Pair] = {}
    for likeness, groups in (
        (Likeness.TAX_ID, _grouped((each, [each.tax_id] if each.tax_id else []) for each in suppliers)),
        (Likeness.NAME, _grouped((each, [name_key(each.name)]) for each in suppliers)),
        (Likeness.LIKE_NAME, _grouped((each, set(_shortened(name_key(each.name)))) for each in suppliers)),
    ):
        for pair in _pairs(groups, likeness):
            found.setdefault(pair.key, pair)
    return list(found.values())


def _grouped(keyed: Iterable[tuple[Named, Iterable[str]]]) -> Iterator[list[Named]]:
    groups: dict[str, list[Named]] = defaultdict(list)
    for supplier, keys in keyed:
        for key in keys:
            if key:
                groups[key].append(supplier)
    return (group[:MAX_OF_ONE] for group in groups.values() if len(group) > 1)


def _pairs(groups: Iterable[list[Named]], likeness: Likeness) -> Iterator[Pair]:
    for group in groups:
        for first, second in combinations(group, 2):
            if _may_be_one(first, second):
                yield Pair(first, second, likeness)


def _may_be_one(first: Named, second: Named) -> bool:
    if first.tax_id and second.tax_id and first.tax_id != second.tax_id:
        return False
    return not (first.kpp and second.kpp and first.kpp != second.kpp)


def _shortened(key: str) -> Iterator[str]:
    """The key, and the key without each of its letters and blanks: two that are a letter apart share one of these.

    Digits stay: plants number 1 and 2 are two plants.
    """
    if len(key) < SHORTEST_LIKE:
        return
    yield key
    for place, letter in enumerate(key):
        if not letter.isdigit():
            yield key[:place] + key[place + 1 :]
