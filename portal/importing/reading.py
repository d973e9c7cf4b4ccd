"""Reading a file in a process of its own; whatever becomes of that one, the portal goes on."""

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.importing.reader import program
from portal.importing.reader.limits import MAX_CELL_LENGTH, MAX_COLUMNS, MAX_ROWS

PROGRAM = str(Path(program.__file__).resolve())
# By the clock, where the processor's time runs slowly: a machine with much else to do.
MAX_READING_SECONDS = 30.0
MAX_WAIT_SECONDS = 5.0
# Each reading may take half a gigabyte.
_slots = threading.BoundedSemaphore(2)

SENTENCES = {
    "nothing": _l("Choose a file, or paste rows."),
    "empty": _l("There are no rows in it."),
    "kind": _l("This is no table that can be read. In your spreadsheet or in 1C, save it as XLSX or CSV."),
    "picture": _l("This is a picture or a PDF, whatever its name says. Ask for the table itself, as XLSX or CSV."),
    "page": _l("This is a web page, whatever its name says. Open it in a spreadsheet and save it as XLSX."),
    "own_table": _l("This is a table of 1C's own kind (MXL). In 1C: save as XLSX."),
    "markup": _l("This is an XML document, not a table. In your spreadsheet or in 1C, save it as XLSX or CSV."),
    "damaged_markup": _l("This XML document is damaged. Ask for it again, or enter the paper by hand."),
    "document_type": _l("This XML document declares a document type, which no paper needs. It is not read."),
    "macros": _l("This workbook holds macros. Save it as XLSX, which has none."),
    "password": _l("This file is protected by a password. Save it without one."),
    "large": _l("This file is too large: at most 10 MB."),
    "unpacked": _l("This file unpacks to far more than a table needs. Copy the rows into a new spreadsheet."),
    "damaged": _l("This file is damaged. Open it in your spreadsheet and save it again as XLSX or CSV."),
    "sheet": _l("No sheet of this file is visible. Show the one with the rows and save it again."),
    "no_sheet": _l("This file has no such sheet any more. Choose another one."),
    "encoding": _l("The file cannot be read in this encoding. Choose another one."),
    "rows": _l("There are more than %(rows)s rows in it. Split it into several files."),
    "columns": _l("Row %(row)s has more than %(columns)s columns. Leave only those that are to be imported."),
    "wide": _l("It has far more than %(columns)s columns. Leave only those that are to be imported."),
    "cell": _l("Row %(row)s has a cell of more than %(length)s characters, or a quotation mark that is never closed."),
    "text": _l("There is too much text in it. Split it into several files."),
    "unstorable": _l("Row %(row)s holds characters that cannot be stored."),
    "died": _l("This file could not be read. Copy the rows into a new spreadsheet, or paste them into the field."),
    "busy": _l("Several files are being read at this moment. Try again in a minute."),
}


class UnreadableFileError(Exception):
    """A file is not taken; the message says why, in words for people."""

    def __init__(self, code: str, row: int | None = None, max_rows: int = MAX_ROWS) -> None:
        super().__init__(code)
        self.code, self.row, self.max_rows = code, row, max_rows

    def __str__(self) -> str:
        told = {"row": self.row, "rows": self.max_rows, "columns": MAX_COLUMNS, "length": MAX_CELL_LENGTH}
        return str(SENTENCES[self.code]) % told


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file as (number in the file, cells), and how they were read.

    ``root`` is the tree of an XML document, (name, attributes, text, children), which has no rows.
    """

    read_as: dict[str, Any]
    rows: list[tuple[int, list[str]]]
    root: list[Any] | None = None


def read_table(
    data: bytes,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    takes_markup: bool = False,
) -> Table:
    """The rows of a CSV, XLSX, XLS or ODS file; ``UnreadableFileError`` says what is wrong with it.

    What is told is taken instead of the guess. Takes up to half a minute: hold no transaction meanwhile.
    """
    options = {"sheet": sheet, "encoding": encoding, "separator": separator, "takes_markup": takes_markup}
    if not _slots.acquire(timeout=MAX_WAIT_SECONDS):
        raise UnreadableFileError("busy")
    try:
        answer = _ask(json.dumps(options).encode() + b"\n" + data)
    finally:
        _slots.release()
    if "error" in answer:
        raise UnreadableFileError(answer["error"], answer["row"])
    return Table(answer["read_as"], [(number, cells) for number, cells in answer["rows"]], answer.get("root"))


def _ask(sent: bytes) -> dict[str, Any]:
    # Isolated and without environment: what reads strangers' files knows none of the portal's secrets.
    command = [sys.executable, "-I", "-B", PROGRAM]
    try:
        done = subprocess.run(command, input=sent, capture_output=True, timeout=MAX_READING_SECONDS, env={}, check=True)
        answer: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        raise UnreadableFileError("died") from error
    return answer
