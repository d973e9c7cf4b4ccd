"""iiko's tree of companies, restaurants and stores, as ``corporation/departments`` and ``corporation/stores`` give it.

iiko, "API iikoServer", Corporation: one envelope for both; a parent may be absent, itself, or part of a circle.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from portal.iiko.client.client import Answer
from portal.iiko.client.reading import Reading
from portal.iiko.client.rows import RowError
from portal.iiko.client.xml_rows import XmlRow, rows
from portal.iiko.sync.kinds import Evidence, Unreadable
from portal.iiko.sync.reasons import HoldReason, Reason

ENVELOPES, ELEMENT = ("corporateItemDtoes",), "corporateItemDto"
CORPORATION, LEGAL_ENTITY, DEPARTMENT, STORE = "CORPORATION", "JURPERSON", "DEPARTMENT", "STORE"
# What people may type here is bounded so, too.
MAX_TEXT = 200
TAX_ID = re.compile(r"\d{10}|\d{12}")
REGISTRATION_CODE = re.compile(r"\d{9}")


@dataclass(frozen=True, slots=True)
class Node:
    """One place of the tree. Of a legal entity's bank and address nothing is read."""

    iiko_id: str
    parent_id: str | None
    type: str | None
    name: str
    code: str | None
    tax_id: str | None = None
    registration_code: str | None = None

    @property
    def fault(self) -> Unreadable | None:
        """Why nothing of ours can be made of it."""
        if not self.name:
            return Unreadable(self.iiko_id, self.code or "", Reason.NO_NAME)
        if max(len(self.name), len(self.code or "")) > MAX_TEXT:
            return Unreadable(self.iiko_id, self.name[:MAX_TEXT], Reason.TOO_LONG, {"most": MAX_TEXT})
        return None


def read_nodes(answer: Answer, reading: Reading) -> Iterator[Node | Unreadable]:
    """Every place of an answer. Raises ``IikoFailure`` where it is none."""
    for row in rows(answer, ENVELOPES, ELEMENT, reading):
        if isinstance(row, RowError):
            yield Unreadable(row.iiko_id, "", Reason.MALFORMED, row.details)
            continue
        iiko_id = None
        try:
            iiko_id = row.guid("id")
            yield _node(row, iiko_id) if iiko_id else Unreadable(None, "", Reason.NO_ID)
        except RowError as error:
            yield Unreadable(iiko_id, "", Reason.MALFORMED, error.details)


def _node(row: XmlRow, iiko_id: str) -> Node:
    kind = row.text("type")
    told = row.child("jurPersonAdditionalPropertiesDto") if kind == LEGAL_ENTITY else None
    return Node(
        iiko_id=iiko_id,
        parent_id=row.guid("parentId"),
        type=kind,
        name=(row.text("name") or "").strip(),
        code=(row.text("code") or "").strip() or None,
        tax_id=_digits(TAX_ID, told.text("taxpayerId")) if told else None,
        registration_code=_digits(REGISTRATION_CODE, told.text("accountingReasonCode")) if told else None,
    )


def _digits(shape: re.Pattern[str], text: str | None) -> str | None:
    """A number of the authorities; what has another shape is not one."""
    text = (text or "").strip()
    return text if shape.fullmatch(text) else None


class Tree:
    """Places by their ids, and the way up from each."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes = {node.iiko_id: node for node in nodes}

    def above(self, node: Node) -> list[Node]:
        """Everything above, the nearest first; where the tree bites its tail, or ends in nothing, so does the way."""
        found: list[Node] = []
        seen = {node.iiko_id}
        parent = self.nodes.get(node.parent_id or "")
        while parent is not None and parent.iiko_id not in seen:
            seen.add(parent.iiko_id)
            found.append(parent)
            parent = self.nodes.get(parent.parent_id or "")
        return found

    def nearest(self, node: Node, kind: str) -> Node | None:
        """The nearest place above of one kind."""
        return next((each for each in self.above(node) if each.type == kind), None)

    @property
    def facts(self) -> dict[str, object]:
        """What the answer is judged by."""
        tops = [node for node in self.nodes.values() if node.type == CORPORATION]
        company = next((node.iiko_id for node in tops if self.nearest(node, CORPORATION) is None), None)
        departments = sum(node.type == DEPARTMENT for node in self.nodes.values())
        return {"departments": departments, "corporation_id": company}


def judge_tree(evidence: Evidence) -> HoldReason | None:
    """Nothing of a tree is taken without a person where it is another company's, or has no restaurant."""
    facts: Mapping[str, object] = evidence.facts
    if not facts.get("departments"):
        return HoldReason.NO_DEPARTMENTS
    company = facts.get("corporation_id")
    if evidence.corporation_id and company and company != evidence.corporation_id:
        return HoldReason.OTHER_CORPORATION
    return None
