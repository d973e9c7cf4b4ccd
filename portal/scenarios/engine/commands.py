"""What people write with a slash before it."""

import re
from dataclasses import dataclass

from portal.scenarios.engine.texts import clean

LONGEST_PAYLOAD = 512
_COMMAND = re.compile(r"\s*/(?P<name>\w{1,64})(?:@\w+)?(?:\s+(?P<rest>.*))?\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Command:
    """``/name payload``; ``/name@botname`` is ``/name``."""

    name: str
    payload: str = ""


def read_command(text: str) -> Command | None:
    """The command a text is, or None. A path such as ``/a/b`` is none."""
    found = _COMMAND.fullmatch(text)
    return Command(found["name"].lower(), clean(found["rest"] or "", LONGEST_PAYLOAD)) if found else None
