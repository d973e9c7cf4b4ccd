"""Times as people read them: stored as naive UTC, shown in a reader's or a restaurant's zone."""

import re
import time
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as clock_time
from functools import cache, lru_cache
from importlib import resources
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError
from babel.dates import DateTimePattern
from markupsafe import Markup

DASH = Markup("—")
# Plain "en" is American in CLDR ("Nov 3"); the portal's English writes the day first.
_LOCALES = {"en": "en_GB"}
_HOUR = 3600
_TYPED_DAY = re.compile(r"([0-9]{1,2})[./]([0-9]{1,2})[./]([0-9]{4})")


def as_utc(moment: datetime) -> datetime:
    """The same moment as an aware UTC time; a naive one is UTC already, as the database stores it."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def in_zone(moment: datetime, zone_name: str | None) -> datetime:
    """The moment on the clocks of a zone. A missing or unknown name (adopted rows) is UTC."""
    return _shift(as_utc(moment), zone(zone_name))


@lru_cache(maxsize=1024)
def zone(name: str | None) -> tzinfo:
    """The zone of that IANA name, UTC where there is none."""
    return ZoneInfo(name) if name and name != "UTC" and is_zone(name) else UTC


def is_zone(name: object) -> bool:
    """Whether a name is an IANA zone, former names such as Europe/Kiev included."""
    return isinstance(name, str) and name in _known_zones()


def zone_options() -> Markup:
    """The options of a list of all zones, none of them chosen."""
    return _zone_options(int(time.time()) // _HOUR)


def is_offered_zone(name: str) -> bool:
    """Whether the list of zones holds that name."""
    return any(name == offered for offered, _label in _zone_choices(int(time.time()) // _HOUR))


def start_of_day(day: date, zone_name: str | None) -> datetime:
    """The first moment of a day on the clocks of a zone, in UTC; ``OverflowError`` at the ends of the calendar."""
    return datetime.combine(day, clock_time.min, zone(zone_name)).astimezone(UTC)


def parse_day(text: str) -> date:
    """The day that an address (2026-11-03) or a person (3.11.2026, 3/11/2026) writes; else ``ValueError``."""
    if (typed := _TYPED_DAY.fullmatch(text)) is not None:
        day, month, year = map(int, typed.groups())
        return date(year, month, day)
    day_told = date.fromisoformat(text)
    if day_told.isoformat() != text:
        raise ValueError("expected a day")
    return day_told


def typed_day(day: date, locale: str = "en") -> str:
    """A day as people type it: 03.11.2026, or 03/11/2026 in English."""
    mark = "." if locale == "ru" else "/"
    return f"{day.day:02}{mark}{day.month:02}{mark}{day.year:04}"


def day_in_words(day: date, locale: str = "en") -> str:
    """A day as people write it: "3 November 2026"."""
    return _day(day, _locale(locale), "long")


def short_day(day: date, locale: str = "en") -> str:
    """A day without its year: "3 Nov"."""
    return _day(day, _locale(locale), "MMMd")


class TimeTags:
    """Writes moments as `<time>` elements, in one zone and language and as of one moment: made once for a page.

    "14:05" today, "3 Nov, 14:05" this year, else "3 Nov 2025"; a dash for None. The title of an element holds the
    full date, the time and the zone, its datetime attribute the moment in UTC.
    """

    def __init__(self, zone_name: str | None, locale: str = "en", *, now: datetime | None = None) -> None:
        self._zone, self._locale = zone(zone_name), _locale(locale)
        self._zone_label = _zone_label(self._zone)
        self._today = _shift(as_utc(now or datetime.now(UTC)), self._zone).date()
        # Pages show the same few days over and over. Both by how ISO writes them, which is had for nothing.
        self._days: dict[str, tuple[str, str, bool]] = {}
        self._clocks: dict[str, str] = {}

    def __call__(self, moment: datetime | None) -> Markup:
        return DASH if moment is None else Markup(self.text(moment))  # noqa: S704

    def text(self, moment: datetime) -> str:
        """The element as a list joins many of them.

        Nothing in it comes from people: dates by Babel, the names of zones from the zone list.
        """
        # Not by ``as_utc`` and ``_shift``: the calls would cost more than what they do.
        utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        try:
            local = utc.astimezone(self._zone)
        except OverflowError:
            local = utc
        iso = utc.isoformat()[:19]
        told = iso if local is utc else local.isoformat()
        full, short, has_clock = self._days.get(told[:10]) or self._word_day(told[:10], local.date())
        if has_clock:
            short += self._clocks.get(told[11:16]) or self._word_clock(told[11:16], local)
        return f'<time datetime="{iso}Z" title="{full}, {told[11:19]}, {self._zone_label}">{short}</time>'

    def _word_day(self, iso: str, day: date) -> tuple[str, str, bool]:
        """The day in full, what stands before the clock or alone, whether a clock follows: nothing is said of today."""
        is_recent = day.year == self._today.year
        short = "" if day == self._today else _day(day, self._locale, "MMMd" if is_recent else "yMMMd")
        self._days[iso] = _day(day, self._locale, "full"), f"{short}, " if short and is_recent else short, is_recent
        return self._days[iso]

    def _word_clock(self, iso: str, local: datetime) -> str:
        return self._clocks.setdefault(iso, _clock(local.hour, local.minute, self._locale))


@lru_cache(maxsize=4096)
def _day(day: date, words: Locale, skeleton: str) -> str:
    """The words of a day; lists show the same few days over and over."""
    moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001
    if skeleton in words.date_formats:
        return _apply(moment, words, words.date_formats[skeleton])
    return _format(moment, words, skeleton)


@lru_cache(maxsize=4096)
def _clock(hour: int, minute: int, words: Locale) -> str:
    return _format(datetime(2000, 1, 1, hour, minute), words, "Hm")  # noqa: DTZ001


def _shift(utc: datetime, where: tzinfo) -> datetime:
    """`astimezone`, except at the two ends of the calendar, where it overflows."""
    try:
        return utc.astimezone(where)
    except OverflowError:
        return utc


def _format(moment: datetime, locale: Locale, skeleton: str) -> str:
    return _apply(moment, locale, locale.datetime_skeletons[skeleton])


def _apply(moment: datetime, locale: Locale, pattern: DateTimePattern) -> str:
    return pattern.apply(moment, locale)


@cache
def _locale(name: str) -> Locale:
    try:
        return Locale.parse(_LOCALES.get(name, name))
    except (UnknownLocaleError, ValueError):
        return Locale.parse(_LOCALES["en"])


def _zone_label(where: tzinfo) -> str:
    """The name of a place; of a fixed offset the offset, for Etc/GMT-3 is what people write UTC+3."""
    name = str(where) if isinstance(where, ZoneInfo) else "UTC"
    if name.startswith("Etc/"):
        offset = _offset(datetime.now(where))
        return "UTC" if offset == "UTC+0" else offset
    return name


def zone_in_words(name: str) -> str:
    """A zone as people know it: "Europe/Moscow (UTC+3)"."""
    where = zone(name)
    label, offset = _zone_label(where).replace("_", " "), _offset(datetime.now(where))
    return f"{label} ({offset})" if "/" in label else label


@cache
def _known_zones() -> frozenset[str]:
    # Browsers also say Etc/GMT-3 (three hours ahead), Etc/UTC, or a former name of one word, such as Turkey.
    odd = ("posix/", "right/", "SystemV/")
    return frozenset(name for name in available_timezones() if not name.startswith(odd)) - {"Factory", "localtime"}


@cache
def _lived_in_zones() -> tuple[str, ...]:
    """The IANA list of zones by country (zone.tab), which leaves out former names and abbreviations."""
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    names = {line.split("\t")[2] for line in table.splitlines() if line and not line.startswith("#")}
    return ("UTC", *sorted(names & _known_zones()))


@lru_cache(maxsize=1)
def _zone_choices(hour: int) -> tuple[tuple[str, str], ...]:
    """Offsets change during the year, so the list holds for an hour, counted from 1970."""
    moment = datetime.fromtimestamp(hour * _HOUR, UTC)
    return tuple(
        (name, f"{name.replace('_', ' ')} ({_offset(moment.astimezone(zone(name)))})") for name in _lived_in_zones()
    )


@lru_cache(maxsize=1)
def _zone_options(hour: int) -> Markup:
    option = Markup('<option value="{}">{}</option>')
    return Markup("").join(option.format(name, label) for name, label in _zone_choices(hour))


def _offset(local: datetime) -> str:
    offset = local.utcoffset() or timedelta(0)
    if not offset:
        return "UTC+0"
    hours, minutes = divmod(abs(int(offset.total_seconds())) // 60, 60)
    return f"UTC{'+' if offset > timedelta(0) else '−'}{hours}" + (f":{minutes:02}" if minutes else "")
