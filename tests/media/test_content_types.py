"""What a file is, told by its bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.media.content_types import TYPES, sniff
from portal.media.models import MediaKind
from portal.media.names import download_name, free_key, plain_name
from tests.media import samples


@pytest.mark.parametrize(
    ("data", "content_type", "kind"),
    [
        (samples.JPEG, "image/jpeg", "image"),
        (samples.PNG, "image/png", "image"),
        (samples.WEBP, "image/webp", "image"),
        (samples.GIF, "image/gif", "animation"),
        (samples.MP4, "video/mp4", "video"),
        (samples.MP4.replace(b"isom\x00", b"qt  \x00", 1), "video/quicktime", "video"),
        (samples.MP4.replace(b"isom\x00", b"M4A \x00", 1), "audio/mp4", "audio"),
        (samples.MP4.replace(b"isom\x00", b"heic\x00", 1), "image/heic", "document"),
        (b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "video/webm", "video"),
        (samples.OGG, "audio/ogg", "voice"),
        (samples.MP3, "audio/mpeg", "audio"),
        (b"ID3\x04\x00" + b"\x00" * 20, "audio/mpeg", "audio"),
        (b"\xff\xf1\x50\x80" + b"\x00" * 20, "audio/aac", "audio"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav", "audio"),
        (samples.PDF, "application/pdf", "document"),
        (samples.DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "document"),
        (samples.XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "document"),
        (samples.ODT, "application/vnd.oasis.opendocument.text", "document"),
        (samples.archive("a.txt"), "application/zip", "document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 20, "application/x-ole-storage", "document"),
        ("имя;число\nА;1\n".encode(), "text/plain", "document"),
        ("имя;число\nА;1\n".encode("cp1251"), "text/plain", "document"),
        ("имя".encode("utf-16"), "text/plain", "document"),
    ],
)
def test_the_first_bytes_tell_the_type(data, content_type, kind):
    found = sniff(data)
    assert found is not None
    assert (found.content_type, found.kind) == (content_type, kind)


@pytest.mark.parametrize(
    "data",
    [
        b"", b" \n", samples.SVG, samples.HTML, b"\xef\xbb\xbf <svg/>", b"hello <script>alert(1)</script>",
        samples.HTML.decode().encode("utf-16"), b"MZ\x90\x00\x03", b"\x7fELF\x02\x01", b"#!/bin/sh\nrm -rf /\n",
        b"\x00" * 64, b"RIFF\x00\x00\x00\x00AVI ", b"\x00\x00\x00\x18ftyp????", b"OggS" + b"\x00" * 40,
    ],
)  # fmt: skip
def test_markup_programs_and_unknown_formats_are_not_taken(data):
    assert sniff(data) is None


@given(st.binary(max_size=200))
def test_any_bytes_have_a_known_type_or_none(data):
    found = sniff(data)
    assert found is None or TYPES[found.content_type] is found


@given(st.sampled_from([samples.JPEG, samples.PNG, samples.MP4, samples.ODT, samples.OGG, b"RIFF", b"PK\x03\x04"]))
def test_a_file_that_was_cut_anywhere_is_looked_at_without_a_fault(data):
    for length in range(len(data)):
        sniff(data[:length])


def test_nothing_that_could_run_in_a_browser_is_shown_inline():
    shown = {name for name, each in TYPES.items() if each.inline}
    assert all(name.startswith(("image/", "video/", "audio/")) for name in shown)
    assert "image/svg+xml" not in TYPES
    assert {each.kind for each in TYPES.values()} <= set(MediaKind.words())


@pytest.mark.parametrize(
    ("claimed", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Anna\\menu.png", "menu.png"),
        ("menu\u202egnp.exe", "menugnp.exe"),
        ("a\x00b\r\nc.png", "abc.png"),
        ("\ud800.png", "png"),
        ("..", "image.png"),
        ("", "image.png"),
        (None, "image.png"),
        ("  Меню осень.PNG ", "Меню осень.PNG"),
        ("x" * 500 + ".png", "x" * 196 + ".png"),
    ],
)
def test_a_name_is_no_path_and_hides_nothing(claimed, shown):
    assert plain_name(claimed, TYPES["image/png"]) == shown


def test_a_key_is_made_of_the_name_and_is_free():
    assert free_key("Меню осень.PDF", "document", set()) == "menyu-osen"
    assert free_key("menu.png", "image", {"menu", "menu-2"}) == "menu-3"
    assert free_key("你好.png", "image", {"image"}) == "image-2"


def test_a_download_ends_in_what_it_is():
    assert download_name("menu.PNG", TYPES["image/png"]) == "menu.PNG"
    assert download_name("photo.jpeg", TYPES["image/jpeg"]) == "photo.jpeg"
    assert download_name("menu.exe", TYPES["image/png"]) == "menu.exe.png"
    assert download_name("prices.csv", TYPES["text/plain"]) == "prices.csv"
    assert download_name("x", None) == "x.bin"
