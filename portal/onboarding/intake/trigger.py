"""What has the answers of a conversation taken into the record."""

from dataclasses import dataclass
from typing import Any, Self

from portal.conversations.transition import Transition
from portal.scenarios.document.conditions import text_of


@dataclass(frozen=True, slots=True)
class Trigger:
    """A variable gets a value (any, where ``equals`` is ``None``), a step is entered, or the conversation ends."""

    variable: str = ""
    equals: str | None = None
    step: str = ""
    is_finish: bool = False

    @classmethod
    def read(cls, raw: Any) -> Self:
        """As the rule keeps it; what is written in another way is never pulled."""
        told = raw if isinstance(raw, dict) else {}
        variable, equals, step = (told.get(key) for key in ("variable", "equals", "step"))
        return cls(
            variable if isinstance(variable, str) else "",
            None if equals is None else text_of(equals),
            step if isinstance(step, str) else "",
            told.get("finished") is True,
        )

    def as_json(self) -> dict[str, Any]:
        """What :meth:`read` reads."""
        if self.is_finish:
            return {"finished": True}
        if self.step:
            return {"step": self.step}
        return {"variable": self.variable} | ({} if self.equals is None else {"equals": self.equals})

    def is_pulled(self, transition: Transition) -> bool:
        """Whether one step of a conversation pulls it."""
        if self.is_finish:
            return transition.has_finished
        if self.step:
            return self.step in transition.entered
        return any(
            stored.variable == self.variable and self.equals in (None, text_of(stored.value))
            for stored in transition.stored
            if self.variable
        )
