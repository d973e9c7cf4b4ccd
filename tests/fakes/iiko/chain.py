"""The chain that the stand-in keeps: its tree of nodes, and the answers that tell of it."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

# Ids come of names, so that a stand-in that was started anew tells of the same rows.
NAMESPACE = uuid.UUID("7d1f0f3c-2f57-4b8e-9d0a-6a4b0d9f1c11")
DEPARTMENTS_OF_ONE = 10
STORES = ("Кухня", "Бар", "Хозяйственный склад")


def id_of(*names: str) -> str:
    """The id of whatever is called so; always the same."""
    return str(uuid.uuid5(NAMESPACE, "/".join(names)))


@dataclass(frozen=True)
class Node:
    """One element of the tree; ``tax_id`` is the ИНН, ``registration_code`` the КПП."""

    id: str
    parent_id: str
    name: str
    type: str
    code: str = ""
    tax_id: str = ""
    registration_code: str = ""

    def xml(self) -> str:
        """The element as iiko writes it; text that is empty is left out."""
        plain = {"id": self.id, "parentId": self.parent_id, "code": self.code, "name": self.name, "type": self.type}
        if self.type == "DEPARTMENT":
            plain["taxpayerIdNumber"] = self.tax_id
        inner = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in plain.items() if value)
        if self.type == "JURPERSON":
            inner += self._properties()
        return f"<corporateItemDto>{inner}</corporateItemDto>"

    def _properties(self) -> str:
        return (
            f"<jurPersonAdditionalPropertiesDto><taxpayerId>{escape(self.tax_id)}</taxpayerId>"
            f"<accountingReasonCode>{escape(self.registration_code)}</accountingReasonCode>"
            "<address>Москва</address><bank>АО Банк</bank><bankAccount>40702810000000000001</bankAccount>"
            "</jurPersonAdditionalPropertiesDto>"
        )


class Chain:
    """Nodes by id, in the order in which they were made."""

    def __init__(self, name: str = "Demo chain") -> None:
        self.nodes: dict[str, Node] = {}
        self.name = name
        self.root = self.add(name, "CORPORATION", code="1")

    @classmethod
    def of_size(cls, departments: int, stores_each: int = 2, name: str = "Demo chain") -> "Chain":
        """Legal entities for each ten departments, stores below departments, sale points and a central store."""
        chain = cls(name)
        chain.resize(departments, stores_each)
        return chain

    def resize(self, departments: int, stores_each: int = 2) -> None:
        """So many departments of the usual names; whatever else there was is gone."""
        self.nodes = {self.root.id: self.root}
        owner = self.root
        for number in range(departments):
            if number % DEPARTMENTS_OF_ONE == 0:
                owner = self._owner(number // DEPARTMENTS_OF_ONE + 1)
            department = self.add_department(f"Кафе № {number + 1}", owner, code=f"{number + 1:03}")
            self._stock(department, stores_each)
        central = self.add("Центральный склад", "CENTRALSTORE")
        self.add("Заготовки", "STORE", central)

    def _owner(self, number: int) -> Node:
        return self.add(
            f"ООО «Ромашка {number}»",
            "JURPERSON",
            code=f"J{number}",
            tax_id=f"{7800000000 + number:010}",
            registration_code=f"{780101000 + number % 1000}",
        )

    def _stock(self, department: Node, count: int) -> None:
        """Of each third department the stores hang under a sale point."""
        parent = department
        if len(self.departments) % 3 == 0:
            parent = self.add(f"{department.name}, зал", "SALEPOINT", department)
        for number in range(count):
            name = STORES[number] if number < len(STORES) else f"Склад {number + 1}"
            self.add_store(f"{department.name}, {name}", parent)

    def add(self, name: str, type: str, parent: Node | None = None, **fields: str) -> Node:  # noqa: A002
        """A new node; one of the same name and parent is given a number."""
        place = parent.id if parent else (self.root.id if self.nodes else "")
        key, number = id_of(self.name, place, type, name), 1
        while key in self.nodes:
            number += 1
            key = id_of(self.name, place, type, name, str(number))
        node = self.nodes[key] = Node(key, place, name, type, **fields)
        return node

    def add_department(self, name: str, owner: Node | None = None, **fields: str) -> Node:
        """A restaurant."""
        return self.add(name, "DEPARTMENT", owner, **fields)

    def add_store(self, name: str, parent: Node, **fields: str) -> Node:
        """A store below any node."""
        return self.add(name, "STORE", parent, **fields)

    @property
    def departments(self) -> list[Node]:
        """The restaurants."""
        return self.of_type("DEPARTMENT")

    @property
    def stores(self) -> list[Node]:
        """The stores."""
        return self.of_type("STORE")

    def of_type(self, *types: str) -> list[Node]:
        """The nodes of those types."""
        return [node for node in self.nodes.values() if node.type in types]

    def find(self, name: str) -> Node:
        """The first node of that name; LookupError where there is none."""
        return next((node for node in self.nodes.values() if node.name == name), None) or self.nodes[name]

    def change(self, node: Node | str, **fields: str) -> Node:
        """Other values for a node: ``name``, ``code``, ``parent_id``, ``type``, ``tax_id``, ``registration_code``."""
        found = self.nodes[node if isinstance(node, str) else node.id]
        changed = self.nodes[found.id] = replace(found, **fields)
        return changed

    def rename(self, node: Node | str, name: str) -> Node:
        """Another name."""
        return self.change(node, name=name)

    def move(self, node: Node | str, parent: Node | str) -> Node:
        """Another place in the tree."""
        return self.change(node, parent_id=parent if isinstance(parent, str) else parent.id)

    def remove(self, *nodes: Node | str) -> None:
        """They are gone with all below them."""
        gone = {node if isinstance(node, str) else node.id for node in nodes}
        while gone:
            self.nodes = {key: node for key, node in self.nodes.items() if key not in gone}
            gone = {node.id for node in self.nodes.values() if node.parent_id and node.parent_id not in self.nodes}

    def introduce(self, name: str, restaurants: Iterable[tuple[str, Iterable[str]]]) -> None:
        """Another chain: those restaurants with their stores and no others, below two legal entities."""
        self.nodes, self.name = {}, name
        self.root = self.add(name, "CORPORATION", code="1")
        owners = [self._owner(1), self._owner(2)]
        for number, (name, stores) in enumerate(restaurants):
            department = self.add_department(name, owners[number % 2], code=f"{number + 1:03}")
            for store in stores:
                self.add_store(store, department)

    def departments_xml(self) -> Iterator[str]:
        """``corporation/departments``: all of the tree but the stores."""
        yield from _envelope(node.xml() for node in self.nodes.values() if node.type != "STORE")

    def stores_xml(self) -> Iterator[str]:
        """``corporation/stores``."""
        yield from _envelope(node.xml() for node in self.stores)


def _envelope(items: Iterable[str]) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<corporateItemDtoes>'
    yield from items
    yield "</corporateItemDtoes>"
