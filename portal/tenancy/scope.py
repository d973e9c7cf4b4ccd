"""The scope: which account's rows the present request or job may touch.

It lives in Flask's application context, as the database session does: one scope, one session.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import psycopg
from flask import g
from psycopg.pq import TransactionStatus
from sqlalchemy import text

from portal.db.base import db

SET_ACCOUNT = text("SELECT set_config('getinn.account_id', :account_id, true)")
SET_SYSTEM_SCOPE = text("SELECT set_config('getinn.door', :reason, true)")


class NoAccountInScope(RuntimeError):
    """Rows of accounts were asked for before any account was entered."""


class CrossAccountWrite(RuntimeError):
    """A row of one account was to be written while another account is in scope."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One account, and within it all restaurants (``None``) or those assigned to the person."""

    account_id: UUID
    restaurant_ids: tuple[UUID, ...] | None = None


def current_scope() -> Scope | None:
    """The scope of the present request or job, if an account was entered."""
    return g.get("scope") if g else None


def current_system_scope() -> str | None:
    """Why work is done outside of any account at the moment, if it is."""
    return g.get("system_scope") if g else None


def require_scope() -> Scope:
    """The scope of the present request or job; ``NoAccountInScope`` where there is none."""
    scope = current_scope()
    if scope is None:
        raise NoAccountInScope("no account has been entered")
    return scope


def assume_scope(scope: Scope) -> None:
    """Note a scope that the database has already been told of."""
    g.scope = scope


def enter_account(account_id: UUID, restaurant_ids: tuple[UUID, ...] | None = None) -> Scope:
    """Enter one account: both walls follow from here on."""
    scope = Scope(account_id, restaurant_ids)
    g.scope = scope
    db.session.execute(SET_ACCOUNT, {"account_id": str(account_id)})
    return scope


def resume_scope() -> None:
    """Tell a new transaction of the scope in which the request goes on."""
    db.session.execute(SET_ACCOUNT, {"account_id": str(require_scope().account_id)})


@contextmanager
def account_scope(account_id: UUID) -> Iterator[Scope]:
    """Enter an account for a while; afterwards the scope is what it was, in the database too."""
    before = current_scope()
    try:
        yield enter_account(account_id)
        db.session.flush()
    finally:
        g.scope = before
        if _takes_statements():
            former = str(before.account_id) if before else ""
            db.session.execute(SET_ACCOUNT, {"account_id": former})


@contextmanager
def system_scope(reason: str) -> Iterator[None]:
    """Work outside of any account, for one of the few reasons to do so.

    ``reason`` must be one that the tables' policies admit (``TABLE_DOORS``); every other table stays
    closed. ``tests/rules`` lists who may call this.
    """
    former = current_system_scope()
    g.system_scope = reason
    db.session.execute(SET_SYSTEM_SCOPE, {"reason": reason})
    try:
        yield
        db.session.flush()
    finally:
        g.system_scope = former
        if _takes_statements():
            db.session.execute(SET_SYSTEM_SCOPE, {"reason": former or ""})


def _takes_statements() -> bool:
    """Whether the transaction goes on; a broken one can only be rolled back, and the next is told anew."""
    if not db.session.is_active:
        return False
    driver = db.session.connection().connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver.info.transaction_status != TransactionStatus.INERROR
