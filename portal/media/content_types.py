"""What a file is, told by its first bytes alone: neither its name nor the sender's word counts.

By rules of our own: puremagic calls any archive a Word document and HTML in UTF-16 a text, and knows no text in a
Russian code page. Sources: the signatures of the formats' own specifications, as the WHATWG's MIME Sniffing
Standard gathers them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

MEGABYTE = 1024 * 1024
IMAGE_LIMIT = 10 * MEGABYTE
# What a bot can fetch from every platform, and send through every one.
FILE_LIMIT = 20 * MEGABYTE
# As far as a browser looks for markup in a text, and more.
_LOOKED_THROUGH = 4096
_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|script|svg|iframe|\?xml|!--)", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class FileType:
    """One type of file: what it is to a messenger (``kind``), how it is called, whether browsers may show it."""

    content_type: str
    kind: str
    extension: str
    inline: bool = False

    @property
    def limit(self) -> int:
        """The most bytes that are taken."""
        return IMAGE_LIMIT if self.kind in ("image", "animation") else FILE_LIMIT


_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument"

TYPES = {
    each.content_type: each
    for each in (
        FileType("image/jpeg", "image", "jpg", inline=True),
        FileType("image/png", "image", "png", inline=True),
        FileType("image/webp", "image", "webp", inline=True),
        FileType("image/gif", "animation", "gif", inline=True),
        FileType("video/mp4", "video", "mp4", inline=True),
        FileType("video/webm", "video", "webm", inline=True),
        FileType("video/quicktime", "video", "mov"),
        FileType("video/3gpp", "video", "3gp"),
        FileType("audio/mpeg", "audio", "mp3", inline=True),
        FileType("audio/mp4", "audio", "m4a", inline=True),
        FileType("audio/ogg", "voice", "ogg", inline=True),
        FileType("audio/wav", "audio", "wav", inline=True),
        FileType("audio/aac", "audio", "aac"),
        FileType("audio/amr", "audio", "amr"),
        FileType("audio/flac", "audio", "flac"),
        FileType("image/heic", "document", "heic"),
        FileType("image/avif", "document", "avif"),
        FileType("image/tiff", "document", "tiff"),
        FileType("application/pdf", "document", "pdf"),
        FileType(f"{_OFFICE}.wordprocessingml.document", "document", "docx"),
        FileType(f"{_OFFICE}.spreadsheetml.sheet", "document", "xlsx"),
        FileType(f"{_OFFICE}.presentationml.presentation", "document", "pptx"),
        FileType(f"{_OPEN_DOCUMENT}.text", "document", "odt"),
        FileType(f"{_OPEN_DOCUMENT}.spreadsheet", "document", "ods"),
        FileType(f"{_OPEN_DOCUMENT}.presentation", "document", "odp"),
        # Word, Excel and PowerPoint of before 2007 share one container.
        FileType("application/x-ole-storage", "document", "doc"),
        FileType("application/rtf", "document", "rtf"),
        FileType("application/zip", "document", "zip"),
        FileType("text/plain", "document", "txt"),
    )
}
# Other endings under which a type goes about.
ALIASES = {
    "image/jpeg": ("jpeg",),
    "video/mp4": ("m4v",),
    "audio/ogg": ("oga", "opus"),
    "image/tiff": ("tif",),
    "application/x-ole-storage": ("xls", "ppt", "msg"),
    "text/plain": ("csv", "log", "md", "json"),
}

_BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"#!AMR", "audio/amr"),
    (b"%PDF-", "application/pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
_BRANDS = {
    **dict.fromkeys((b"M4A ", b"M4B "), "audio/mp4"),
    **dict.fromkeys((b"qt  ",), "video/quicktime"),
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"), "image/heic"),
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys(
        (b"isom", b"mp41", b"mp42", b"avc1", b"M4V ", b"M4VP", b"MSNV", b"dash", b"f4v ", b"mmp4", b"NDSC"), "video/mp4"
    ),
}


def sniff(data: bytes) -> FileType | None:
    """The type of a whole file, or ``None`` for what the portal does not take: markup, programs, unknown formats."""
    for find in _FINDERS:
        if found := find(data):
            return TYPES[found]
    return None


def type_named(content_type: str) -> FileType | None:
    """The known type of that name."""
    return TYPES.get(content_type)


def _by_beginning(data: bytes) -> str | None:
    return next((name for beginning, name in _BEGINNINGS if data.startswith(beginning)), None)


def _riff(data: bytes) -> str | None:
    if data[:4] != b"RIFF":
        return None
    return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(data[8:12])


def _iso_media(data: bytes) -> str | None:
    """The family of MP4: a box ``ftyp`` at the start names its brand."""
    if data[4:8] != b"ftyp":
        return None
    brand = data[8:12]
    if brand[:3] in (b"3gp", b"3g2"):
        return "video/3gpp"
    return _BRANDS.get(brand) or ("video/mp4" if brand[:3] == b"iso" else None)


def _matroska(data: bytes) -> str | None:
    return "video/webm" if data[:4] == b"\x1a\x45\xdf\xa3" and b"webm" in data[:64] else None


def _ogg(data: bytes) -> str | None:
    if data[:4] != b"OggS":
        return None
    return "audio/ogg" if any(codec in data[:64] for codec in (b"OpusHead", b"\x01vorbis", b"Speex")) else None


def _mpeg_audio(data: bytes) -> str | None:
    """A frame's head: eleven bits set, then layer III, or layer 0 for AAC."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0:
        return None
    if data[1] & 0xF6 == 0xF0:
        return "audio/aac"
    is_mp3 = data[1] & 0x06 == 0x02 and data[2] >> 4 != 0x0F and data[2] & 0x0C != 0x0C
    return "audio/mpeg" if is_mp3 else None


def _zip(data: bytes) -> str | None:
    """Names of the members stand uncompressed in the file: nothing has to be unpacked."""
    if data[:4] != b"PK\x03\x04":
        return None
    if data[30:38] == b"mimetype":
        told = data[38:120]
        formats = (f"{_OPEN_DOCUMENT}.{name}" for name in ("text", "spreadsheet", "presentation"))
        return next((name for name in formats if told.startswith(name.encode() + b"PK")), "application/zip")
    if b"[Content_Types].xml" in data:
        for member, name in (
            (b"word/document", "wordprocessingml.document"),
            (b"xl/workbook", "spreadsheetml.sheet"),
            (b"ppt/presentation", "presentationml.presentation"),
        ):
            if member in data:
                return f"{_OFFICE}.{name}"
    return "application/zip"


def _text(data: bytes) -> str | None:
    """Anything without control characters, in whatever encoding; markup and scripts are not taken."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode()
    beginning = data.removeprefix(b"\xef\xbb\xbf")[:_LOOKED_THROUGH]
    if not data.strip() or _CONTROL.search(data) or beginning.lstrip()[:1] == b"<" or beginning[:2] == b"#!":
        return None
    return None if _MARKUP.search(beginning) else "text/plain"


_FINDERS: tuple[Callable[[bytes], str | None], ...] = (
    _by_beginning,
    _riff,
    _iso_media,
    _matroska,
    _ogg,
    _mpeg_audio,
    _zip,
    _text,
)
