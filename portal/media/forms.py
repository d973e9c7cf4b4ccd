"""Forms of the library: uploading, naming, another content."""

from collections.abc import Collection, Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf.file import FileField, MultipleFileField
from wtforms.validators import Optional, Regexp

from portal.media.names import MAX_KEY, MAX_NAME, Upload, UploadRefused, read_upload
from portal.web.forms import AtMost, LongTextField, PortalForm, Required, TextField

MAX_FILES = 10
ACCEPTED = (
    ".jpg,.jpeg,.png,.webp,.gif,.mp4,.mov,.3gp,.webm,.mp3,.m4a,.ogg,.wav,.aac,.pdf,.docx,.xlsx,.pptx,.doc,.xls,.ppt,"
    ".odt,.ods,.odp,.rtf,.txt,.csv,.zip"
)
NO_SPACES = Regexp(r"^\S+$", message=_l("A key has no spaces."))


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
        [Optional(), AtMost(MAX_KEY), NO_SPACES],
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
        if len(sent) > MAX_FILES:
            yield ngettext("At most %(num)s file at once.", "At most %(num)s files at once.", MAX_FILES)
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

    name = TextField(_l("Name"), [Required(), AtMost(MAX_NAME)])
    key = TextField(
        _l("Key"),
        [Required(), AtMost(MAX_KEY), NO_SPACES],
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
