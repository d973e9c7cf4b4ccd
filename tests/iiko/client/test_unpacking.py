import gzip
import tracemalloc
import zlib

import pytest

from portal.iiko.client.answers import IikoFailure, Outcome
from portal.iiko.client.unpacking import PIECE, unpacked

TEXT = "<employees>Ромашка</employees>".encode() * 5000


def pieces(data, size=1000):
    return (data[at : at + size] for at in range(0, len(data), size))


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip", "", "identity"])
@pytest.mark.parametrize("size", [1, 1000, 10**6])
def test_gzip_is_unpacked_whether_or_not_a_header_tells_of_it(encoding, size):
    assert b"".join(unpacked(pieces(gzip.compress(TEXT), size), encoding)) == TEXT


def test_deflate_and_what_is_not_packed_are_read():
    assert b"".join(unpacked(pieces(zlib.compress(TEXT)), "deflate")) == TEXT
    assert b"".join(unpacked(pieces(TEXT), "")) == TEXT
    assert b"".join(unpacked(iter(()), "")) == b""
    assert b"".join(unpacked(iter(()), "gzip")) == b""


def test_files_of_gzip_that_follow_one_another_are_one():
    assert b"".join(unpacked(pieces(gzip.compress(TEXT) + gzip.compress(b"end")), "gzip")) == TEXT + b"end"


def test_nothing_of_a_bomb_is_held_but_a_piece():
    bomb = gzip.compress(b" " * (64 * 1024 * 1024))
    tracemalloc.start()
    try:
        longest = max(len(piece) for piece in unpacked(iter([bomb]), "gzip"))
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert longest <= PIECE
    assert most < 1_000_000


@pytest.mark.parametrize("cut", [-1, -9, 40])
def test_a_packed_answer_that_is_cut_broke_off(cut):
    with pytest.raises(IikoFailure) as caught:
        list(unpacked(pieces(gzip.compress(TEXT)[:cut]), "gzip"))
    assert caught.value.outcome is Outcome.BROKE_OFF


@pytest.mark.parametrize(
    ("data", "encoding"), [(b"\x1f\x8bnonsense", "gzip"), (TEXT, "gzip"), (TEXT, "br"), (TEXT, "zstd")]
)
def test_what_is_packed_in_another_way_cannot_be_read(data, encoding):
    with pytest.raises(IikoFailure) as caught:
        list(unpacked(pieces(data), encoding))
    assert (caught.value.outcome, caught.value.details) == (Outcome.MALFORMED, {"flaw": "packing"})


def test_a_packed_answer_with_a_wrong_sum_cannot_be_read():
    packed = bytearray(gzip.compress(TEXT))
    packed[-6] ^= 1
    with pytest.raises(IikoFailure) as caught:
        list(unpacked(pieces(bytes(packed)), "gzip"))
    assert caught.value.outcome is Outcome.MALFORMED
