"""What every platform adapter offers to the rest of the portal, which knows no platform by name."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import ClassVar, TypeAlias
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

Text: TypeAlias = str | LazyString
# Quotation marks that come along when a value is copied out of a chat, a table or a configuration file.
_QUOTES = "\"'`«»“”„‘’‹›"
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_LONGEST_PASTE = 4096


def bare(value: object) -> str:
    """A pasted text without surrounding space, quotation marks and invisible characters."""
    if not isinstance(value, str):
        return ""
    return _INVISIBLE.sub("", value[:_LONGEST_PASTE]).strip().strip(_QUOTES).strip()


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


class Platform(ABC):
    """A messenger. Lengths are in characters, `button_value_bytes` in bytes of UTF-8."""

    key: ClassVar[str]
    label: ClassVar[str]
    icon: ClassVar[str]
    """The name of a symbol in the portal's own set."""
    fields: ClassVar[tuple[CredentialField, ...]]
    steps: ClassVar[tuple[Text, ...]]
    """How an owner comes by the credentials, one instruction each."""
    text_limit: ClassVar[int]
    caption_limit: ClassVar[int]
    button_limit: ClassVar[int]
    """The most buttons (or list rows) that one message can offer."""
    button_value_bytes: ClassVar[int]

    def normalise(self, values: Mapping[str, object]) -> dict[str, str]:
        """The known fields, freed of what pasting adds; anything that is no text counts as empty."""
        return {field.name: field.normalise(values.get(field.name)) for field in self.fields}

    def check(self, values: Mapping[str, object], *, kept: Collection[str] = ()) -> dict[str, Text]:
        """What is wrong, by field, or nothing. `kept` names the fields that are stored and may stay empty."""
        typed = self.normalise(values)
        problems = {field.name: field.check(typed[field.name], kept=field.name in kept) for field in self.fields}
        return {name: problem for name, problem in problems.items() if problem is not None}

    def keepable(self, stored: Mapping[str, object], typed: Mapping[str, object]) -> frozenset[str]:
        """The secret fields that may stay empty, because what is stored goes on being right."""
        old, new = self.normalise(stored), self.normalise(typed)
        if any(field.binds_secrets and old[field.name] != new[field.name] for field in self.fields):
            return frozenset()
        return frozenset(name for name in self.secret_fields if old[name])

    def is_complete(self, values: Mapping[str, object]) -> bool:
        """Whether everything is there that the platform cannot work without."""
        found = self.normalise(values)
        return all(found[field.name] for field in self.fields if field.required)

    def webhook_path(self, credential_id: UUID) -> str:
        """The path that the platform delivers to. The id routes; it proves nothing."""
        return f"/webhooks/{self.key}/{credential_id}"

    @property
    def secret_fields(self) -> frozenset[str]:
        """The names of the fields that are never shown again."""
        return frozenset(field.name for field in self.fields if field.secret)

    @abstractmethod
    def identify(self, values: Mapping[str, object]) -> str:
        """What pages may show of the credentials to tell one bot from another, or an empty text."""
