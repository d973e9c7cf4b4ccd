"""One thing that is wrong with an installation."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["refuse", "warning", "information"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and what to do about it.

    ``refuse``: the portal does not start. ``warning``: it runs, and something is worse than it could be.
    ``information``: a choice worth knowing about.
    """

    severity: Severity
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}"
