"""Reading notices, and noting what a person has read: always of the account and person of the request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.access.viewer import Viewer
from portal.db.base import SCHEMA
from portal.db.cursor import cursor
from portal.db.moments import NOW
from portal.notices.kinds import KINDS, NoticeContent, NoticeKind
from portal.tenancy.scope import require_scope

PAGE_SIZE = 25
LATEST = 6
MAX_LOOKED_AT = 5000

# The newest of each kind by the index, then the newest of all: its cost follows the page, not the number of notices.
# Those who look after some restaurants find theirs among the newest few thousand of a kind.
_PAGE = f"""
    SELECT n.id, n.kind, n.entity_id, n.entity_label, n.parameters, n.opened_at, n.at, n.resolved_at, n.repetitions,
        n.resolved_at IS NULL AND n.entity_id <> %(user)s AND n.opened_at > coalesce(p.since, '-infinity')
            AND NOT EXISTS (
                SELECT FROM {SCHEMA}.notice_mark m
                WHERE m.account_id = %(account)s AND m.user_id = %(user)s AND m.notice_id = n.id
            ) AS is_unread
    FROM unnest(%(kinds)s::varchar[]) AS k(kind)
    CROSS JOIN LATERAL (
        SELECT * FROM (
            SELECT * FROM {SCHEMA}.notice n
            WHERE n.account_id = %(account)s AND n.kind = k.kind
                AND (n.at, n.id) < (%(at)s::timestamp, %(id)s::uuid) AND {{open}}
            ORDER BY n.at DESC, n.id DESC LIMIT {MAX_LOOKED_AT}
        ) newest
        WHERE %(restaurants)s::uuid[] IS NULL OR restaurant_id IS NULL OR restaurant_id = ANY(%(restaurants)s)
        ORDER BY at DESC, id DESC LIMIT %(limit)s
    ) n
    LEFT JOIN (
        SELECT coalesce(r.seen_until, u.created_at) AS since
        FROM {SCHEMA}."user" u LEFT JOIN {SCHEMA}.notice_reader r ON r.account_id = u.account_id AND r.user_id = u.id
        WHERE u.account_id = %(account)s AND u.id = %(user)s
    ) p ON true
    ORDER BY n.at DESC, n.id DESC LIMIT %(limit)s
"""  # noqa: S608
_ALL = _PAGE.format(open="true").encode()
# A text of its own, so that the index of the unresolved can serve it.
_OPEN = _PAGE.format(open="n.resolved_at IS NULL").encode()

_ONE = f"""
    SELECT id, kind, restaurant_id, entity_id, entity_label, parameters, opened_at, at, resolved_at, repetitions
    FROM {SCHEMA}.notice WHERE account_id = %(account)s AND id = %(id)s
""".encode()  # noqa: S608

_MARK = f"""
    INSERT INTO {SCHEMA}.notice_mark (account_id, user_id, notice_id)
    SELECT account_id, %(user)s, id FROM {SCHEMA}.notice
    WHERE account_id = %(account)s AND id = %(id)s ON CONFLICT DO NOTHING
""".encode()  # noqa: S608

_SEE = f"""
    WITH forgotten AS (
        DELETE FROM {SCHEMA}.notice_mark m USING {SCHEMA}.notice n
        WHERE m.account_id = %(account)s AND m.user_id = %(user)s AND n.account_id = m.account_id
            AND n.id = m.notice_id AND n.opened_at <= %(until)s::timestamp
    )
    INSERT INTO {SCHEMA}.notice_reader AS r (account_id, user_id, seen_until)
    VALUES (%(account)s, %(user)s, least(%(until)s::timestamp, {NOW}))
    ON CONFLICT (account_id, user_id) DO UPDATE SET seen_until = greatest(r.seen_until, excluded.seen_until)
""".encode()  # noqa: S608


_CHOSEN = f"""
    SELECT mailed_kinds FROM {SCHEMA}.notice_reader WHERE account_id = %(account)s AND user_id = %(user)s
""".encode()  # noqa: S608

_CHOOSE = f"""
    INSERT INTO {SCHEMA}.notice_reader AS r (account_id, user_id, mailed_kinds)
    VALUES (%(account)s, %(user)s, %(kinds)s::varchar[])
    ON CONFLICT (account_id, user_id) DO UPDATE SET mailed_kinds = excluded.mailed_kinds
""".encode()  # noqa: S608


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the list: what comes after it is older."""

    at: datetime | str
    id: UUID


