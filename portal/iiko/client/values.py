"""Values as iiko writes them: exact numbers, ids, and dates in six forms."""

import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NOBODY = "00000000-0000-0000-0000-000000000000"
# dd.MM.yyyy, yyyy.MM.dd, yyyy-MM-dd
_DAY = re.compile(r"(?:(?P<d>\d\d)\.(?P<m>\d\d)\.(?P<y>\d{4})|(?P<y2>\d{4})[.-](?P<m2>\d\d)[.-](?P<d2>\d\d))")
_TIME = re.compile(r"T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?")


def decimal(text: str) -> Decimal:
    """``12``, ``-0.910000000``; ``1,5``, ``1E+2`` and ``NaN`` raise ValueError."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a number")
    return Decimal(text)


def guid(text: str) -> str | None:
    """Small letters without braces; ``None`` for that of nobody. Raises ValueError."""
    plain = text.strip().removeprefix("{").removesuffix("}").lower()
    if not plain or plain == NOBODY:
        return None
    if not _GUID.fullmatch(plain):
        raise ValueError("not an id")
    return plain


def flag(text: str) -> bool:
    """``true`` or ``false``, spelt just so; anything else raises ValueError."""
    if text not in ("true", "false"):
        raise ValueError("neither true nor false")
    return text == "true"


def day(text: str) -> date:
    """The date of any of the forms; of a moment the date that it is written with. Raises ValueError."""
    return _split(text)[0]


def moment(text: str, zone: ZoneInfo) -> datetime:
    """Aware, in UTC. Raises ValueError.

    Without an offset it is of ``zone``: an hour that does not exist there goes forward, one that comes twice is the
    first of them.
    """
    on, at, offset = _split(text)
    local = datetime.combine(on, at)
    if offset is None:
        return local.replace(tzinfo=zone).astimezone(UTC)
    return datetime.fromisoformat(f"{local.isoformat()}{'+00:00' if offset == 'Z' else offset}").astimezone(UTC)


def query_day(on: date) -> str:
    """As queries and reports of version 2 take it."""
    return on.isoformat()


def olap_moment(on: date) -> str:
    """As filters of OLAP take the beginning of a day; the end of a range is exclusive."""
    return f"{on.isoformat()}T00:00:00.000"


def _split(text: str) -> tuple[date, time, str | None]:
    found = _DAY.match(text.strip())
    if found is None:
        raise ValueError("not a date")
    parts = found.groupdict()
    on = date(*(int(parts[key] or parts[f"{key}2"]) for key in ("y", "m", "d")))
    rest = text.strip()[found.end() :]
    if not rest:
        return on, time(), None
    clock = _TIME.fullmatch(rest)
    if clock is None:
        raise ValueError("not a moment")
    hour, minute, second, fraction, offset = clock.groups()
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    return on, time(int(hour), int(minute), int(second or 0), micro), offset
