"""A platform as a webhook, a job or a thread holds it: found by its id, its account entered, its credentials open."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

import psycopg
from flask import current_app
from psycopg.rows import args_row

from portal.access.signing import signing_keys
from portal.channels.credentials import StoredCredentials, webhook_secret
from portal.db.base import SCHEMA
from portal.db.cursor import connection, rows
from portal.db.secrets import Keyring, Place, Redacted, SecretUnreadable
from portal.messengers.headers import Headers
from portal.messengers.protocol import Messenger
from portal.messengers.registry import PLATFORMS
from portal.tenancy.scope import Scope, assume_scope

# As when a request is opened (portal/auth/queries.py): the reference to the scope lets it open before anything is
# read, the settings of the result follow what was found. Always one row; its columns are null where nothing is found.
_FIND = f"""
    SELECT found.*, set_config('getinn.door', '', true) AS scope_setting, set_config('getinn.account_id',
        coalesce(found.account_id::text, current_setting('getinn.account_id', true), ''), true) AS account_setting
    FROM (SELECT set_config('getinn.door', 'accounts', true) AS name OFFSET 0) AS system_scope
    LEFT JOIN LATERAL (
        SELECT c.id AS credential_id, c.account_id, c.bot_id, c.platform, c.credentials,
            c.is_active AND b.is_active AND a.is_active AS is_live
        FROM {SCHEMA}.bot_platform_credential c
        JOIN {SCHEMA}.bot_instance b ON b.id = c.bot_id
        JOIN {SCHEMA}.account a ON a.id = c.account_id
        WHERE system_scope.name = 'accounts' AND c.id = %(credential)s AND c.platform = ANY(%(platforms)s)
            AND c.superseded_at IS NULL
        OFFSET 0
    ) found ON true
""".encode()  # noqa: S608
_OF_PLATFORM = f"""
    SELECT c.id AS credential_id, c.account_id, c.bot_id, c.credentials, c.is_active AND b.is_active AS is_live,
        k.external_id
    FROM {SCHEMA}.bot_platform_credential c
    JOIN {SCHEMA}.bot_instance b ON b.account_id = c.account_id AND b.id = c.bot_id
    LEFT JOIN {SCHEMA}.bot_connection k ON k.account_id = c.account_id AND k.credential_id = c.id
    WHERE c.account_id = %(account)s AND c.platform = %(platform)s AND c.id <> %(credential)s
        AND c.superseded_at IS NULL
    ORDER BY c.created_at, c.id
""".encode()  # noqa: S608

_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class _Found:
    credential_id: UUID
    account_id: UUID
    bot_id: UUID
    platform: str
    credentials: Any
    is_live: bool


@dataclass(frozen=True, slots=True)
class _Other:
    credential_id: UUID
    account_id: UUID
    bot_id: UUID
    credentials: Any
    is_live: bool
    external_id: str | None


class ChannelNotFound(LookupError):
    """No platform has this id: unknown, disconnected, or of a messenger that the portal does not know."""


@dataclass(frozen=True, slots=True)
class OpenChannel:
    """One bot on one platform; ``is_live`` where it is switched on, its bot not archived and its account active."""

    credential_id: UUID
    account_id: UUID
    bot_id: UUID
    adapter: Messenger
    values: Redacted = field(repr=False)
    is_live: bool

    @property
    def external_id(self) -> str:
        """What its credentials say of the bot's identity at the platform."""
        return self.adapter.setup.identify(self.values)

    @property
    def webhook_secrets(self) -> list[str]:
        """What a delivery has to carry where the platform lets us choose: by the present key, then by former ones."""
        return [webhook_secret(key, self.credential_id, self.external_id) for key in signing_keys()]

    def verifies(self, headers: Headers, body: bytes) -> list[bool]:
        """Whether a delivery proves to be of the platform, by each of the secrets; the work is the same for all."""
        verify = self.adapter.webhook.verify
        return [verify(self.values, secret, headers, body) for secret in self.webhook_secrets]


def open_channel(credential_id: UUID) -> OpenChannel:
    """The platform of that id, with its account entered; not to be called within ``system_scope``.

    ``ChannelNotFound`` where there is none, ``SecretUnreadable`` where its credentials cannot be opened.
    """
    row = _find(connection(), list(PLATFORMS), credential_id)
    if row is None:
        raise ChannelNotFound
    assume_scope(Scope(row.account_id))
    return _opened(row, PLATFORMS[row.platform])


def open_hook(key: str, credential_id: UUID, line: psycopg.Cursor[Any]) -> OpenChannel | None:
    """What the address of a webhook names; ``None`` where nothing can be proved by it. No account is entered.

    One statement whatever is asked: an address that leads nowhere takes as long as one that does.
    """
    row = _find(line.connection, [key], credential_id)
    adapter = PLATFORMS.get(key)
    if row is None or adapter is None:
        return None
    try:
        opened = _opened(row, adapter)
    except SecretUnreadable:
        return None
    return opened if adapter.is_complete(opened.values) else None


def open_others(platform: OpenChannel) -> list[tuple[str, OpenChannel]]:
    """The account's other bots on the same messenger, each with its identity there; the account is in scope."""
    account, key, credential = platform.account_id, platform.adapter.key, platform.credential_id
    others = rows(_Other, _OF_PLATFORM, account=account, platform=key, credential=credential)
    return _readable(others, platform.adapter)


def _find(through: psycopg.Connection[Any], platforms: list[str], credential_id: UUID) -> _Found | None:
    reading = through.cursor(row_factory=args_row(_found))
    return reading.execute(_FIND, {"platforms": platforms, "credential": credential_id}).fetchone()


def _found(credential_id: UUID | None, *columns: Any) -> _Found | None:
    # All but the two settings.
    return None if credential_id is None else _Found(credential_id, *columns[:-2])


def _readable(others: Sequence[_Other], adapter: Messenger) -> list[tuple[str, OpenChannel]]:
    found = []
    for row in others:
        try:
            opened = _opened(row, adapter)
        except SecretUnreadable:
            continue
        if adapter.is_complete(opened.values):
            found.append((row.external_id or opened.external_id, opened))
    return found


def _opened(row: _Found | _Other, adapter: Messenger) -> OpenChannel:
    place = Place("bot_platform_credential", "credentials", row.credential_id, row.account_id)
    values = StoredCredentials(adapter, row.credentials, place).open()
    return OpenChannel(row.credential_id, row.account_id, row.bot_id, adapter, values, row.is_live)


def decoy(adapter: Messenger) -> OpenChannel:
    """A platform that does not exist: verifying against it costs what verifying against a real one costs."""
    keyring: Keyring = current_app.config["KEYRING"]
    place = Place("bot_platform_credential", "credentials", _NOBODY, _NOBODY)
    values = StoredCredentials(adapter, _decoy_envelope(adapter, keyring), place).open()
    return OpenChannel(_NOBODY, _NOBODY, _NOBODY, adapter, values, is_live=False)


@lru_cache(maxsize=32)
def _decoy_envelope(adapter: Messenger, keyring: Keyring) -> dict[str, Any]:
    place = Place("bot_platform_credential", "credentials", _NOBODY, _NOBODY)
    return keyring.seal({field.name: "0" * 32 for field in adapter.fields}, place)
