"""The forms by which files of papers come; their fields stand in ``documents/_photos`` and ``suppliers/_documents``."""

from collections.abc import Iterator
from typing import Any

from flask_wtf.file import FileField, MultipleFileField

from portal.web.forms import PortalForm


class PhotosForm(PortalForm):
    """Photos of an invoice's paper: from the camera, or files that are there already."""

    shot = FileField()
    files = MultipleFileField()

    def sent(self) -> Iterator[tuple[str, bytes]]:
        """Name and bytes of each file."""
        return read_files([self.shot.data, *(self.files.data or [])])


class DocumentForm(PortalForm):
    """Files of a supplier: a contract, a list of prices, a certificate."""

    files = MultipleFileField()

    def sent(self) -> Iterator[tuple[str, bytes]]:
        """Name and bytes of each file."""
        return read_files(self.files.data or [])


def read_files(files: list[Any]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of the files that were really chosen, one after the other."""
    for each in files:
        if each and getattr(each, "filename", None):
            yield each.filename, each.stream.read()
