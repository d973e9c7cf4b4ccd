"""A film of two seconds for the demo libraries: a dumpling is folded.

H.264 without compression (each macroblock as plain samples, ITU-T H.264 7.3.5 ``I_PCM``) in an MP4 (ISO/IEC
14496-12 and -15), so that it is written by a page of code and plays everywhere.
"""

import struct
from collections.abc import Iterator

WIDTH, HEIGHT, BLOCK = 96, 64, 16
FRAMES, FRAMES_A_SECOND = 12, 6
WALL, DOUGH, FILLING = (200, 120, 132), (228, 116, 136), (96, 118, 158)
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
I_PCM = 25


def film() -> bytes:
    """The whole file."""
    samples = [_sized(_picture(number)) for number in range(FRAMES)]
    kind = _box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isomiso2avc1mp41")
    # The samples stand before their table, so that their place is known.
    return kind + _box(b"mdat", *samples) + _table([len(each) for each in samples], len(kind) + 8)


def _colour(x: int, y: int, moment: float) -> tuple[int, int, int]:
    """Luma and the two chroma samples of a place: a disc of dough whose upper half folds down over the filling."""
    across, down = (x - WIDTH / 2) / 34, (y - HEIGHT / 2) / 24
    if across**2 + down**2 > 1 or down < -((1 - across**2) ** 0.5) * (1 - moment):
        return WALL
    is_filling = moment < 0.7 and across**2 + (down - 0.35) ** 2 < 0.12
    return FILLING if is_filling else DOUGH


def _picture(number: int) -> bytes:
    """One frame as a NAL unit; each can be shown without the others."""
    bits = _Bits()
    for value in (0, 7, 0):  # first macroblock, a slice of I alone, picture parameters
        bits.golomb(value)
    bits.plain(0, 4)
    bits.golomb(number % 2)
    bits.plain(0, 2)
    bits.golomb(0)
    bits.golomb(1)  # no filter at the blocks' edges
    for block_y in range(0, HEIGHT, BLOCK):
        for block_x in range(0, WIDTH, BLOCK):
            bits.golomb(I_PCM)
            bits.align()
            bits.whole(_block(block_x, block_y, number / (FRAMES - 1)))
    return _unit(0x65, bits)


def _block(left: int, top: int, moment: float) -> bytes:
    luma = [_colour(x, y, moment)[0] for y in range(top, top + BLOCK) for x in range(left, left + BLOCK)]
    chroma = [
        _colour(x, y, moment)[plane]
        for plane in (1, 2)
        for y in range(top, top + BLOCK, 2)
        for x in range(left, left + BLOCK, 2)
    ]
    return bytes([*luma, *chroma])


class _Bits:
    """Bits, written one after the other."""

    def __init__(self) -> None:
        self.written = bytearray()
        self.open = ""

    def plain(self, value: int, length: int) -> None:
        self.open += format(value, f"0{length}b")
        while len(self.open) >= 8:
            self.written.append(int(self.open[:8], 2))
            self.open = self.open[8:]

    def golomb(self, value: int) -> None:
        """Exp-Golomb: as many zeros as bits follow the leading one."""
        length = (value + 1).bit_length()
        self.plain(value + 1, 2 * length - 1)

    def align(self) -> None:
        if self.open:
            self.plain(0, 8 - len(self.open))

    def whole(self, data: bytes) -> None:
        self.written += data

    def end(self) -> bytes:
        self.plain(1, 1)
        self.align()
        return bytes(self.written)


def _unit(head: int, bits: _Bits) -> bytes:
    """A NAL unit: three bytes that would look like a start are kept apart."""
    told = bytearray([head])
    for byte in bits.end():
        if byte <= 3 and told[-2:] == b"\0\0":
            told.append(3)
        told.append(byte)
    return bytes(told)


def _sequence_parameters() -> bytes:
    bits = _Bits()
    for byte in (66, 0xC0, 10):  # baseline profile, level 1
        bits.plain(byte, 8)
    for value in (0, 0, 2, 1):
        bits.golomb(value)
    bits.plain(0, 1)
    bits.golomb(WIDTH // BLOCK - 1)
    bits.golomb(HEIGHT // BLOCK - 1)
    bits.plain(0b1100, 4)
    return _unit(0x67, bits)


def _picture_parameters() -> bytes:
    bits = _Bits()
    for value, length in ((0, 0), (0, 0), (0, 2), (0, 0), (0, 0), (0, 0), (0, 3), (0, 0), (0, 0), (0, 0), (0b100, 3)):
        bits.plain(value, length) if length else bits.golomb(value)
    return _unit(0x68, bits)


def _table(sizes: list[int], place: int) -> bytes:
    duration = FRAMES * 1000 // FRAMES_A_SECOND
    head = _full(b"mvhd", 0, struct.pack(">4I", 0, 0, 1000, duration), struct.pack(">IHxx8x", 0x10000, 0x100),
                 _MATRIX, bytes(24), struct.pack(">I", 2))  # fmt: skip
    track = _full(b"tkhd", 3, struct.pack(">5I", 0, 0, 1, 0, duration), bytes(16), _MATRIX,
                  struct.pack(">2I", WIDTH << 16, HEIGHT << 16))  # fmt: skip
    media = _box(
        b"mdia",
        _full(b"mdhd", 0, struct.pack(">4IHH", 0, 0, 1000, duration, 0x55C4, 0)),
        _full(b"hdlr", 0, bytes(4), b"vide", bytes(12), b"film\0"),
        _box(
            b"minf",
            _full(b"vmhd", 1, bytes(8)),
            _box(b"dinf", _full(b"dref", 0, struct.pack(">I", 1), _full(b"url ", 1))),
            _box(b"stbl", *_sample_tables(sizes, place)),
        ),
    )
    return _box(b"moov", head, _box(b"trak", track, media))


def _sample_tables(sizes: list[int], place: int) -> Iterator[bytes]:
    sequence, picture = _sequence_parameters(), _picture_parameters()
    settings = bytes([1, *sequence[1:4], 0xFF, 0xE1]) + struct.pack(">H", len(sequence)) + sequence
    settings += b"\1" + struct.pack(">H", len(picture)) + picture
    entry = _box(
        b"avc1", bytes(6), struct.pack(">H", 1), bytes(16), struct.pack(">HH", WIDTH, HEIGHT),
        struct.pack(">IIIH", 0x480000, 0x480000, 0, 1), bytes(32), struct.pack(">Hh", 24, -1), _box(b"avcC", settings),
    )  # fmt: skip
    yield _full(b"stsd", 0, struct.pack(">I", 1), entry)
    yield _full(b"stts", 0, struct.pack(">3I", 1, FRAMES, 1000 // FRAMES_A_SECOND))
    yield _full(b"stsc", 0, struct.pack(">4I", 1, 1, FRAMES, 1))
    yield _full(b"stsz", 0, struct.pack(f">2I{FRAMES}I", 0, FRAMES, *sizes))
    yield _full(b"stco", 0, struct.pack(">2I", 1, place))


def _sized(unit: bytes) -> bytes:
    return struct.pack(">I", len(unit)) + unit


def _box(name: bytes, *content: bytes) -> bytes:
    return struct.pack(">I", 8 + sum(map(len, content))) + name + b"".join(content)


def _full(name: bytes, flags: int, *content: bytes) -> bytes:
    return _box(name, struct.pack(">I", flags), *content)
