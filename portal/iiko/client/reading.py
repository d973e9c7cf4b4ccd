"""What a reader of an answer notes by the way."""

from collections import Counter
from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l

from portal.db.types import LabelledEnum


class Note(LabelledEnum):
    """Something in an answer that is not as it should be, and did not keep it from being read."""

    CONTROL_CHARACTERS = "control_characters", _l("Control characters were replaced by spaces")
    UNKNOWN_PARTS = "unknown_parts", _l("Parts that the portal does not know were passed over")
    REPEATED_ROWS = "repeated_rows", _l("Rows that came twice alike count once")


@dataclass
class Reading:
    """How often each note was made."""

    notes: Counter[str] = field(default_factory=Counter)

    def note(self, note: Note, count: int = 1) -> None:
        """Count it."""
        self.notes[note.value] += count
