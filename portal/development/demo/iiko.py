"""Pelmenya's connection to the stand-in for an iiko server, which is told of the chain at every start."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import click
import httpx
from sqlalchemy import select

from portal.db.amounts import rounded
from portal.db.base import db
from portal.db.secrets import SecretUnreadable
from portal.development.demo.files import plan_of
from portal.iiko.models import IikoConnection, Purpose
from portal.iiko.sync.running import start_run
from portal.integrations.models import IIKO, AccountIntegrationCredentials

SLUG = "pelmenya"
INTRODUCTION_SECONDS = 5.0
# What iiko calls otherwise than the portal, and what the portal does not know yet.
RENAMED = {"Пельменя на Арбате": "Пельменя, Старый Арбат"}
NEW = {"name": "Пельменя на Таганке", "stores": ["Кухня", "Бар"]}


def connect_iiko(address: str) -> str | None:
    """Let the stand-in play Pelmenya's server, and have the connection checked; a line for whoever started it.

    Somebody's own server is left alone.
    """
    plan = plan_of(f"{SLUG}.json")
    query = select(AccountIntegrationCredentials).where(AccountIntegrationCredentials.integration_type == IIKO)
    integration = db.session.scalars(query.with_for_update()).first()
    if integration is None or not _is_of_demo(integration, plan["iiko"]) or not _introduce(address, plan):
        return None
    if integration.base_url != address:
        integration.set_credentials(address, _log_in(plan["iiko"]))
    start_run(IikoConnection.of(integration), Purpose.CHECK, None)
    return f"{plan['name']}: {address}"


def _log_in(plan: dict[str, Any]) -> dict[str, str]:
    return {"login": plan["login"], "password": plan["password"]}


def _is_of_demo(integration: AccountIntegrationCredentials, plan: dict[str, Any]) -> bool:
    try:
        stored = integration.open_credentials()
    except SecretUnreadable:
        return False
    return integration.is_active and {**stored} == _log_in(plan)


def _introduce(address: str, plan: dict[str, Any]) -> bool:
    """The same at every start, whatever became of the chain's rows: so ids stay what they are."""
    places = [
        {"name": RENAMED.get(each["name"], each["name"]), "stores": [name for name, _kind in each["stores"]]}
        for each in plan["restaurants"]
        if not each["archived"]
    ]
    told = {**_log_in(plan["iiko"]), "name": plan["name"], "restaurants": [*places, NEW], "goods": list(_goods())}
    try:
        httpx.post(
            f"{address}/_/introductions", json=told, timeout=INTRODUCTION_SECONDS, trust_env=False
        ).raise_for_status()
    except httpx.HTTPError as error:
        click.echo(f"The stand-in of iiko does not answer ({error}).", err=True)
        return False
    return True


def _goods() -> Iterator[dict[str, Any]]:
    """What the chain buys, as its server would know it: the same suppliers, items and packs as on the papers here."""
    plan = plan_of("supply.json")
    suppliers = {each["key"]: (place, each) for place, each in enumerate(plan["suppliers"], start=201)}
    for each in plan["items"]:
        code, supplier = suppliers[each["supplier"]]
        _symbol, called, count = each["pack"] or ("", "", "1")
        yield {
            "supplier": supplier["name"],
            "tax_id": supplier["tax_id"],
            "code": str(code),
            "name": each["name"],
            "unit": each["unit"],
            "price": str(rounded(Decimal(each["price"]) / Decimal(count))),
            "vat": 10 if each["vat"] == "food" else 22,
            "packings": [(called, count)] if each["pack"] else [],
        }
