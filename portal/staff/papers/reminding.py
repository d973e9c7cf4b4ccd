"""Which papers are to be reminded of today, and who is told: each paper once for each of its days.

The days are those of the paper's kind, the last valid day itself, and every seventh after it. Of days that were missed
the nearest alone counts; days that were over when the paper was accepted are none of it. People who left and those of
closed restaurants are left alone.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from portal.accounts.models import Account
from portal.db.base import SCHEMA, db
from portal.db.cursor import rows
from portal.db.moments import STATEMENT_NOW
from portal.notices.models import Notice
from portal.notices.raising import Subject, raise_notice, resolve_notice
from portal.restaurants.models import Restaurant
from portal.staff.papers.notices import PAPERS_END, PAPERS_EXPIRED
from portal.staff.papers.standing import SOON
from portal.tenancy.scope import require_scope
from portal.users.chain import chain_zone

# Of an account so many in one transaction.
MAX_CLAIMED = 10_000

# The days of restaurants, and that of people of none, are reckoned once.
_PLACES = f"""place AS MATERIALIZED (
        SELECT id, timezone, {SCHEMA}.local_day({STATEMENT_NOW}, coalesce(timezone, %(zone)s)) AS today
        FROM {SCHEMA}.restaurant WHERE account_id = %(account)s AND is_active
    ), chain AS MATERIALIZED (SELECT {SCHEMA}.local_day({STATEMENT_NOW}, %(zone)s) AS today)"""  # noqa: S608
# The index of ends leads to what ends soon enough to be reminded of.
_CLAIM = f"""
    WITH {_PLACES}, kind AS MATERIALIZED (
        SELECT id, remind_days || 0::smallint AS days FROM {SCHEMA}.document_type WHERE account_id = %(account)s
    ), due AS (
        SELECT d.id, d.restaurant_id, d.staff_member_id, d.document_type_id, d.expires_on, nearest.day
        FROM {SCHEMA}.staff_document d
        JOIN kind ON kind.id = d.document_type_id
        JOIN {SCHEMA}.staff_member m ON m.account_id = d.account_id AND m.id = d.staff_member_id
        LEFT JOIN place ON place.id = d.restaurant_id
        CROSS JOIN chain
        CROSS JOIN LATERAL (
            SELECT d.expires_on - coalesce(place.today, chain.today) AS days
        ) AS "left"
        CROSS JOIN LATERAL (
            SELECT CASE WHEN "left".days < 0 THEN -7 * (-"left".days / 7) ELSE (
                SELECT min(each) FROM unnest(kind.days) AS each WHERE each >= "left".days
            ) END AS day
        ) AS nearest
        WHERE d.account_id = %(account)s AND d.state = 'accepted'
            AND d.expires_on <= ({STATEMENT_NOW})::date + 1 + (SELECT max(each) FROM kind, unnest(kind.days) AS each)
            AND (d.restaurant_id IS NULL OR place.id IS NOT NULL) AND m.status <> 'left' AND m.erased_at IS NULL
            AND nearest.day IS NOT NULL
            AND NOT EXISTS (
                SELECT FROM {SCHEMA}.document_reminder r
                WHERE r.staff_document_id = d.id AND r.days_before = nearest.day
            )
            -- No day is more than one ahead of UTC's: where that is enough, no zone is asked.
            AND (
                d.expires_on - nearest.day > coalesce(d.checked_at, d.created_at)::date + 1
                OR d.expires_on - nearest.day > {SCHEMA}.local_day(
                    coalesce(d.checked_at, d.created_at), coalesce(place.timezone, %(zone)s)
                )
            )
        ORDER BY d.expires_on, d.id LIMIT %(most)s
    ), noted AS (
        INSERT INTO {SCHEMA}.document_reminder (account_id, staff_document_id, days_before)
        SELECT %(account)s, id, day FROM due ON CONFLICT DO NOTHING RETURNING staff_document_id
    )
    SELECT due.id AS document_id, due.restaurant_id, due.staff_member_id, due.document_type_id, due.day AS days_before
    FROM noted JOIN due ON due.id = noted.staff_document_id
