"""The validation of an answer as its author wrote it; what is malformed asks for nothing."""

from dataclasses import dataclass
from typing import Any

from portal.scenarios.document.answer_dates import DEFAULT_DATE_FORMAT, holds_a_date
from portal.scenarios.document.steps import as_list, as_text
from portal.scenarios.document.wording import Phrase


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an answer does not do: the rule it breaks, the author's words for that, and ours where there are none."""

    rule: str
    told: str
    phrase: Phrase


class Refused(ValueError):  # noqa: N818 -- what became of the answer, not a failure
    """An answer that does not do."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


class Rules:
    """The keys of ``validation``."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw

    def refuse(self, rule: str, phrase: Phrase) -> Refused:
        """The refusal for a rule: ``<rule>_error`` of the author, else ``error_message``, else our words."""
        told = as_text(self.raw.get(f"{rule}_error")) or as_text(self.raw.get("error_message"))
        return Refused(Refusal(rule, told, phrase))

    def number(self, key: str) -> int | float | None:
        """A limit, or None."""
        value = self.raw.get(key)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    def text(self, key: str) -> str:
        """A text, or an empty one."""
        return as_text(self.raw.get(key))

    def words(self, key: str) -> tuple[str, ...]:
        """The texts and numbers of a list, as texts."""
        values = as_list(self.raw.get(key))
        return tuple(str(value) for value in values if isinstance(value, str | int | float))

    @property
    def may_be_empty(self) -> bool:
        """Whether an answer without a word does."""
        return self.raw.get("required") is False

    @property
    def date_format(self) -> str:
        """The form of a date; the usual one where the author's cannot hold a date."""
        written = self.text("format")
        return written if written and holds_a_date(written) else DEFAULT_DATE_FORMAT
