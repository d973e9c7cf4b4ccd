"""The validation of an answer as its author wrote it; what is malformed asks for nothing."""

import mimetypes
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from portal.messaging.events import FileKind, SentFile
from portal.scenarios.document.answer_dates import DEFAULT_DATE_FORMAT, holds_a_date
from portal.scenarios.document.steps import as_list, as_text
from portal.scenarios.document.wording import Phrase
from portal.scenarios.engine import phrases
from portal.scenarios.engine.texts import clean


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an answer does not do: the rule it breaks, the author's words for that, and ours where there are none."""

    rule: str
    told: str
    phrase: Phrase


class Refused(ValueError):
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


_NUMBER = re.compile(r"(?P<sign>[+-]?)(?P<whole>[0-9]{1,15})(?:[.,](?P<rest>[0-9]{1,9}))?")
_GROUPED = re.compile(r"(?<=[0-9])[ \u00a0\u2009\u202f](?=[0-9]{3}(?![0-9]))")
_EMAIL = re.compile(r"(?P<name>[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*)@(?P<domain>[\w.-]+)")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]")
_DEGREES = r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,20})?"
_PLACE = re.compile(rf"\s*(?P<latitude>{_DEGREES})\s*[,; ]\s*(?P<longitude>{_DEGREES})\s*")
MAX_EMAIL = 254


def read_number(text: str) -> int | float | None:
    """``12``, ``-3,5``, ``1 500``; at most 15 digits before the comma or dot and 9 behind it."""
    found = _NUMBER.fullmatch(_GROUPED.sub("", text.strip().replace("\u2212", "-")))
    if found is None:
        return None
    whole, rest = found["sign"] + found["whole"], (found["rest"] or "").rstrip("0")
    return float(f"{whole}.{rest}") if rest else int(whole)


def read_email(text: str) -> str | None:
    """An address as it was typed, its domain in small letters."""
    found = _EMAIL.fullmatch(text) if len(text) <= MAX_EMAIL else None
    if found is None or len(found["name"]) > 64 or not _DOMAIN.fullmatch(found["domain"]):
        return None
    return f"{found['name']}@{found['domain'].lower()}"


def read_place(text: str) -> dict[str, float] | None:
    """``55.75, 37.61`` in degrees."""
    found = _PLACE.fullmatch(text[:100])
    return place_of(float(found["latitude"]), float(found["longitude"])) if found else None


def place_of(latitude: float, longitude: float) -> dict[str, float] | None:
    """A place as it is stored; None where it is not on earth."""
    is_on_earth = abs(latitude) <= 90 and abs(longitude) <= 180
    return {"latitude": latitude, "longitude": longitude} if is_on_earth else None


MAX_NAME = 200
_NAMES = {
    "image": (FileKind.IMAGE,),
    "photo": (FileKind.IMAGE,),
    "picture": (FileKind.IMAGE,),
    "video": (FileKind.VIDEO, FileKind.ANIMATION),
    "animation": (FileKind.ANIMATION,),
    "audio": (FileKind.AUDIO, FileKind.VOICE),
    "voice": (FileKind.VOICE,),
    "document": (FileKind.DOCUMENT,),
    "file": tuple(FileKind),
}
# What the platforms make of a file that is sent without its type.
_USUAL = {
    FileKind.IMAGE: "image/jpeg",
    FileKind.VIDEO: "video/mp4",
    FileKind.ANIMATION: "video/mp4",
    FileKind.AUDIO: "audio/mpeg",
    FileKind.VOICE: "audio/ogg",
}


def read_file(rules: Rules, file: SentFile) -> dict[str, Any]:
    """What is kept: the file's description without the platform's reference; raises ``Refused``."""
    allowed = rules.words("allowed_types")
    most = rules.number("max_size_kb")
    if allowed and not any(_is_of(file, one.strip().lower()) for one in allowed):
        raise rules.refuse("allowed_types", phrases.wrong_file(", ".join(allowed)))
    if most is not None and file.size is not None and file.size > most * 1024:
        raise rules.refuse("max_size_kb", phrases.file_too_large(most))
    return {
        "file": {
            "kind": file.kind.value,
            "name": clean(file.name, MAX_NAME),
            "content_type": clean(file.content_type, MAX_NAME),
            "size": file.size,
        }
    }


def _is_of(file: SentFile, allowed: str) -> bool:
    """Whether a file is of a type: a kind (``photo``), a MIME type (``image/*``) or an ending (``pdf``)."""
    content_type = _content_type(file)
    if allowed in _NAMES:
        return file.kind in _NAMES[allowed] or content_type.startswith(f"{allowed}/")
    if "/" in allowed:
        return fnmatchcase(content_type, allowed)
    ending = allowed.removeprefix("*").removeprefix(".")
    by_name = file.name.lower().endswith(f".{ending}")
    return bool(ending) and (by_name or content_type == _type_of(f"x.{ending}"))


def _content_type(file: SentFile) -> str:
    told = file.content_type.partition(";")[0].strip().lower()
    return told or _type_of(file.name[-MAX_NAME:]) or _USUAL.get(file.kind, "application/octet-stream")


def _type_of(name: str) -> str:
    return _TYPES.guess_type(name)[0] or ""


# The tables of Python itself: the same on every machine.
_TYPES = mimetypes.MimeTypes()
for _type, _ending in (("image/webp", ".webp"), ("image/heic", ".heic"), ("audio/ogg", ".ogg")):
    _TYPES.add_type(_type, _ending)
