"""Pictures and a leaflet for the demo libraries, drawn by code so that nobody's rights are touched."""

import struct
import zlib
from collections.abc import Callable
from typing import TypeAlias

Colour: TypeAlias = tuple[int, int, int]
Painter: TypeAlias = Callable[[float, float], Colour]

DOUGH, EDGE, APRON, WALL, BOARD = (247, 236, 214), (214, 188, 148), (142, 30, 82), (233, 222, 208), (58, 74, 68)


def team(x: float, y: float) -> Colour:
    """Five dumplings side by side, in aprons. Coordinates go from 0 to 1."""
    place = x * 5 % 1 - 0.5
    head = (place / 0.32) ** 2 + ((y - 0.42) / 0.13) ** 2
    if head < 1:
        is_eye = abs(abs(place) - 0.1) < 0.03 and abs(y - 0.4) < 0.02
        return BOARD if is_eye else EDGE if head > 0.82 else DOUGH
    return APRON if abs(place) < 0.3 and y > 0.57 else WALL


def rules(x: float, y: float) -> Colour:
    """A board with five ticked lines."""
    if not (0.08 < x < 0.92 and 0.06 < y < 0.94):
        return WALL
    line = (y - 0.06) * 6 % 1
    if 0.42 < line < 0.52 and 0.28 < x < 0.82:
        return DOUGH
    is_tick = 0.25 < line < 0.75 and abs(abs(x - 0.17) * 4 - abs(line - 0.7)) < 0.08 and x > 0.13
    return (126, 200, 140) if is_tick else BOARD


def png(paint: Painter, width: int = 480, height: int = 300) -> bytes:
    """A picture as a PNG."""
    rows = b"".join(b"\0" + b"".join(bytes(paint(x / width, y / height)) for x in range(width)) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


LEAFLET = (
    "Pelmenya. Service standard",
    "1. Greet every guest within half a minute.",
    "2. Name the dumplings of the day.",
    "3. Repeat the order aloud.",
    "4. Serve hot dishes within twelve minutes.",
    "5. Say goodbye and invite the guest back.",
)


def leaflet() -> bytes:
    """One page of text as a PDF."""
    lines = "".join(
        f"/F {24 if not n else 14} Tf 0 {-40 if n else 0} Td ({line}) Tj\n" for n, line in enumerate(LEAFLET)
    )
    text = f"BT 60 760 Td\n{lines}ET".encode()
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    written, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count, len(written))
    return written + b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, table) + trailer
