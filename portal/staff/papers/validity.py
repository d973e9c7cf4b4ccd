"""Until when papers are valid: the end is the last valid day, and days are those of the person's restaurant."""

from calendar import monthrange
from datetime import date

from portal.db.types import utc_now
from portal.staff.models import StaffMember
from portal.staff.papers.models import DocumentType
from portal.users.chain import chain_zone
from portal.web.times import in_zone


def months_later(day: date, months: int) -> date:
    """The same day so many months later; the last of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))


def last_valid_day(issued_on: date | None, kind: DocumentType) -> date | None:
    """The last day on which a paper of that kind and date is valid; ``None`` where nothing tells."""
    if issued_on is None or kind.months_valid is None:
        return None
    return months_later(issued_on, kind.months_valid)


def today_of(member: StaffMember) -> date:
    """The day that it is where the person works; without a restaurant or a zone of its own, on the chain's clock."""
    own = member.restaurant.timezone if member.restaurant else None
    return in_zone(utc_now(), own or chain_zone()).date()
