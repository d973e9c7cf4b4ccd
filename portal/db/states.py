"""Status machines: the state of a row changes by declared moves alone, each guarded and told to the audit log."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeAlias

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import true
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.types import LabelledEnum
from portal.db.words import Label

# Where a row may go from each state, and what the log calls the move (a word of ``portal.audit.models.Action``).
# ``None``: the line stands on another row, which comes to be by the move.
Moves: TypeAlias = Mapping[LabelledEnum, Mapping[LabelledEnum, str | None]]

_write: Callable[..., object] | None = None


def log_verbs_with(write: Callable[..., object]) -> None:
    """Who writes a verb's line: the audit log, which itself stands on rows. ``write(verb, row, **told)``."""
    global _write
    _write = write


def log_verb(verb: str, row: Any, **told: Any) -> None:
    """Have a verb's line written, in the same transaction; ``told`` may hold before, after and by (whom)."""
    assert _write is not None, "no audit log is installed"
    _write(verb, row, **told)


class MoveRefused(Exception):
    """A row stays in its state; ``reason`` says why, in words for people."""

    def __init__(self, reason: Label) -> None:
        super().__init__(str(reason))
        self.reason = reason


class Stateful:
    """A row with a state, which ``transition`` alone changes."""

    __moves__: ClassVar[Moves]
    display_name: Any

    @property
    def state(self) -> LabelledEnum:
        """The present state."""
        raise NotImplementedError

    def enter_state(self, state: LabelledEnum) -> None:
        """Write the new state into the row's columns, and do what belongs to it."""
        raise NotImplementedError

    def guard_move(self, to: LabelledEnum) -> None:
        """Raises ``MoveRefused`` where a move that is allowed in general is not open to this row now."""

    def transition(self, to: LabelledEnum, **told: Any) -> bool:
        """Move to a state and leave a line in the log (``told``: before, after, by); whether that changed anything.

        A row that is there already stays. Raises ``MoveRefused`` where no move leads there.
        """
        former = self.state
        if to == former:
            return False
        if to not in self.__moves__.get(former, {}):
            words = {"name": self.display_name, "state": former.label, "target": to.label}
            raise MoveRefused(_("%(name)s: from “%(state)s” no way leads to “%(target)s”.", **words))
        self.guard_move(to)
        self.enter_state(to)
        if verb := self.__moves__[former][to]:
            log_verb(verb, self, **told)
        return True


class Flagged(Stateful):
    """A row whose two states stand in ``is_active``."""

    # The state of rows that are not active, and that of the others.
    __flag__: ClassVar[tuple[LabelledEnum, LabelledEnum]]

    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())

    @property
    def state(self) -> LabelledEnum:
        """What the flag says."""
        return self.__flag__[bool(self.is_active)]

    def enter_state(self, state: LabelledEnum) -> None:
        """Set the flag."""
        self.is_active = state == self.__flag__[True]


class Activation(LabelledEnum):
    """Whether something is in use."""

    OFF = "off", _l("Switched off")
    ON = "on", _l("Switched on")


class Activatable(Flagged):
    """A row that is switched on and off."""

    __flag__ = (Activation.OFF, Activation.ON)
    __moves__ = {
        Activation.OFF: {Activation.ON: "activated"},
        Activation.ON: {Activation.OFF: "deactivated"},
    }

    def activate(self) -> bool:
        """Switch it on; whether that changed anything."""
        return self.transition(Activation.ON)

    def deactivate(self) -> bool:
        """Switch it off; whether that changed anything."""
        return self.transition(Activation.OFF)
