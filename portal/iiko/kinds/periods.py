"""Over which days invoices are read: people change what is weeks old, and most of it never changes again."""

from datetime import date, timedelta

from sqlalchemy import select

from portal.db.base import db
from portal.db.types import utc_now
from portal.iiko.client.requests import STORES, SUPPLIERS, UNITS, ApiRequest, incoming_invoices
from portal.iiko.models import IikoConnection, IikoRun, Purpose
from portal.iiko.sync.models import IikoLink
from portal.users.chain import chain_zone
from portal.web.times import zone

# By day what is new; each night two weeks, on Sundays two months; two months at first, too.
BY_DAY, BY_NIGHT, ON_SUNDAYS = 3, 14, 60
SUNDAY = 6
WEEK = 7
# A server of more restaurants is asked day by day: a week would be an answer of a hundred megabytes.
MANY_RESTAURANTS = 20


def invoice_requests(run: IikoRun) -> tuple[ApiRequest, ...]:
    """The questions of a run: who and where, then the days from the oldest on."""
    connection = db.session.get_one(IikoConnection, run.connection_id)
    today = utc_now().astimezone(zone(connection.timezone or chain_zone())).date()
    step = 1 if (connection.restaurants_seen or 0) > MANY_RESTAURANTS else WEEK
    return (UNITS, SUPPLIERS, STORES, *over(today - timedelta(days=length_of(run, today) - 1), today, step))


def over(first: date, last: date, step: int) -> list[ApiRequest]:
    """So many days a question, until all are asked for."""
    found = []
    while first <= last:
        end = min(first + timedelta(days=step - 1), last)
        found.append(incoming_invoices(first, end))
        first = end + timedelta(days=1)
    return found


def length_of(run: IikoRun, today: date) -> int:
    """How many days a run reads."""
    known = select(IikoLink.id).where(IikoLink.connection_id == run.connection_id, IikoLink.day.is_not(None))
    if db.session.scalar(known.limit(1)) is None:
        return ON_SUNDAYS
    if run.purpose is Purpose.SCHEDULE and "products" not in run.kinds:
        return BY_DAY
    return ON_SUNDAYS if today.weekday() == SUNDAY else BY_NIGHT