""".encode()  # noqa: S608


@dataclass(frozen=True, slots=True)
class Reminder:
    """A paper that is reminded of, so many days before its end, or after it below zero."""

    document_id: UUID
    restaurant_id: UUID | None
    staff_member_id: UUID
    document_type_id: UUID
    days_before: int


def claim_reminders(most: int = MAX_CLAIMED) -> list[Reminder]:
    """Note what is to be reminded of now in the account in scope, the earliest ends first; two at once share it."""
    return rows(Reminder, _CLAIM, account=require_scope().account_id, zone=chain_zone(), most=most)


def tell_managers(reminders: Iterable[Reminder]) -> None:
    """One notice for each restaurant, and one for people of none: how many people it is about, and not what papers.

    That somebody works with an expired paper is a problem that lasts until nobody does.
    """
    ending: defaultdict[UUID | None, bool] = defaultdict(bool)
    for each in reminders:
        ending[each.restaurant_id] |= each.days_before < 0
    counts, problems = count_people(), open_problems()
    subjects = _subjects({*counts, *ending, *problems})
    for place, subject in subjects.items():
        soon, expired = counts.get(place, (0, 0))
        if place in ending and soon:
            raise_notice(PAPERS_END, subject, people=soon, restaurant_id=place and str(place))
        if expired and (place not in problems or ending.get(place)):
            raise_notice(PAPERS_EXPIRED, subject, people=expired, restaurant_id=place and str(place))
        if place in problems and not expired:
            resolve_notice(PAPERS_EXPIRED, subject.id)


@dataclass(frozen=True, slots=True)
class PeopleOf:
    """How many people of a restaurant have papers that end soon, and how many work with one that is over."""

    restaurant_id: UUID | None
    soon: int
    expired: int


# What ``conditions`` say of each person, for all at once.
_COUNT = f"""
    WITH {_PLACES}
    SELECT m.restaurant_id, count(*) FILTER (WHERE m.papers_until >= n.today) AS soon,
        count(*) FILTER (WHERE m.papers_until < n.today) AS expired
    FROM {SCHEMA}.staff_member m LEFT JOIN place ON place.id = m.restaurant_id
    CROSS JOIN chain CROSS JOIN LATERAL (SELECT coalesce(place.today, chain.today) AS today) n
    WHERE m.account_id = %(account)s AND m.papers_until <= ({STATEMENT_NOW})::date + 1 + %(soon)s
        AND m.papers_until <= n.today + %(soon)s AND m.status <> 'left' AND m.erased_at IS NULL
        AND (m.restaurant_id IS NULL OR place.id IS NOT NULL)
    GROUP BY m.restaurant_id
""".encode()  # noqa: S608


def count_people() -> dict[UUID | None, tuple[int, int]]:
    """By restaurant how many people's papers end soon, and how many work with one that is over."""
    found = rows(PeopleOf, _COUNT, account=require_scope().account_id, zone=chain_zone(), soon=SOON)
    return {each.restaurant_id: (each.soon, each.expired) for each in found}


def open_problems() -> set[UUID | None]:
    """The restaurants of which people are told that somebody works with an expired paper."""
    query = select(Notice.restaurant_id).where(Notice.kind == PAPERS_EXPIRED.key, Notice.resolved_at.is_(None))
    return set(db.session.scalars(query))


def _subjects(places: set[UUID | None]) -> dict[UUID | None, Subject]:
    """What each notice is about: a restaurant, or the chain for people of none."""
    query = select(Restaurant.id, Restaurant.name).where(Restaurant.id.in_([each for each in places if each]))
    subjects: dict[UUID | None, Subject] = {
        row.id: Subject(Restaurant.__tablename__, row.id, row.name[:200], row.id) for row in db.session.execute(query)
    }
    if None in places:
        subjects[None] = Subject.of(Account.current())
    return subjects
