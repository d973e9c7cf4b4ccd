"""Where platforms deliver: verified raw, stored once, acknowledged only when it is committed.

No session, no form's proof, no page: a platform proves itself by its secret, and every refusal is the same bytes.
"""

import logging
from uuid import UUID

import psycopg
from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from portal.access.guards import public
from portal.attacks.models import AttackKind
from portal.attacks.noting import note_attack
from portal.channels.open_channel import OpenChannel, decoy, open_hook
from portal.channels.webhook_health.jobs import renew_webhook
from portal.db.base import db
from portal.extensions import csrf
from portal.messaging.events import Update
from portal.messaging.line_pool import current_lines
from portal.messaging.notices import BOT_CROWDED, raise_for_bot
from portal.messaging.receiving import ceilings, inbox
from portal.messaging.receiving.inbox import NotJson, read_json, sort_by_recipient
from portal.messengers.protocol import Messenger
from portal.messengers.registry import PLATFORMS
from portal.telemetry.context import add_to_log
from portal.telemetry.metrics import metrics
from portal.tenancy.scope import enter_account
from portal.web.error_pages import give_up

log = logging.getLogger(__name__)
hooks = Blueprint("hooks", __name__, url_prefix="/hooks")
csrf.exempt(hooks)

RETRY_AFTER_SECONDS = 5
_ANY_ADAPTER = next(iter(PLATFORMS.values()))


@hooks.post("/<word:platform>/<uuid:credential_id>")
@public
def receive(platform: str, credential_id: UUID) -> Response:
    """Take a delivery: 200 once it is stored, 403 for whoever cannot prove to be the platform."""
    _refuse_told_length(_adapter(platform))
    with current_lines().line() as line:
        found = open_hook(platform, credential_id, line)
    # No line is held while somebody sends slowly.
    body = _genuine_body(found, platform)
    if found is None or body is None:
        return _refused(found)
    try:
        payload = read_json(body)
    except NotJson:
        return _ended(found, "malformed", _short(400))
    updates = found.adapter.inbound.read_updates(payload, found.values)
    if not _receive(found, updates, body):
        return _ended(found, "put_off", _refuse_for_now(found))
    return _ended(found, "stored", _acknowledged(found, updates))


def _receive(opened: OpenChannel, updates: list[Update], body: bytes) -> bool:
    """Store all of it; false where so much waits already that nothing is taken."""
    with current_lines().line() as line:
        if ceilings.is_full(opened, len(updates), line):
            return False
        if inbox.is_simple(opened, updates):
            inbox.receive_alone(opened, updates[0], line)
            return True
    _receive_together(opened, updates, body)
    return True


def _refused(found: OpenChannel | None) -> Response:
    """The same bytes whatever is wrong; the log knows more."""
    if found is None:
        note_attack(AttackKind.WEBHOOK_UNKNOWN)
    else:
        bot = {"bot_id": found.bot_id, "credential_id": found.credential_id, "platform": found.adapter.key}
        note_attack(AttackKind.WEBHOOK_FORGED, chain_id=found.account_id, **bot)
    return _ended(found, "unknown" if found is None else "forged", _short(403))


def _ended(found: OpenChannel | None, outcome: str, response: Response) -> Response:
    metrics().count_delivery("-" if found is None else found.adapter.key, outcome)
    if found is not None and outcome != "forged":
        add_to_log(account_id=found.account_id, bot_id=found.bot_id)
    return response


def _acknowledged(opened: OpenChannel, updates: list[Update]) -> Response:
    """An empty answer, or where the platform lets somebody new be greeted in it, the greeting of a bot that speaks."""
    greeting = opened.adapter.greeting
    body = greeting.answer(opened.values, updates[0].payload) if greeting is not None and len(updates) == 1 else None
    if body is None:
        return Response(status=200)
    with current_lines().line() as line:
        is_speaking = inbox.is_speaking(opened, line)
    return Response(body, mimetype="application/json") if is_speaking else Response(status=200)


def _refuse_for_now(opened: OpenChannel) -> Response:
    """Too much waits already: the platform delivers it again, and the owner hears of it."""
    if ceilings.is_news(opened):
        enter_account(opened.account_id)
        raise_for_bot(BOT_CROWDED, opened.bot_id)
        db.session.commit()
    return _come_again()


