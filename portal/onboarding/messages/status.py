"""What the bot answers to ``/status``: what is left to do, out of the record."""

from datetime import date
from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _

from portal.messaging.events import Event, Typed
from portal.onboarding.messages.queries import StatusTold, status_told
from portal.scenarios.engine.texts import read_command
from portal.web.times import day_in_words, in_zone

COMMAND = "status"


def asks_for_status(event: Event) -> bool:
    """Whether that is the command."""
    command = read_command(event.text) if isinstance(event, Typed) else None
    return command is not None and command.name == COMMAND


def status_text(account_id: UUID, member_id: UUID, language: str) -> str | None:
    """The answer in a language; ``None`` where the record has nothing to say."""
    told = status_told(account_id, member_id)
    if told is None:
        return None
    with force_locale(language):
        return "\n".join([told.name, _first_shift(told, language), *_left(told, language)])


def _first_shift(told: StatusTold, language: str) -> str:
    if told.first_shift_at is None:
        return str(_("The first shift is not set yet."))
    local = in_zone(told.first_shift_at, told.zone)
    day = day_in_words(local.date(), language)
    return str(_("First shift: %(date)s at %(time)s.", date=day, time=f"{local:%H:%M}"))


def _left(told: StatusTold, language: str) -> list[str]:
    if not told.steps:
        return [str(_("Everything is done."))]
    lines = [_line(step, day, language) for step, day in zip(told.steps, told.due_days, strict=True)]
    return [str(_("Left to do:")), *lines]


def _line(step: str, day: date | None, language: str) -> str:
    until = _("until %(date)s", date=day_in_words(day, language)) if day else ""
    return f"• {step}: {until}" if until else f"• {step}"
