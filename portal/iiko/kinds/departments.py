"""Restaurants: DEPARTMENT of iiko's tree, and nothing else of it; what has no type is none."""

from collections.abc import Iterator, Mapping

from flask_babel import lazy_gettext as _l

from portal.iiko.client.client import Answer
from portal.iiko.client.requests import DEPARTMENTS as REQUEST
from portal.iiko.kinds.legal_entities import LEGAL_ENTITIES
from portal.iiko.kinds.tree import CORPORATION, DEPARTMENT, LEGAL_ENTITY, STORE, Node, Tree, judge_tree, read_nodes
from portal.iiko.sync.kinds import Kind, KindField, KindReading, ReadRow, Ref, Unreadable, declare
from portal.iiko.sync.reasons import Reason
from portal.restaurants.models import Restaurant

# Told by other kinds, or the root that all hangs on.
NOT_OURS = frozenset({CORPORATION, LEGAL_ENTITY, STORE})


def read(answers: Mapping[str, Answer], reading: KindReading) -> Iterator[ReadRow | Unreadable]:
    """The restaurants of the tree, each with the nearest legal entity above it."""
    places = list(read_nodes(answers[REQUEST.name], reading))
    tree = Tree(each for each in places if isinstance(each, Node))
    reading.facts |= tree.facts
    for place in places:
        if isinstance(place, Unreadable):
            yield place
        elif place.type == DEPARTMENT:
            yield place.fault or ReadRow(place.iiko_id, place.name, _values(tree, place))
        elif place.type not in NOT_OURS:
            reason = Reason.TYPE if place.type else Reason.UNTYPED
            yield ReadRow(place.iiko_id, place.name, {}, reason, {"type": (place.type or "")[:100]})


def _values(tree: Tree, place: Node) -> dict[str, str | Ref | None]:
    owner = tree.nearest(place, LEGAL_ENTITY)
    reference = Ref(LEGAL_ENTITIES.key, owner.iiko_id, owner.name) if owner else None
    return {"name": place.name, "code": place.code, "legal_entity_id": reference}


DEPARTMENTS = declare(
    Kind(
        key="departments",
        label=_l("Restaurants"),
        depends_on=(LEGAL_ENTITIES.key,),
        entity=Restaurant,
        fields=(
            KindField("name", _l("Name")),
            KindField("code", _l("Code")),
            KindField("legal_entity_id", _l("Legal entity"), refers_to=LEGAL_ENTITIES.key, is_move=True),
        ),
        requests=lambda run: (REQUEST,),
        read=read,
        judge=judge_tree,
    )
)
