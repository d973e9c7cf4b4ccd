"""Stores: each belongs to the nearest restaurant above it, over both trees of iiko's."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.iiko.client.client import Answer
from portal.iiko.client.requests import DEPARTMENTS as PLACES
from portal.iiko.client.requests import STORES as REQUEST
from portal.iiko.kinds.departments import DEPARTMENTS
from portal.iiko.kinds.tree import DEPARTMENT, STORE, Node, Tree, judge_tree, read_nodes
from portal.iiko.sync.kinds import Kind, KindField, KindReading, ReadRow, Ref, Unreadable, Value, declare
from portal.iiko.sync.reasons import Reason
from portal.stores.models import Store, StoreKind

# Words of a store's name, the first that is found; guessed once, when the store is made here.
KIND_WORDS = (
    (StoreKind.BAR, re.compile(r"\b(бар(а|е|у|ом|ы|ный|ная|ное)?|bar)\b", re.IGNORECASE)),
    (StoreKind.KITCHEN, re.compile(r"\b(кухн|kitchen|цех)", re.IGNORECASE)),
    (StoreKind.HOUSEHOLD, re.compile(r"\b(хоз|инвентар|household)", re.IGNORECASE)),
    (StoreKind.COLD, re.compile(r"\b(холод|мороз|cold|freez)", re.IGNORECASE)),
    (StoreKind.WAREHOUSE, re.compile(r"\b(склад|кладов|warehouse)", re.IGNORECASE)),
)


def read(answers: Mapping[str, Answer], reading: KindReading) -> Iterator[ReadRow | Unreadable]:
    """The stores; one that no restaurant stands above is left out, with the places that a person may map."""
    above = [each for each in read_nodes(answers[PLACES.name], reading) if isinstance(each, Node)]
    places = list(read_nodes(answers[REQUEST.name], reading))
    # What both name is read from the tree of restaurants.
    tree = Tree([*(each for each in places if isinstance(each, Node)), *above])
    reading.facts |= tree.facts
    known = {each.iiko_id for each in above}
    for place in places:
        if isinstance(place, Unreadable):
            yield place
        elif place.type == STORE:
            yield place.fault or _row(tree, place)
        elif place.iiko_id not in known:
            reason = Reason.TYPE if place.type else Reason.UNTYPED
            yield ReadRow(place.iiko_id, place.name, {}, reason, {"type": (place.type or "")[:100]})


def _row(tree: Tree, place: Node) -> ReadRow:
    values: dict[str, Value] = {"name": place.name, "code": place.code}
    above = tree.above(place)
    restaurant = tree.nearest(place, DEPARTMENT)
    if restaurant is not None:
        values["restaurant_id"] = Ref(DEPARTMENTS.key, restaurant.iiko_id, restaurant.name)
        return ReadRow(place.iiko_id, place.name, values)
    told = [{"id": each.iiko_id, "type": each.type, "name": each.name} for each in (place, *above)]
    nodes = tuple(each.iiko_id for each in (place, *above))
    return ReadRow(place.iiko_id, place.name, values, Reason.NO_DEPARTMENT, {"places": told}, nodes)


def begin(values: Mapping[str, Value]) -> dict[str, Any]:
    """What a new store is used for, by the words of its name; nobody asks iiko for it again."""
    name = str(values.get("name") or "")
    kind = next((kind for kind, words in KIND_WORDS if words.search(name)), StoreKind.OTHER)
    return {"kind": kind}


STORES = declare(
    Kind(
        key="stores",
        label=_l("Stores"),
        depends_on=(DEPARTMENTS.key,),
        entity=Store,
        fields=(
            KindField("name", _l("Name")),
            KindField("code", _l("Code")),
            KindField(
                "restaurant_id",
                _l("Restaurant"),
                refers_to=DEPARTMENTS.key,
                is_required=True,
                is_key=True,
                is_move=True,
            ),
        ),
        requests=lambda run: (PLACES, REQUEST),
        read=read,
        judge=judge_tree,
        within="restaurant_id",
        mapped_by="restaurant_id",
        begin=begin,
    )
)
