"""Files as people upload them, looked at before any is kept."""

from dataclasses import dataclass, field

from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from portal.media.content_types import FILE_LIMIT, FileType, sniff
from portal.media.names import format_size, plain_name

_UNNAMED = FileType("", "file", "bin")


@dataclass(frozen=True, slots=True)
class Upload:
    """One file that was sent, looked at."""

    name: str
    file_type: FileType
    data: bytes = field(repr=False)


class UploadRefused(Exception):  # noqa: N818
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
