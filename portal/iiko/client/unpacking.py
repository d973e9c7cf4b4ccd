"""Packed answers, unpacked piece by piece: no more than a piece is held, however much is packed into few bytes."""

import zlib
from collections.abc import Iterable, Iterator

from portal.iiko.client.answers import IikoFailure
from portal.iiko.client.outcomes import Flaw, Outcome

PIECE = 64 * 1024
_MAGIC = b"\x1f\x8b"
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


def unpacked(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The bytes behind a Content-Encoding; gzip that no header tells of included. Raises IikoFailure."""
    encoding = encoding.strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise IikoFailure(Outcome.MALFORMED, flaw=Flaw.PACKING.value)
    source = iter(pieces)
    first = b""
    for piece in source:
        first += piece
        if len(first) >= len(_MAGIC):
            break
    is_packed = encoding not in ("", "identity") or first.startswith(_MAGIC)
    yield from _inflated(_joined(first, source)) if is_packed else _joined(first, source)


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _inflated(packed: Iterator[bytes]) -> Iterator[bytes]:
    inflating = zlib.decompressobj(_GZIP_OR_ZLIB)
    is_empty = True
    try:
        for piece in packed:
            is_empty = False
            while piece:
                if inflating.eof:
                    # Files of gzip may follow one another.
                    inflating = zlib.decompressobj(_GZIP_OR_ZLIB)
                yield inflating.decompress(piece, PIECE)
                piece = inflating.unused_data or inflating.unconsumed_tail
        while not inflating.eof and (rest := inflating.decompress(inflating.unconsumed_tail, PIECE)):
            yield rest
    except zlib.error:
        raise IikoFailure(Outcome.MALFORMED, flaw=Flaw.PACKING.value) from None
    if not (inflating.eof or is_empty):
        raise IikoFailure(Outcome.BROKE_OFF)
