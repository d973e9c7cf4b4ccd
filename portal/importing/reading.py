"""Reading a file in a process of its own; whatever becomes of that one, the portal goes on."""

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.importing import spreadsheet

PROGRAM = str(Path(spreadsheet.__file__).resolve())
# By the clock, where the processor's time runs slowly: a machine with much else to do.
MAX_READING_SECONDS = 30.0
MAX_WAIT_SECONDS = 5.0
# Each reading may take half a gigabyte.
_slots = threading.BoundedSemaphore(2)

SENTENCES = {
    "nothing": _l("Choose a file, or paste rows."),
    "empty": _l("There are no rows in it."),
    "kind": _l("This is neither CSV nor XLSX. In your spreadsheet, save it as XLSX or CSV."),
    "password": _l("This file is protected by a password. Save it without one."),
    "large": _l("This file is too large: at most 10 MB."),
    "unpacked": _l("This file unpacks to far more than a table needs. Copy the rows into a new spreadsheet."),
    "damaged": _l("This file is damaged. Open it in your spreadsheet and save it again as XLSX or CSV."),
    "sheet": _l("No sheet of this file is visible. Show the one with the rows and save it again."),
    "rows": _l("There are more than 5000 rows in it. Split it into several files."),
    "columns": _l("Row %(row)s has more than 60 columns. Leave only those that are to be imported."),
    "wide": _l("It has far more than 60 columns. Leave only those that are to be imported."),
    "cell": _l("Row %(row)s has a cell of more than 5000 characters, or a quotation mark that is never closed."),
    "text": _l("There is too much text in it. Split it into several files."),
    "unstorable": _l("Row %(row)s holds characters that cannot be stored."),
    "died": _l("This file could not be read. Copy the rows into a new spreadsheet, or paste them into the field."),
    "busy": _l("Several files are being read at this moment. Try again in a minute."),
}


class UnreadableFileError(Exception):
    """A file is not taken; the message says why, in words for people."""

    def __init__(self, code: str, row: int | None = None) -> None:
        super().__init__(code)
        self.code, self.row = code, row

    def __str__(self) -> str:
        return str(SENTENCES[self.code]) % {"row": self.row}


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file as (number in the file, cells), and how they were read."""

    read_as: dict[str, Any]
    rows: list[tuple[int, list[str]]]


def read_table(data: bytes) -> Table:
    """The rows of a CSV or XLSX file; ``UnreadableFileError`` says what is wrong with it.

    Takes up to half a minute: hold no transaction meanwhile.
    """
    if not _slots.acquire(timeout=MAX_WAIT_SECONDS):
        raise UnreadableFileError("busy")
    try:
        answer = _ask(data)
    finally:
        _slots.release()
    if "error" in answer:
        raise UnreadableFileError(answer["error"], answer["row"])
    return Table(answer["read_as"], [(number, cells) for number, cells in answer["rows"]])


def _ask(data: bytes) -> dict[str, Any]:
    # Isolated and without environment: what reads strangers' files knows none of the portal's secrets.
    command = [sys.executable, "-I", "-B", PROGRAM]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=MAX_READING_SECONDS, env={}, check=True)
        answer: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        raise UnreadableFileError("died") from error
    return answer
