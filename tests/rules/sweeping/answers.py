"""Answers, reduced to what a stranger could learn from them."""

import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from flask import Flask
from itsdangerous import BadSignature
from werkzeug.test import TestResponse

from portal.web.listing.export import WORKBOOK_TYPE
from tests.world import Chain

# A signed token: three parts of URL-safe base64, as Flask-WTF makes them anew for each answer.
SIGNED = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{20,}+\.[A-Za-z0-9_-]{4,12}+\.[A-Za-z0-9_-]{20,}+")
# Ids given during the request; those of the cast count from one and are told apart by it.
NEW_ID = re.compile(
    r"\b[0-9a-f]{8}-?(?!00\w\w-?4000-?8000)[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}\b"
)
# The secret of a link: 256 bits in URL-safe base64.
LINK_SECRET = re.compile(r"/[A-Za-z0-9_-]{43}\b")
# What a passkey is to sign is drawn by chance for each page; the mark of a session is the reader's own; what a form
# was read with is a digest of values that stand in its fields as well.
DRAWN = (
    re.compile(r"(challenge&#34;: &#34;)[A-Za-z0-9_-]+"),
    re.compile(r"(<meta name=\"session\" content=\")[0-9a-f]+"),
    re.compile(r"(name=\"_read\" value=\")[^\"]*"),
    # A row that was just added to a list is called by chance.
    re.compile(r"(\blines-|\"lines\" value=\"|:)n[0-9a-f]{16}\b"),
)
# The number of a request is drawn by chance, whatever is asked.
UNTOLD_HEADERS = ("set-cookie", "content-length", "date", "x-request-id")


@dataclass(frozen=True)
class Answer:
    """Status, headers, body and the contents of cookies, as one lower-case text."""

    status: int
    text: str

    def renamed(self, *chains: Chain, asked: Iterable[str] = ()) -> str:
        """The text with placeholders for whatever names one of the chains, and for values of the request."""
        told = self.text
        for value in asked:
            told = told.replace(value.lower(), "{asked}")
        for chain in chains:
            told = told.replace(chain.marker, "{marker}").replace(chain.prefix, "{prefix}")
            if chain.slug in told:
                told = re.sub(rf"\b{chain.slug}\b", "{slug}", told)
        return told

    def mentions(self, chain: Chain) -> str | None:
        """Where the answer names a row or a word of the chain, with what stands around it."""
        for sign in (chain.marker, chain.prefix):
            place = self.text.find(sign)
            if place >= 0:
                return self.text[max(0, place - 60) : place + 60]
        return None


def reduced(app: Flask, response: TestResponse) -> Answer:
    """What one answer tells."""
    headers = [f"{name}: {value}" for name, value in response.headers if name.lower() not in UNTOLD_HEADERS]
    told = "\n".join([str(response.status_code), *headers, *_cookies(app, response), _body(response)])
    # Where a long word may be broken, nothing stands.
    told = told.replace("<wbr>", "")
    for drawn in DRAWN:
        told = drawn.sub(r"\1{drawn}", told)
    told = LINK_SECRET.sub("/{secret}", SIGNED.sub("{token}", told))
    return Answer(response.status_code, NEW_ID.sub("{new id}", unquote(told).lower()))


def _cookies(app: Flask, response: TestResponse) -> list[str]:
    """The names of the cookies set, and what the form's cookie carries to the next page."""
    told = []
    for cookie in response.headers.getlist("Set-Cookie"):
        name, _, rest = cookie.partition("=")
        value = rest.partition(";")[0]
        told.append(f"cookie {name}: {_opened(app, value) if name == app.config['SESSION_COOKIE_NAME'] else ''}")
    return told


def _opened(app: Flask, value: str) -> str:
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    try:
        content = dict(serializer.loads(value))
    except BadSignature:
        return value
    content.pop("csrf_token", None)
    return str(content)


def _body(response: TestResponse) -> str:
    """What can be read of the answer; of an archive all that it holds."""
    if response.mimetype not in ("application/zip", WORKBOOK_TYPE):
        return str(response.text)
    with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
        return "\n".join(name + archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
