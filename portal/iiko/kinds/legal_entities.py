"""Legal entities: JURPERSON of iiko's tree. ИНН and КПП stand within it, not at a restaurant's level."""

from collections.abc import Iterator, Mapping

from flask_babel import lazy_gettext as _l

from portal.iiko.client.client import Answer
from portal.iiko.client.requests import DEPARTMENTS
from portal.iiko.kinds.tree import LEGAL_ENTITY, Node, Tree, judge_tree, read_nodes
from portal.iiko.sync.kinds import Kind, KindField, KindReading, ReadRow, Unreadable, declare
from portal.legal_entities.models import LegalEntity


def read(answers: Mapping[str, Answer], reading: KindReading) -> Iterator[ReadRow | Unreadable]:
    """The legal entities of the tree; rows that could not be read, too, for each of them may be one."""
    places = list(read_nodes(answers[DEPARTMENTS.name], reading))
    reading.facts |= Tree(each for each in places if isinstance(each, Node)).facts
    for place in places:
        if isinstance(place, Unreadable):
            yield place
        elif place.type == LEGAL_ENTITY:
            yield place.fault or ReadRow(
                place.iiko_id,
                place.name,
                {
                    "name": place.name,
                    "code": place.code,
                    "tax_id": place.tax_id,
                    "registration_code": place.registration_code,
                },
            )


LEGAL_ENTITIES = declare(
    Kind(
        key="legal_entities",
        label=_l("Legal entities"),
        depends_on=(),
        entity=LegalEntity,
        fields=(
            KindField("name", _l("Name")),
            KindField("code", _l("Code")),
            KindField("tax_id", _l("Tax ID (ИНН)")),
            KindField("registration_code", _l("Registration code (КПП)")),
        ),
        requests=lambda run: (DEPARTMENTS,),
        read=read,
        judge=judge_tree,
        alike=("name", "tax_id"),
    )
)
