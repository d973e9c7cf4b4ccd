"""One line of the log for each intake, on the person's row; the bot did it."""

from dataclasses import dataclass
from typing import Any

from portal.audit.models import Action
from portal.audit.recording import loggable_of, record
from portal.staff.models import StaffMember
from portal.staff.provenance import FIELDS

KEYS = tuple(attribute for attribute in FIELDS.values() if attribute is not None)


@dataclass(frozen=True, slots=True)
class ActingBot:
    """A bot as the log names it: it is no member, and has no address."""

    display_name: str
    id: None = None
    email: None = None
    is_superuser: bool = False


class Changes:
    """What becomes of a person's row from here on."""

    def __init__(self, member: StaffMember, *, is_new: bool) -> None:
        self.member, self.is_new = member, is_new
        self._before = self._values()

    def record(self, bot_name: str | None = None) -> None:
        """Write the line, in the name of a bot or of whoever is signed in; nothing where nothing has changed."""
        by, after = ActingBot(bot_name) if bot_name is not None else None, self._values()
        if self.is_new:
            told = {key: value for key, value in after.items() if value is not None}
            record(Action.CREATED, self.member, after=told, by=by)
            return
        changed = [key for key in KEYS if self._before[key] != after[key]]
        if changed:
            before, told = ({key: values[key] for key in changed} for values in (self._before, after))
            record(Action.EDITED, self.member, before=before, after=told, by=by)

    def _values(self) -> dict[str, Any]:
        return {key: loggable_of(self.member, key, getattr(self.member, key)) for key in KEYS}
