"""Forms of the library: uploading, naming, another content."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf.file import FileField, MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms.validators import Optional, Regexp

from portal.media.content_types import FILE_LIMIT, FileType, sniff
from portal.media.names import LONGEST_KEY, LONGEST_NAME, plain_name, told_size
from portal.web.forms import AtMost, LongTextField, PortalForm, Required, TextField

MOST_FILES = 10
ACCEPTED = (
    ".jpg,.jpeg,.png,.webp,.gif,.mp4,.mov,.3gp,.webm,.mp3,.m4a,.ogg,.wav,.aac,.pdf,.docx,.xlsx,.pptx,.doc,.xls,.ppt,"
    ".odt,.ods,.odp,.rtf,.txt,.csv,.zip"
)
NO_SPACES = Regexp(r"^\S+$", message=_l("A key has no spaces."))


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
        raise UploadRefused(_("%(name)s is too large: at most %(size)s.", name=called, size=told_size(limit)))
    return Upload(plain_name(sent.filename, file_type), file_type, data)


_UNNAMED = FileType("", "file", "bin")


class UploadForm(PortalForm):
    """New files; each is looked at before any is stored."""

    files = MultipleFileField(
        _l("Files"),
        [Required(_l("Choose at least one file."))],
        description=_l("Up to 10 at once. Pictures up to 10 MB; videos, sounds and documents up to 20 MB each."),
        render_kw={"accept": ACCEPTED},
    )
    key = TextField(
        _l("Key"),
        [Optional(), AtMost(LONGEST_KEY), NO_SPACES],
        description=_l("What scenarios call the file. Left empty, it is made from the file's name."),
    )

    def __init__(self, taken: Collection[str], **given: Any) -> None:
        super().__init__(**given)
        self.taken = taken

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether every file can be taken and the key is free."""
        valid = super().validate(extra_validators)
        problems = list(self._problems())
        self.files.errors = [*self.files.errors, *problems]
        if self.key.data and len(self.files.data or []) > 1:
            self.key.errors = [*self.key.errors, _("Several files cannot share one key. Leave it empty.")]
        elif self.key.data in self.taken:
            self.key.errors = [*self.key.errors, _("Another file of this bot has this key already.")]
        return valid and not problems and not self.key.errors

    def _problems(self) -> Iterator[str]:
        sent = self.files.data or []
        if len(sent) > MOST_FILES:
            yield ngettext("At most %(num)s file at once.", "At most %(num)s files at once.", MOST_FILES)
            return
        for each in sent:
            try:
                read_upload(each)
            except UploadRefused as refusal:
                yield str(refusal)

    def uploads(self) -> Iterator[Upload]:
        """The files, read one after the other."""
        return (read_upload(each) for each in self.files.data)


class MediaForm(PortalForm):
    """What a library file is called."""

    name = TextField(_l("Name"), [Required(), AtMost(LONGEST_NAME)])
    key = TextField(
        _l("Key"),
        [Required(), AtMost(LONGEST_KEY), NO_SPACES],
        description=_l("What scenarios call the file. A scenario that uses the former key no longer finds it."),
    )
    description = LongTextField(_l("Description"), [AtMost(2000)])

    def __init__(self, taken: Collection[str], **given: Any) -> None:
        super().__init__(**given)
        self.taken = taken

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether the key is free, besides the fields' own checks."""
        valid = super().validate(extra_validators)
        if self.key.data in self.taken:
            self.key.errors = [*self.key.errors, _("Another file of this bot has this key already.")]
            return False
        return valid


class ContentForm(PortalForm):
    """Another content for a library file; ``upload`` holds it once it was looked at."""

    file = FileField(
        _l("File"),
        [Required(_l("Choose a file."))],
        description=_l("Pictures up to 10 MB; videos, sounds and documents up to 20 MB."),
        render_kw={"accept": ACCEPTED},
    )
    upload: Upload

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether the file can be taken."""
        if not super().validate(extra_validators):
            return False
        try:
            self.upload = read_upload(self.file.data)
        except UploadRefused as refusal:
            self.file.errors = [*self.file.errors, str(refusal)]
            return False
        return True
