"""When people may be told something: never at night of their restaurant."""

from datetime import datetime, time, timedelta

from portal.web.times import in_zone

QUIET_FROM, QUIET_UNTIL = time(22), time(9)


def after_quiet(moment: datetime, zone: str | None) -> datetime:
    """The moment itself, or 9 o'clock of the zone where it lies between 22 and 9 o'clock."""
    local = in_zone(moment, zone)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return moment
    day = local.date() + timedelta(days=1) if local.time() >= QUIET_FROM else local.date()
    # Of the zone's clock, whatever it was set to during the night.
    return datetime.combine(day, QUIET_UNTIL, local.tzinfo).astimezone(moment.tzinfo)