START = Place("infinity", UUID(int=0))


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice as pages show it."""

    id: UUID
    kind: NoticeKind
    content: NoticeContent
    opened_at: datetime
    at: datetime
    resolved_at: datetime | None
    is_unread: bool

    @property
    def sentence(self) -> str:
        """What happened, in the language of the request."""
        return self.kind.sentence(self.content)

    @property
    def detail(self) -> str | None:
        """More of it, where there is more to say."""
        return self.kind.detail(self.content)

    @property
    def link(self) -> str:
        """Where something can be done about it."""
        return self.kind.link(self.content)


def newest_notices(
    viewer: Viewer, kinds: Sequence[NoticeKind], *, before: Place | None = None, only_open: bool = False, most: int
) -> list[NoticeLine]:
    """The newest notices of those kinds that the person may see, before a place where one is given."""
    place = before or START
    values: dict[str, Any] = {
        "account": require_scope().account_id,
        "user": viewer.id,
        "kinds": [kind.key for kind in kinds],
        "restaurants": _restaurants(viewer),
        "at": place.at,
        "id": place.id,
        "limit": most,
    }
    return [
        notice_line(row, row.is_unread) for row in cursor().execute(_OPEN if only_open else _ALL, values).fetchall()
    ]


def notice_row(notice_id: UUID) -> Any:
    """The row of one notice of the account, whoever may be told of it; nothing where there is none."""
    return cursor().execute(_ONE, {"account": require_scope().account_id, "id": notice_id}).fetchone()


def notice_line(row: Any, is_unread: bool = False) -> NoticeLine:
    """A row of the table, of a known kind, as pages show it."""
    content = NoticeContent(row.entity_id, row.entity_label, row.parameters, row.repetitions)
    return NoticeLine(row.id, KINDS[row.kind], content, row.opened_at, row.at, row.resolved_at, is_unread)


def _restaurants(viewer: Viewer) -> list[UUID] | None:
    return list(viewer.restaurant_ids) if viewer.restaurant_ids is not None else None


def mark_read(viewer: Viewer, notice_id: UUID) -> None:
    """The person has read one notice; a second time changes nothing."""
    cursor().execute(_MARK, {"account": require_scope().account_id, "user": viewer.id, "id": notice_id})


def mark_all_read(viewer: Viewer, until: datetime) -> None:
    """The person has read whatever began until then; marks on it are needed no more."""
    cursor().execute(_SEE, {"account": require_scope().account_id, "user": viewer.id, "until": until})


def mailed_kinds(viewer: Viewer) -> list[str]:
    """The kinds that the person wants by mail."""
    row = cursor().execute(_CHOSEN, {"account": require_scope().account_id, "user": viewer.id}).fetchone()
    return list(row.mailed_kinds) if row else []


def choose_mails(viewer: Viewer, kinds: Sequence[str]) -> None:
    """What the person wants by mail from now on."""
    values = {"account": require_scope().account_id, "user": viewer.id, "kinds": list(kinds)}
    cursor().execute(_CHOOSE, values)


# The worker's part: who gets a notice by mail, and what is forgotten.

_CLAIM_UNMAILED = f"""
    WITH fresh AS MATERIALIZED (
        SELECT id FROM {SCHEMA}.notice WHERE mailed_at IS NULL AND resolved_at IS NULL AND opened_at > %(since)s
        ORDER BY opened_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
    )
    UPDATE {SCHEMA}.notice n SET mailed_at = {NOW} FROM fresh
    WHERE n.id = fresh.id RETURNING n.id, n.account_id
""".encode()  # noqa: S608

_RECIPIENTS = f"""
    SELECT n.kind, n.entity_id, n.entity_label, n.parameters, n.repetitions, n.opened_at,
        u.id AS user_id, u.email, u.full_name, u.locale, u.timezone, u.role, a.name AS account_name, a.slug
    FROM {SCHEMA}.notice n
    JOIN {SCHEMA}.account a ON a.id = n.account_id AND a.is_active
    JOIN {SCHEMA}."user" u ON u.account_id = n.account_id
        AND u.is_active AND NOT u.is_superuser AND u.id <> n.entity_id
    LEFT JOIN {SCHEMA}.notice_reader r ON r.account_id = u.account_id AND r.user_id = u.id
    WHERE n.account_id = %(account)s AND n.id = %(id)s AND n.resolved_at IS NULL
        AND (n.kind = ANY(r.mailed_kinds) OR n.kind = ANY(%(grave)s)) AND (
        n.restaurant_id IS NULL OR u.role = 'owner'
        OR NOT u.restaurants_limited
        OR EXISTS (
            SELECT FROM {SCHEMA}.user_restaurant l
            WHERE l.account_id = u.account_id AND l.user_id = u.id AND l.restaurant_id = n.restaurant_id
        )
    )
""".encode()  # noqa: S608

_FORGET = f"""
    DELETE FROM {SCHEMA}.notice WHERE id IN (
        SELECT id FROM {SCHEMA}.notice
        WHERE updated_at < %(until)s AND (resolved_at IS NOT NULL OR NOT kind = ANY(%(problems)s))
        ORDER BY updated_at LIMIT %(most)s
    )
""".encode()  # noqa: S608


def claim_unmailed(since: datetime, most: int) -> list[Any]:
    """Notices (id, account_id) that nobody has thought of mailing, and that began since then; behind the worker's door.

    What has healed meanwhile is not among them.
    """
    return cursor().execute(_CLAIM_UNMAILED, {"since": since, "most": most}).fetchall()


def recipients_of(notice_id: UUID) -> list[Any]:
    """Who wants an unresolved notice by mail and may be told of it, each with what the mail needs.

    A grave one goes to everybody who may be told of it.
    """
    grave = [kind.key for kind in KINDS.values() if kind.is_grave]
    values = {"account": require_scope().account_id, "id": notice_id, "grave": grave}
    found = cursor().execute(_RECIPIENTS, values).fetchall()
    return [row for row in found if row.kind in KINDS and row.role in KINDS[row.kind].roles]


def forget_before(until: datetime, most: int) -> int:
    """Remove what was resolved, or news, before then; behind the worker's door. How many that were."""
    problems = [kind.key for kind in KINDS.values() if kind.is_problem]
    return cursor().execute(_FORGET, {"until": until, "problems": problems, "most": most}).rowcount
