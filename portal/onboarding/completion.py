"""How much of a checklist is done: of the required steps alone, and rounded down."""

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
