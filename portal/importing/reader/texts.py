"""The rows of a CSV file, or of what was copied out of a spreadsheet."""

import csv
import io
from collections import Counter
from collections.abc import Iterator

from portal.importing.reader.limits import Row, UnreadableError
from portal.importing.reader.values import faultless

SEPARATORS = (";", ",", "\t")
# Those that a person may name where the guess was wrong.
ENCODINGS = ("utf-8", "windows-1251", "utf-16", "cp866")
SAMPLE = 200_000
RTF, XML = "{\\rtf", "<?xml"
WEB_PAGES = ("<!doctype", "<html", "<table", "<head", "<meta", "<style", "<body")


def text_table(data: bytes, encoding: str | None, separator: str | None) -> tuple[dict[str, str], Iterator[Row]]:
    """How it was read, and the rows with the number of the line that each begins on."""
    encoding, text = decoded(data, encoding)
    refuse_other_texts(text)
    first, _, rest = text.partition("\n")
    # Excel's own word for the separator, in a line before the table.
    told = first.strip().removeprefix("sep=") if first.startswith("sep=") else ""
    likely = separator or (told if told in SEPARATORS else likely_separator(text))
    rows = split(rest if told else text, likely, 2 if told else 1)
    return {"kind": "csv", "encoding": encoding, "separator": likely}, rows


def decoded(data: bytes, told: str | None = None) -> tuple[str, str]:
    """Encoding and text: as it was told or marked, else UTF-8 where that fits, else windows-1251."""
    marked = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    marks = [name for mark, name in marked.items() if data.startswith(mark)]
    wanted = ["utf-8-sig" if told == "utf-8" else told] if told else marks or ["utf-8", "windows-1251"]
    for encoding in wanted:
        try:
            return encoding.removesuffix("-sig"), data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableError("encoding" if told else "kind")


def refuse_other_texts(text: str) -> None:
    """Raise for what is written in signs and is no table."""
    begin = text[:2000].lstrip("\ufeff \t\r\n").lower()
    if begin.startswith(XML):
        raise UnreadableError("page" if "<html" in begin or "excel.sheet" in begin else "markup")
    if begin.startswith(WEB_PAGES):
        raise UnreadableError("page")
    if begin.startswith(RTF) or any(sign < " " and sign not in "\t\r\n\f" for sign in text):
        raise UnreadableError("kind")


def likely_separator(text: str) -> str:
    """The separator that gives most rows the same number of cells, and of equals the one that gives more."""
    sample = text[:SAMPLE]

    def fitness(separator: str) -> tuple[float, int]:
        try:
            widths = Counter(len(cells) for _, cells in split(sample, separator) if cells)
        except UnreadableError:
            return 0.0, 0
        width, times = widths.most_common(1)[0]
        return (times / widths.total() if width > 1 else 0.0), width

    return max(SEPARATORS, key=fitness)


def split(text: str, separator: str, first: int = 1) -> Iterator[Row]:
    """Rows with the number of the line that each begins on; quoted cells may hold line breaks."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    number = first
    try:
        for cells in reader:
            yield number, [faultless(cell) for cell in cells]
            number = first + reader.line_num
    except csv.Error as error:
        raise UnreadableError("cell", number) from error
