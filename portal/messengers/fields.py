"""What an owner types to connect a bot."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

Text: TypeAlias = str | LazyString
# Quotation marks that come along when a value is copied out of a chat, a table or a configuration file.
_QUOTES = "\"'`«»“”„‘’‹›"
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_MAX_PASTE = 4096


def bare(value: object) -> str:
    """A pasted text without surrounding space, quotation marks and invisible characters."""
    if not isinstance(value, str):
        return ""
    return _INVISIBLE.sub("", value[:_MAX_PASTE]).strip().strip(_QUOTES).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialField:
    """One value that an owner types to connect a bot.

    `normalise` frees what was pasted of what does not belong to the value; `pattern` has to match all that is
    left, and `problem` says what is wrong where it does not. `help` tells in plain words where the value is
    found. A secret field is never shown again. Where a field that `binds_secrets` is changed, the stored
    secrets belong to something else and have to be typed again.
    """

    name: str
    label: Text
    help: Text
    pattern: re.Pattern[str]
    problem: Text
    normalise: Callable[[object], str] = bare
    secret: bool = True
    required: bool = True
    binds_secrets: bool = False

    def check(self, value: str, *, kept: bool = False) -> Text | None:
        """What is wrong with a normalised value, or None; empty is right where one is kept."""
        if not value:
            return _l("Fill in this field.") if self.required and not kept else None
        return None if self.pattern.fullmatch(value) else self.problem


def normalised(fields: Iterable[CredentialField], values: Mapping[str, object]) -> dict[str, str]:
    """Those fields and no others, freed of what pasting adds; anything that is no text counts as empty."""
    return {field.name: field.normalise(values.get(field.name)) for field in fields}
