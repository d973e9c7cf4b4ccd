"""Archives before anything unpacks them: what they are, and whether they are what they claim."""

import io
import zipfile

from portal.importing.reader.limits import UnreadableError

MAX_MEMBERS = 1000
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
PIECE = 1024 * 1024
OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.spreadsheet"


def kind_of_archive(data: bytes) -> str:
    """``xlsx`` or ``ods``; every part was unpacked and counted, whatever the archive says of their sizes."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            refuse_claims(members)
            kind = likely_kind(archive)
            left = MAX_UNPACKED_BYTES
            for member in members:
                left = unpack(archive, member, left)
    except UnreadableError:
        raise
    except Exception as error:  # zipfile raises whatever its codecs raise
        raise UnreadableError("damaged") from error
    return kind


def refuse_claims(members: list[zipfile.ZipInfo]) -> None:
    """Raise for what its table of contents tells already."""
    if len(members) > MAX_MEMBERS:
        raise UnreadableError("unpacked")
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableError("password")


def likely_kind(archive: zipfile.ZipFile) -> str:
    """The kind of spreadsheet by the parts that only it has."""
    names = archive.namelist()
    if any(name.endswith("vbaProject.bin") or name.startswith("Basic/") for name in names):
        raise UnreadableError("macros")
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "mimetype" in names and archive.open("mimetype").read(100).strip() == OPEN_DOCUMENT:
        refuse_sealed(archive)
        return "ods"
    raise UnreadableError("kind")


def refuse_sealed(archive: zipfile.ZipFile) -> None:
    """Raise where an OpenDocument says that its parts are encrypted: the archive itself does not know it."""
    if "META-INF/manifest.xml" in archive.namelist():
        with archive.open("META-INF/manifest.xml") as manifest:
            if b"encryption-data" in manifest.read(PIECE):
                raise UnreadableError("password")


def unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> int:
    """How many bytes are left to be unpacked after this part."""
    with archive.open(member) as part:
        while piece := part.read(PIECE):
            left -= len(piece)
            if left < 0:
                raise UnreadableError("unpacked")
    return left
