"""What an answer of iiko's means: one word for each case, and a sentence that says what to do."""

from typing import Any

from portal.iiko.client.cleaning import clean_text
from portal.iiko.client.outcomes import Outcome, explain

__all__ = ["IikoFailure", "Outcome", "clean_text", "explain"]

Detail = str | int | float | bool | None


class IikoFailure(Exception):
    """A call that did not do what it was for.

    ``details`` are JSON and fit to be shown and stored. ``token`` is a log-in that iiko may hold all the same, for
    whoever logs it out; ``may_hold_seat`` says that a seat may be taken which nobody knows the token of.
    """

    def __init__(
        self, outcome: Outcome, *, token: str | None = None, may_hold_seat: bool = False, **details: Detail
    ) -> None:
        super().__init__(str(outcome))
        self.outcome = outcome
        self.details: dict[str, Any] = {key: value for key, value in details.items() if value not in (None, "")}
        self.token, self.may_hold_seat = token, may_hold_seat

    @property
    def sentence(self) -> str:
        """What happened and what to do, in the reader's language."""
        return self.outcome.sentence(**self.details)
