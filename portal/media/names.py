"""Names of files: as people may see them, as scenarios call them, as a download is saved. Never a path."""

import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass, field

from flask_babel import format_decimal
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from portal.accounts.slugs import slugify
from portal.media.content_types import ALIASES, FILE_LIMIT, MEGABYTE, FileType, sniff

MAX_NAME = 200
MAX_KEY = 200
KILOBYTE = 1024


def visible(name: str | None) -> str:
    """A name without control characters, marks that turn the direction of writing, and lone surrogates."""
    return "".join(letter for letter in name or "" if not unicodedata.category(letter).startswith("C"))


def plain_name(claimed: str | None, file_type: FileType) -> str:
    """The last part of what a sender calls a file, without what cannot be seen; or after its type."""
    last = re.split(r"[/\\]", claimed or "")[-1]
    return visible(last).strip(" .")[-MAX_NAME:] or f"{file_type.kind}.{file_type.extension}"


def free_key(name: str, kind: str, taken: Container[str]) -> str:
    """A key made of a file's name that no other file of the bot has."""
    stem = slugify(name.rpartition(".")[0] or name) or kind
    key, number = stem, 2
    while key in taken:
        key, number = f"{stem}-{number}", number + 1
    return key


def download_name(name: str, file_type: FileType | None) -> str:
    """The name under which a file is saved: its ending tells the truth about what is inside."""
    if file_type is None:
        return f"{name}.bin"
    ending = name.rpartition(".")[2].lower()
    known = (file_type.extension, *ALIASES.get(file_type.content_type, ()))
    return name if ending in known else f"{name}.{file_type.extension}"


def format_size(size: int) -> str:
    """A number of bytes for people, such as ``1.2 MB``."""
    if size < MEGABYTE:
        return _("%(size)s KB", size=format_decimal(max(1, round(size / KILOBYTE))))
    return _("%(size)s MB", size=format_decimal(round(size / MEGABYTE, 1)))


_UNNAMED = FileType("", "file", "bin")


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that was sent, looked at."""

    name: str
    file_type: FileType
    data: bytes = field(repr=False)


class UploadRefused(Exception):
    """A file is not taken; the message says why, in words for people."""


def read_upload(sent: FileStorage) -> Upload:
    """A file that was sent, from its beginning; ``UploadRefused`` for an empty, a large or an unknown one."""
    sent.stream.seek(0)
    data = sent.stream.read(FILE_LIMIT + 1)
    called = plain_name(sent.filename, _UNNAMED)
    if not data:
        raise UploadRefused(_("%(name)s is empty.", name=called))
    file_type = sniff(data)
    if file_type is None and len(data) <= FILE_LIMIT:
        raise UploadRefused(_("%(name)s: messengers cannot show this kind of file.", name=called))
    limit = file_type.limit if file_type else FILE_LIMIT
    if file_type is None or len(data) > limit:
        raise UploadRefused(_("%(name)s is too large: at most %(size)s.", name=called, size=format_size(limit)))
    return Upload(plain_name(sent.filename, file_type), file_type, data)