def _receive_together(opened: OpenChannel, updates: list[Update], body: bytes) -> None:
    """All of a delivery or nothing; committed here: what is not kept must not be acknowledged, and comes again."""
    enter_account(opened.account_id)
    for recipient, own in sort_by_recipient(opened, updates, dict(request.headers), body):
        inbox.receive(recipient, own)
    db.session.commit()


@hooks.get("/<word:platform>/<uuid:credential_id>")
@public
def challenge(platform: str, credential_id: UUID) -> Response:
    """Answer a platform that asks whether this address is meant, where the platform does so."""
    with current_lines().line() as line:
        found = open_hook(platform, credential_id, line)
    asked = found or decoy(_adapter(platform))
    answer = asked.adapter.webhook.challenge(asked.values, request.args)
    if found is None or answer is None:
        return _refused(found)
    return Response(answer, mimetype="text/plain")


def _adapter(key: str) -> Messenger:
    return PLATFORMS.get(key, _ANY_ADAPTER)


def _refuse_told_length(adapter: Messenger) -> None:
    """413 before anything else where so many bytes are announced."""
    if (request.content_length or 0) > adapter.limits.body_bytes:
        abort(413)


def _read_body(adapter: Messenger) -> bytes:
    """The raw bytes; 413 where they turn out to be too many."""
    # Without a length the framework reads to its limit and leaves the rest: one byte more tells that there is a rest.
    request.max_content_length = adapter.limits.body_bytes + 1
    body = request.get_data(cache=False)
    if len(body) > adapter.limits.body_bytes:
        abort(413)
    return body


def _genuine_body(found: OpenChannel | None, key: str) -> bytes | None:
    """The raw bytes of a delivery that carries its proof. Of what addresses nobody, or lacks the secret, none is read.

    The same work is done for an address that is nobody's.
    """
    asked = found or decoy(_adapter(key))
    is_needed = found is not None and asked.adapter.webhook.SIGNS_BODY
    body = _read_body(asked.adapter) if is_needed else b""
    verified = asked.verifies(request.headers, body)
    if found is None or not any(verified):
        return None
    if not verified[0]:
        _have_renewed(found)
    return body if is_needed else _read_body(asked.adapter)


def _have_renewed(opened: OpenChannel) -> None:
    """The platform still carries the secret of a former key: it is told the present one, asked once by each process."""
    asked: set[UUID] = current_app.extensions.setdefault("webhooks_to_renew", set())
    if opened.credential_id in asked:
        return
    enter_account(opened.account_id)
    renew_webhook.queue(credential_id=str(opened.credential_id), account_id=str(opened.account_id))
    db.session.commit()
    asked.add(opened.credential_id)


def _short(status: int) -> Response:
    return Response(f"{status}\n", status, mimetype="text/plain")


@hooks.errorhandler(HTTPException)
def refuse(error: HTTPException) -> Response:
    """No page for machines."""
    if error.code == 413:
        metrics().count_delivery("-", "too_large")
    return _short(error.code or 400)


@hooks.errorhandler(SQLAlchemyError)
@hooks.errorhandler(psycopg.Error)
def ask_to_come_again(error: Exception) -> Response:
    """Not stored, so not acknowledged. The error's own words may quote a row, hence only its kind is logged."""
    cause = getattr(error, "orig", None) or error
    log.warning("a delivery was not stored: %s %s", type(cause).__name__, getattr(cause, "sqlstate", None) or "")
    metrics().count_delivery("-", "unavailable")
    give_up()
    if isinstance(cause, psycopg.OperationalError):
        # What waits in the pools was connected to the same server: the next delivery connects anew.
        current_lines().drop()
        db.engine.dispose()
    return _come_again()


def _come_again() -> Response:
    response = _short(503)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


@hooks.errorhandler(Exception)
def admit_fault(error: Exception) -> Response:
    """A fault of ours. The log tells where it is, and not its words, which may quote what was delivered."""
    place, trace = "", error.__traceback__
    while trace is not None:
        place, trace = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}", trace.tb_next
    log.error("fault at %s: %s in %s", request.url_rule, type(error).__name__, place)
    give_up()
    return _short(500)
