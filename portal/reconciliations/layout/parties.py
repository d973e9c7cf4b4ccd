"""Whose books a side of a statement shows."""

import re
from collections.abc import Collection

from portal.reconciliations.layout.books import Book, Party
from portal.reconciliations.layout.words import Movement, folded


def party_of(book: Book, supplier_names: Collection[str], own_names: Collection[str]) -> Party | None:
    """Whose books they are, by the name above them and by where goods and money stand; ``None``: unclear."""
    told = {_party_named(book.holder, supplier_names, own_names), _party_filled(book)} - {None}
    return told.pop() if len(told) == 1 else None


def _party_named(holder: str, supplier_names: Collection[str], own_names: Collection[str]) -> Party | None:
    key = name_key(holder)
    found = [party for party, names in ((Party.SUPPLIER, supplier_names), (Party.OURS, own_names))
             if key and any(_is_same_name(key, name_key(name)) for name in names)]  # fmt: skip
    return found[0] if len(found) == 1 else None


def _is_same_name(one: str, other: str) -> bool:
    return bool(other) and (one == other or f" {other} " in f" {one} " or f" {one} " in f" {other} ")


def name_key(name: str) -> str:
    """A company's name without its form and its quotation marks."""
    words = re.findall(r"\w+", folded(name))
    forms = {"ооо", "оао", "зао", "пао", "ао", "ип", "нао", "llc", "ltd", "inc"}
    return " ".join(word for word in words if word not in forms)


def _party_filled(book: Book) -> Party | None:
    """By the columns of goods and of money: four of five rows must agree."""
    votes = {Party.SUPPLIER: 0, Party.OURS: 0}
    for entry in book.entries:
        if entry.movement in (Movement.DELIVERY, Movement.PAYMENT):
            is_like_theirs = (entry.movement is Movement.DELIVERY) == bool(entry.debit)
            votes[Party.SUPPLIER if is_like_theirs else Party.OURS] += 1
    party = max(votes, key=lambda each: votes[each])
    return party if votes[party] and votes[party] * 5 >= sum(votes.values()) * 4 else None
