"""The command that brings the demo bots to life, and says how to walk in."""

import time
from collections.abc import Iterator
from urllib.parse import quote
from uuid import UUID

import click
import httpx
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import func, select

from portal.accounts.models import Account
from portal.bots.models import BotInstance
from portal.channels.events import WAITING, BotPlatformEvent
from portal.channels.models import BotConnection, BotPlatformCredential
from portal.channels.switch import queue_settling
from portal.db.base import db
from portal.development.demo.files import plan_of
from portal.development.demo.iiko import SLUG, connect_iiko
from portal.development.demo.loading import DEMO_SLUGS, SUPERUSER
from portal.development.sign_in_links import link_for
from portal.tenancy.scope import account_scope, system_scope

ROLES = ("owner", "manager", "chef", "viewer")
INTRODUCTION_SECONDS = 5.0
CONNECTING_SECONDS = 20.0


@click.command("come-alive")
@click.option("--stand-ins/--no-stand-ins", required=True, help="Whether stand-ins play the messengers.")
@click.option("--address", required=True, help="Where the portal is.")
@click.option("--iiko", help="Where the stand-in for iiko is, if there is one.")
@with_appcontext
def come_alive(stand_ins: bool, address: str, iiko: str | None) -> None:
    """Connect the demo to the stand-ins, or switch its bots off where there are none; print who can sign in."""
    chats, servers = [], []
    for account_id, slug in _demo_accounts():
        with account_scope(account_id):
            for credential in _demo_channels(slug):
                if not stand_ins:
                    _silence(credential)
                elif chat := _introduce(credential):
                    _connect(credential)
                    chats.append(chat)
            if iiko and slug == SLUG and (line := connect_iiko(iiko)):
                servers.append(line)
            db.session.commit()
            _wait_for_connections()
    click.echo("\n".join(_greeting(address, chats, servers)))


def _demo_accounts() -> list[tuple[UUID, str]]:
    with system_scope("worker"):
        query = select(Account.id, Account.slug).where(Account.slug.in_(DEMO_SLUGS)).order_by(Account.slug)
        return [(row.id, row.slug) for row in db.session.execute(query)]


def _demo_channels(slug: str) -> Iterator[BotPlatformCredential]:
    """What is switched on and still has the credentials of the demo data: anybody's own ones are left alone."""
    known = [platform["credentials"] for bot in plan_of(f"{slug}.json")["bots"] for platform in bot["platforms"]]
    query = (
        select(BotPlatformCredential)
        .join(BotPlatformCredential.bot)
        .where(BotPlatformCredential.is_active, BotInstance.is_active, BotPlatformCredential.superseded_at.is_(None))
        .order_by(BotInstance.created_at, BotPlatformCredential.platform)
        .with_for_update(of=BotPlatformCredential)
    )
    for credential in db.session.scalars(query):
        if dict(credential.stored.values) in known:
            yield credential


def _silence(credential: BotPlatformCredential) -> None:
    """No real messenger is to be asked about a token that was made up."""
    credential.is_active = False
    connection = BotConnection.of(credential)
    connection.state, connection.due_at = "off", None


def _introduce(credential: BotPlatformCredential) -> str | None:
    """Tell the stand-in the bot's name and credentials; where a guest writes to it."""
    base = current_app.config["PORTAL"].api_bases[credential.platform]
    told = {**credential.stored.values, "name": credential.bot.name}
    try:
        answer = httpx.post(f"{base}/_/introductions", data=told, timeout=INTRODUCTION_SECONDS, trust_env=False)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        click.echo(f"{credential.bot.name}: the stand-in of {credential.label} does not answer ({error}).", err=True)
        return None
    return f"{credential.bot.name}, {credential.label}: {base}/_/guests/{quote(answer.text)}"


def _connect(credential: BotPlatformCredential) -> None:
    """A stand-in forgets everything when it ends: the webhook is set at every start."""
    connection = BotConnection.of(credential)
    connection.begin("connecting")
    BotPlatformEvent.note(credential, occasion="set_again", result=WAITING)
    queue_settling(credential, connection)


def _wait_for_connections() -> None:
    """Until the worker has told the stand-ins where to deliver: what is written to a bot before is lost on some."""
    under_way = select(func.count()).where(BotConnection.state == "connecting")
    deadline = time.monotonic() + CONNECTING_SECONDS
    while db.session.scalar(under_way) and time.monotonic() < deadline:
        db.session.rollback()
        time.sleep(0.1)
    db.session.rollback()


def _greeting(address: str, chats: list[str], servers: list[str]) -> Iterator[str]:
    yield "\n  Sign in with one click:\n"
    yield f"    {SUPERUSER:<28} {address}{link_for(SUPERUSER)}"
    for role in ROLES:
        for slug in sorted(DEMO_SLUGS):
            email = f"{role}@{slug}.example"
            yield f"    {email:<28} {address}{link_for(email)}"
    if chats:
        yield "\n  Write to a bot as a guest:\n"
        yield from (f"    {chat}" for chat in chats)
    if servers:
        yield "\n  Play the iiko server, and break it:\n"
        yield from (f"    {server}" for server in servers)
