"""What the cast of ``tests/world.py`` has to do with iiko: a server, a preview that waits, and what is linked."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from portal.db.secrets import Keyring, Place

if TYPE_CHECKING:
    from tests.world import Chain

Row = tuple[str, dict[str, Any]]


def legal_entity_rows(chain: "Chain") -> Iterator[Row]:
    """Two, the second archived; restaurants name them, so they come before those."""
    for number in (1, 2):
        yield (
            "legal_entity",
            {
                "id": chain.id_of("legal_entity", number),
                "account_id": chain.account_id,
                "name": f"{chain.marker} company {number}",
                "code": f"{chain.marker} J{number}",
                "tax_id": f"780000001{number}",
                "is_active": number == 1,
                "iiko_id": f"{chain.marker}-company-{number}" if number == 1 else None,
                "iiko_sync_status": "synced" if number == 1 else None,
            },
        )


def iiko_rows(chain: "Chain", keyring: Keyring, now: datetime) -> Iterator[Row]:
    """One server, a preview of it with a proposal, an archived restaurant and a legal entity that are linked."""
    account = {"account_id": chain.account_id}
    server = account | {"connection_id": chain.id_of("iiko_connection")}
    run = account | {"run_id": chain.id_of("iiko_run")}
    yield (
        "iiko_connection",
        account
        | {
            "id": chain.id_of("iiko_connection"),
            "integration_id": chain.integration_id,
            "server_name": f"{chain.marker} server",
            "version": "8.7.6028.0",
            "edition": "chain",
            "server_type": "CHAIN",
            "restaurants_seen": 3,
            "worked_at": now - timedelta(days=1),
            "shown_certificate": "ab" * 32,
        },
    )
    yield from _runs(chain, server, now)
    yield from _session(chain, keyring, server, now)
    yield from _answer(chain, keyring, run)
    yield from _plan(chain, run)
    yield from _links(chain, server, now)


def _runs(chain: "Chain", server: dict[str, Any], now: datetime) -> Iterator[Row]:
    yield (
        "iiko_run",
        server
        | {
            "id": chain.id_of("iiko_run"),
            "purpose": "preview",
            "user_id": chain.owner.id,
            "state": "planned",
            "kinds": ["legal_entities", "departments", "stores"],
            "started_at": now,
            "read_at": now,
            "planned_at": now,
            "requests": 4,
            "bytes": 1000,
            "restaurants_seen": 3,
        },
    )
    yield (
        "iiko_run",
        server
        | {
            "id": chain.id_of("iiko_run", 2),
            "purpose": "schedule",
            "state": "failed",
            "started_at": now - timedelta(days=1),
            "ended_at": now - timedelta(days=1),
            "failure": "business",
            "details": Jsonb({"text": f"{chain.marker} answer"}),
        },
    )
    counts = {"departments": ("held", 1, {"gone": 2, "linked": 3}), "stores": ("planned", 1, {})}
    for number, (kind, (state, conflicts, hold)) in enumerate(counts.items(), 1):
        yield (
            "iiko_run_kind",
            {
                "id": chain.id_of("iiko_run_kind", number),
                "account_id": chain.account_id,
                "run_id": chain.id_of("iiko_run"),
                "kind": kind,
                "position": number,
                "state": state,
                "conflicts": conflicts if kind == "departments" else 0,
                "skips": 1 if kind == "stores" else 0,
                "rows": 3,
                "hold": "many_gone" if state == "held" else None,
                "details": Jsonb({"hold": hold}),
            },
        )


def _session(chain: "Chain", keyring: Keyring, server: dict[str, Any], now: datetime) -> Iterator[Row]:
    row_id = chain.id_of("iiko_session")
    place = Place("iiko_session", "token", row_id, chain.account_id)
    yield (
        "iiko_session",
        server
        | {
            "id": row_id,
            "run_id": chain.id_of("iiko_run"),
            "server_key": "cd" * 32,
            "opened_at": now,
            "token": Jsonb(keyring.seal({"token": f"{chain.marker}-seat-sealed"}, place, hinted=())),
            "token_at": now,
            "closed_at": now,
            "outcome": "returned",
        },
    )


def _answer(chain: "Chain", keyring: Keyring, run: dict[str, Any]) -> Iterator[Row]:
    row_id = chain.id_of("iiko_answer")
    place = Place("iiko_answer", "body", row_id, chain.account_id)
    sealed = keyring.seal({"piece": f"{chain.marker}-answer-sealed"}, place, hinted=())
    yield "iiko_answer", run | {"id": row_id, "kind": "departments", "position": 0, "body": Jsonb(sealed)}


def _plan(chain: "Chain", run: dict[str, Any]) -> Iterator[Row]:
    """A proposal of a restaurant, and a store that no restaurant stands above."""
    name = f"{chain.marker} on River street"
    candidate = {"id": str(chain.id_of("restaurant", 3)), "name": name, "by": ["name"]}
    proposal = {
        "id": chain.id_of("iiko_action"),
        "kind": "departments",
        "iiko_id": f"{chain.marker}-iiko-9",
        "name": name,
        "word": "conflict",
        "rank": 1,
        "reason": "alike",
        "details": Jsonb({"candidates": [candidate]}),
        "iiko_values": Jsonb({"name": name, "code": "009", "legal_entity_id": None}),
    }
    yield "iiko_action", run | proposal
    place = {"id": f"{chain.marker}-node-1", "type": "CENTRALSTORE", "name": f"{chain.marker} central store"}
    lone = {
        "id": chain.id_of("iiko_action", 2),
        "kind": "stores",
        "iiko_id": f"{chain.marker}-store-9",
        "name": f"{chain.marker} lone store",
        "word": "skip",
        "rank": 6,
        "reason": "no_department",
        "details": Jsonb({"nodes": [place["id"]], "places": [place]}),
        "iiko_values": Jsonb({"name": f"{chain.marker} lone store", "code": None}),
    }
    yield "iiko_action", run | lone


def _links(chain: "Chain", server: dict[str, Any], now: datetime) -> Iterator[Row]:
    name = f"{chain.marker} on Old street"
    linked = {
        "departments": (f"{chain.marker}-iiko-2", chain.archived_restaurant_id, {"name": f"{name} in iiko"}),
        "legal_entities": (f"{chain.marker}-company-1", chain.id_of("legal_entity"), {"name": f"{chain.marker} AG"}),
    }
    for number, (kind, (iiko_id, entity_id, values)) in enumerate(linked.items(), 1):
        told = {"kind": kind, "iiko_id": iiko_id, "entity_id": entity_id, "iiko_values": Jsonb(values)}
        yield "iiko_link", server | {"id": chain.id_of("iiko_link", number), "read_at": now} | told
    yield (
        "iiko_pin",
        {
            "id": chain.id_of("iiko_pin"),
            "account_id": chain.account_id,
            "kind": "departments",
            "entity_id": chain.archived_restaurant_id,
            "field": "name",
            "user_id": chain.manager.id,
        },
    )
    yield (
        "iiko_refusal",
        server
        | {
            "id": chain.id_of("iiko_refusal"),
            "kind": "departments",
            "iiko_id": f"{chain.marker}-iiko-8",
            "entity_id": chain.restaurant_id,
            "user_id": chain.owner.id,
        },
    )
    yield (
        "iiko_node",
        server
        | {
            "id": chain.id_of("iiko_node"),
            "node_id": f"{chain.marker}-node-2",
            "name": f"{chain.marker} kitchen factory",
            "restaurant_id": chain.assigned_restaurant_id,
            "user_id": chain.owner.id,
        },
    )
