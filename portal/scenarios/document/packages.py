"""A package of intents that comes as a ZIP file: ``package.json`` and a file for each intent, made one JSON text."""

import io
import zipfile
import zlib
from collections.abc import Iterator

from portal.scenarios.document.document import MAX_SOURCE_BYTES, ScenarioDocument
from portal.scenarios.document.problems import Problem, ScenarioUnreadable, Severity
from portal.scenarios.document.wording import Phrase, _l, shortened

MAX_FILES = 200
MANIFEST = "package.json"
_SIGNATURE = b"PK\x03\x04"


def is_zip(content: bytes) -> bool:
    """Whether a file is a ZIP file with something in it."""
    return content.startswith(_SIGNATURE)


def read_file(content: bytes) -> ScenarioDocument:
    """A scenario, an intent or a package, as JSON or as a ZIP file; raises :class:`ScenarioUnreadable` alone."""
    return ScenarioDocument.from_text(bundle_of(content) if is_zip(content) else content)


def bundle_of(content: bytes) -> str:
    """``{"package": …, "intents": […]}`` out of a ZIP file, each file's text unchanged within it.

    Never unpacks more than a scenario may be long, whatever the file claims about itself. Raises
    :class:`ScenarioUnreadable`, which names the file that is at fault.
    """
    if len(content) > MAX_SOURCE_BYTES:
        raise _fault(_l("The ZIP file is larger than %(most)s KB.", most=MAX_SOURCE_BYTES // 1024))
    texts = dict(_texts(content))
    manifests = [name for name in texts if name.rpartition("/")[2] == MANIFEST]
    if len(manifests) != 1:
        raise _fault(_l("A package holds one file called package.json. This one has %(count)s.", count=len(manifests)))
    package = texts.pop(manifests[0])
    if not texts:
        raise _fault(_l("There is no intent in the package, only package.json. Add the files of the intents."))
    intents = ",\n".join(texts[name] for name in sorted(texts))
    return f'{{"package": {package},\n"intents": [\n{intents}\n]}}\n'


def _texts(content: bytes) -> Iterator[tuple[str, str]]:
    """Every JSON file with its text, read and checked."""
    room = MAX_SOURCE_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in _entries(archive):
                with archive.open(entry) as file:
                    raw = file.read(room + 1)
                room -= len(raw)
                if room < 0:
                    raise _fault(_l("Unpacked, the package is larger than %(most)s KB.", most=MAX_SOURCE_BYTES // 1024))
                yield entry.filename, _checked(entry.filename, raw)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError) as error:
        if isinstance(error, ScenarioUnreadable):
            raise
        raise _fault(_l("The ZIP file cannot be unpacked: it is damaged or has a password.")) from None


def _entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    entries = [entry for entry in archive.infolist() if _is_ours(entry.filename)]
    if len(entries) > MAX_FILES:
        raise _fault(_l("A package may hold %(most)s files. This one has more.", most=MAX_FILES))
    # Other methods unpack without asking how much.
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise _fault(_l("The ZIP file is packed in an unusual way. Pack it again, with the usual method."))
    return entries


def _is_ours(name: str) -> bool:
    """JSON files; what systems add of their own, ``__MACOSX`` and hidden files, is left out."""
    hidden = any(part.startswith((".", "__")) for part in name.split("/"))
    return name.lower().endswith(".json") and not hidden


def _checked(name: str, raw: bytes) -> str:
    try:
        document = ScenarioDocument.from_text(raw)
    except ScenarioUnreadable as fault:
        problem = fault.problem
        told = _l("%(file)s: %(reason)s", file=shortened(name), reason=problem.message)
        raise ScenarioUnreadable(Problem(Severity.ERROR, told, name, None, problem.line, problem.column)) from None
    return (document.source or "").removeprefix("\ufeff").strip()


def _fault(message: Phrase) -> ScenarioUnreadable:
    return ScenarioUnreadable(Problem(Severity.ERROR, message))
