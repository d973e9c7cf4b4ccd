"""Rows of both sides for tests of the engine, without a database or a server."""

from uuid import UUID, uuid5

from portal.iiko.kinds import DEPARTMENTS, LEGAL_ENTITIES, STORES
from portal.iiko.sync.comparing import Known, Linked, Ours
from portal.iiko.sync.kinds import ReadRow, Ref
from portal.iiko.sync.reasons import Reason
from portal.iiko.sync.values import hash_of_iiko, kept_values

# The kinds of the tree: there is more to read, and nothing here depends on that.
TREE = ["legal_entities", "departments", "stores"]
SPACE = UUID("5e000000-0000-4000-8000-000000000000")
COMPANY = Ref(LEGAL_ENTITIES.key, "company", "ООО Ромашка")


def id_of(name):
    """A stable id."""
    return uuid5(SPACE, name)


def department(iiko_id, name=None, code=None, company=COMPANY):
    """A restaurant as iiko sends it."""
    name = name or f"Restaurant {iiko_id}"
    return ReadRow(iiko_id, name, {"name": name, "code": code, "legal_entity_id": company})


def store(iiko_id, restaurant, name="Кухня"):
    """A store as iiko sends it."""
    place = Ref(DEPARTMENTS.key, restaurant, f"Restaurant {restaurant}")
    return ReadRow(iiko_id, name, {"name": name, "code": None, "restaurant_id": place})


def lone_store(iiko_id, *nodes):
    """A store that no restaurant stands above."""
    values = {"name": "Склад", "code": None}
    return ReadRow(iiko_id, "Склад", values, Reason.NO_DEPARTMENT, {}, (iiko_id, *nodes))


def ours(name, *, values=None, iiko_id=None):
    """A restaurant of ours."""
    told = {"name": name, "code": None, "legal_entity_id": id_of("company"), **(values or {})}
    return Ours(id_of(name), name, told, iiko_id)


def linked(row, entity_id, **more):
    """A link that has read the row as it is."""
    values = kept_values(row.values)
    return Linked(entity_id, values, hash_of_iiko(values), **more)


def in_step(rows, **more):
    """All that is known where each of the restaurants stands here as iiko sends it."""
    here = [ours(f"ours of {row.iiko_id}", values=plain(row)) for row in rows]
    links = {row.iiko_id: linked(row, mine.id) for row, mine in zip(rows, here, strict=True)}
    return known(here, links=links, **more)


def plain(row):
    """What a row of ours holds that equals iiko's."""
    return {key: id_of(value.iiko_id) if isinstance(value, Ref) else value for key, value in row.values.items()}


def known(rows=(), **more):
    """What is known, with one legal entity that is linked."""
    told = {
        "references": {LEGAL_ENTITIES.key: {"company": id_of("company"), "other": id_of("other")}},
        "names": {id_of("company"): "ООО Ромашка", id_of("other"): "ИП Лес"},
        **more,
    }
    return Known({row.id: row for row in rows}, **told)


__all__ = [
    "COMPANY", "DEPARTMENTS", "LEGAL_ENTITIES", "STORES", "TREE", "department", "id_of", "in_step", "known", "linked",
    "lone_store", "ours", "plain", "store",
]  # fmt: skip
