"""How much of a checklist is done: of the required steps alone, and rounded down."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Completion:
    """So many required steps done, of those that are needed."""

    done: int
    needed: int

    @property
    def percent(self) -> int | None:
        """In percent, never rounded up; ``None`` where nothing is required."""
        return 100 * self.done // self.needed if self.needed else None

    @property
    def is_full(self) -> bool:
        """Whether all that is required is done; nothing is never all."""
        return 0 < self.needed == self.done

    @classmethod
    def together(cls, parts: Iterable["Completion"]) -> "Completion":
        """That of several people: all their steps, never the mean of percentages."""
        done, needed = 0, 0
        for part in parts:
            done, needed = done + part.done, needed + part.needed
        return cls(done, needed)
