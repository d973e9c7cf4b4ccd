"""Files as answers: which ones a step takes, and what is kept of them."""

import mimetypes
from fnmatch import fnmatchcase
from typing import Any

from portal.messaging.events import FileKind, SentFile
from portal.scenarios.engine import phrases
from portal.scenarios.engine.rules import Rules
from portal.scenarios.engine.texts import clean

LONGEST_NAME = 200
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
            "name": clean(file.name, LONGEST_NAME),
            "content_type": clean(file.content_type, LONGEST_NAME),
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
    return told or _type_of(file.name[-LONGEST_NAME:]) or _USUAL.get(file.kind, "application/octet-stream")


def _type_of(name: str) -> str:
    return _TYPES.guess_type(name)[0] or ""


# The tables of Python itself: the same on every machine.
_TYPES = mimetypes.MimeTypes()
for _type, _ending in (("image/webp", ".webp"), ("image/heic", ".heic"), ("audio/ogg", ".ogg")):
    _TYPES.add_type(_type, _ending)
