"""Second factors as people hold them: an app with its secret, a passkey made of software."""

import json
import re
import time
from hashlib import sha256
from typing import Any
from urllib.parse import unquote

import cbor2
import pyotp
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from tests.browsing import BASE_URL, Browser
from tests.world import Person
from tests.world_rows import PASSWORD

PROTECTION = "/profile/protection"
# User present, user verified, and attested credential data.
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class App:
    """An authenticator app: each ``code`` is of a later step than the one before, as on a real clock."""

    def __init__(self, secret: str) -> None:
        self.totp, self.steps = pyotp.TOTP(secret), 0

    def code(self) -> str:
        """The next code: first this half minute's, then the next one's, which counts as a clock that is fast."""
        code = self.totp.at(int(time.time()) + 30 * self.steps)
        self.steps += 1
        return code


class Key:
    """A passkey in software, for one site."""

    def __init__(self, host: str = "localhost", origin: str = BASE_URL) -> None:
        self.host, self.origin = host, origin
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.id = sha256(str(id(self)).encode()).digest()
        self.count = 0

    def made(self, options: str) -> str:
        """The answer to being created."""
        numbers = self.private.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        held = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + held})
        return self._answer(
            clientDataJSON=self._client("webauthn.create", options), attestationObject=attestation, transports=["usb"]
        )

    def used(self, options: str, *, flags: int = PRESENT | VERIFIED) -> str:
        """The answer to being asked."""
        self.count += 1
        client, data = self._client("webauthn.get", options), self._data(0, flags)
        signature = self.private.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signature)

    def _client(self, kind: str, options: str) -> bytes:
        told = {"type": kind, "challenge": json.loads(options)["challenge"], "origin": self.origin}
        return json.dumps(told | {"crossOrigin": False}).encode()

    def _data(self, more: int, flags: int = PRESENT | VERIFIED) -> bytes:
        return sha256(self.host.encode()).digest() + bytes([flags | more]) + self.count.to_bytes(4, "big")

    def _answer(self, **parts: Any) -> str:
        response = {name: bytes_to_base64url(part) if isinstance(part, bytes) else part for name, part in parts.items()}
        own_id = bytes_to_base64url(self.id)
        assert base64url_to_bytes(own_id) == self.id
        return json.dumps({"id": own_id, "rawId": own_id, "type": "public-key", "response": response})


def options_of(page: str) -> str:
    """What a page asks of the browser's passkeys."""
    found = re.search(r'data-options="([^"]*)"', page)
    assert found, page
    return found[1].replace("&#34;", '"').replace("&amp;", "&")


def codes_of(page: str) -> list[str]:
    """The recovery codes that a page shows."""
    return re.findall(r"<li><code>([A-Z0-9-]{14})</code>", page)


def set_up_app(browser: Browser) -> tuple[App, list[str]]:
    """Switch an authenticator app on, as a person does; the app and the codes on paper."""
    assert browser.post(f"{PROTECTION}/app/proposal").location == f"{PROTECTION}/app"
    page = browser.get(f"{PROTECTION}/app").text
    secret = re.search(r'<code class="copy__text">([A-Z2-7 ]+)</code>', page)
    assert secret, page
    app = App(unquote(secret[1]).replace(" ", ""))
    answer = browser.post(f"{PROTECTION}/app", {"code": app.code()})
    return app, codes_of(answer.text)


def set_up_passkey(browser: Browser, name: str = "My phone") -> tuple[Key, list[str]]:
    """Switch a passkey on; the key and the codes on paper, where it is the first factor."""
    key = Key()
    options = options_of(browser.get(f"{PROTECTION}/passkeys/new").text)
    answer = browser.post(f"{PROTECTION}/passkeys/new", {"name": name, "answer": key.made(options)})
    return key, codes_of(answer.text)


def give_password(browser: Browser, person: Person, **fields: str) -> Any:
    """The first page of the log-in."""
    return browser.post("/login", {"email": person.email, "password": PASSWORD, **fields})


def is_signed_in(browser: Browser) -> bool:
    """Whether the browser is let in."""
    return bool(browser.get("/profile").status_code == 200)
