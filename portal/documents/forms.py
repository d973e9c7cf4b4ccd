"""The forms by which files of papers come."""

from collections.abc import Iterator
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, MultipleFileField

from portal.documents.contents import PHOTO_TYPES, TYPES
from portal.web.forms import PortalForm

TABLES = ".xlsx,.xls,.ods,.csv,.docx,.xml,.zip"


class PhotosForm(PortalForm):
    """Photos of an invoice's paper: from the camera, or files that are there already."""

    shot = FileField(_l("Take a photo"), render_kw={"accept": "image/*", "capture": "environment"})
    files = MultipleFileField(_l("Choose photos or a PDF"), render_kw={"accept": ",".join(PHOTO_TYPES)})

    def sent(self) -> Iterator[tuple[str, bytes]]:
        """Name and bytes of each file."""
        return read_files([self.shot.data, *(self.files.data or [])])


class DocumentForm(PortalForm):
    """Files of a supplier: a contract, a list of prices, a certificate."""

    files = MultipleFileField(
        _l("Files"),
        description=_l("Contracts, price lists, certificates: up to 10 MB each."),
        render_kw={"accept": ",".join(sorted(each for each in TYPES if each in PHOTO_TYPES)) + f",{TABLES}"},
    )

    def sent(self) -> Iterator[tuple[str, bytes]]:
        """Name and bytes of each file."""
        return read_files(self.files.data or [])


def read_files(files: list[Any]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of the files that were really chosen, one after the other."""
    for each in files:
        if each and getattr(each, "filename", None):
            yield each.filename, each.stream.read()
