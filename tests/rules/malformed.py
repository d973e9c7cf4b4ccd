"""The ways in which input breaks a naive handler."""

from collections.abc import Iterator
from typing import Any

# Text as a form or an address may carry it, bytes where no text can.
VALUES: dict[str, Any] = {
    "NUL": "a\0b",
    "a lone surrogate": b"a\xed\xa0\x80b",
    "bad UTF-8": b"\xff\xfe\xfa",
    "not a number": "NaN",
    "beyond a float": "1e400",
    "beyond a bigint": "9" * 40,
    "minus": "-1",
    "deep nesting": "[" * 100_000,
    "a list at the root": "[1, 2]",
    "null at the root": "null",
    "NUL within JSON": '{"steps": {"a": {"message": {"text": "\\u0000"}}}}',
    "a surrogate within JSON": '{"steps": {"a": {"message": {"text": "\\ud800"}}}}',
    "a mapping where text belongs": '{"steps": {"a": {"message": {"text": {"b": 1}}}}, "name": ["x"]}',
    "JSON beyond a float": '{"steps": {"a": {"auto_next_delay": 1e400}}, "name": NaN}',
    "twice the same key": '{"name": "a", "name": "b", "steps": {}}',
    "nothing": "",
    "blanks": " \t\r\n ",
    "quotes and markup": "'\"><script>alert(1)</script>{{7*7}}",
    "wildcards": "%_\\%",
    "long": "ж" * 20_000,
    "a wrong direction": "\u202e\u200b\ufeff",
    "a far date": "9999-12-31T23:59:59",
    "a date before the calendar": "-0001-01-01",
    "an id with braces": "{00000000-0000-4000-8000-000000000000}",
    "an id with many dashes": "-" * 300 + "00000000000040008000000000000000",
    "a path and the end of its line": "/profile\n",
}
QUERIES = {
    "bad escapes": "q=%ff%fe%&sort=%00&after=%ED%A0%80&page=%zz",
    "the same key twice": "q=a&q=b&sort=name&sort=-name&after=x&after=y&page=last&page=2",
    "keys without values": "q&sort&after&before&page&state",
    "brackets": "q[]=1&sort[a]=b&ids[]=x",
    "nothing but signs": "&&&===&;;",
    "very many": "&".join(f"k{n}=v" for n in range(2000)),
}


def bodies() -> Iterator[tuple[str, bytes, str]]:
    """Whole bodies with a content type each, as nobody's browser would send them."""
    form = "application/x-www-form-urlencoded"
    yield "an empty body", b"", form
    yield "no content type", b"name=x", ""
    yield "JSON instead of a form", b'{"name": "x"}', "application/json"
    yield "a list of JSON", b"[1, 2]", "application/json"
    yield "bad UTF-8", b"name=%ff%fe&ids=%00", form
    yield "raw bytes", bytes(range(256)), form
    yield "an unknown charset", b"name=x", f"{form}; charset=nonsense"
    yield "parts without a boundary", b"--x\r\n\r\n", "multipart/form-data"
    yield (
        "a part that never ends",
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n',
        ("multipart/form-data; boundary=x"),
    )
    yield (
        "a file where text belongs",
        (
            b'--x\r\nContent-Disposition: form-data; name="name"; filename="../../x\0.json"\r\n'
            b"Content-Type: application/json\r\n\r\n\xff\xfe\r\n--x--\r\n"
        ),
        "multipart/form-data; boundary=x",
    )
    yield "very many fields", "&".join(f"f{n}=v" for n in range(5000)).encode(), form
    yield "the same field many times", b"&".join([b"ids=not-an-id"] * 500), form
    yield "a method that does not exist", b"_method=TEAPOT", form
    yield "XML", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "text/xml"
