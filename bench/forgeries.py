"""Deliveries that nobody genuine makes: forged, replayed elsewhere, of a foreign secret, too large, malformed.

Seeded, so that a run can be repeated. ``Receiver`` is one receiving end with what its platform knows of it.
"""

import random
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

JSON = {"Content-Type": "application/json"}
PROOFS = {
    "telegram": "X-Telegram-Bot-Api-Secret-Token",
    "whatsapp": "X-Hub-Signature-256",
    "viber": "X-Viber-Content-Signature",
}
CAPS = {"telegram": 1024 * 1024, "whatsapp": 3 * 1024 * 1024, "viber": 64 * 1024}


class Receiver(Protocol):
    """One platform credential's receiving end."""

    platform: str
    credential_id: uuid.UUID

    @property
    def path(self) -> str:
        """Where its platform delivers."""
        ...

    def proof(self, body: bytes) -> dict[str, str]:
        """The header of a genuine delivery of this body."""
        ...

    def message(self, number: int, text: str = "", chat: int = 0) -> bytes:
        """The body of a genuine delivery."""
        ...


@dataclass(frozen=True)
class Attack:
    """One request and the only statuses that may answer it."""

    kind: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    answers: tuple[int, ...] = (403,)


def forgeries(receivers: list[Receiver], count: int, seed: int = 1) -> Iterator[Attack]:
    """``count`` deliveries of which none may be accepted, to known and unknown addresses alike."""
    chance = random.Random(seed)
    for number in range(count):
        receiver = chance.choice(receivers)
        kind = chance.choice(sorted(_KINDS))
        yield _KINDS[kind](receiver, receivers, number, chance)


def _attack(kind: str, receiver: Receiver, proof: Mapping[str, str], body: bytes, chance: random.Random) -> Attack:
    """To the receiver itself, or with the same bytes to an address that leads nowhere."""
    paths = [receiver.path] * 3 + [
        f"/hooks/{receiver.platform}/{uuid.UUID(int=chance.getrandbits(128))}",
        f"/hooks/nowhere/{receiver.credential_id}",
    ]
    return Attack(kind, chance.choice(paths), {**JSON, **proof}, body)


def _guessed(receiver: Receiver, _all: list[Receiver], number: int, chance: random.Random) -> Attack:
    body = receiver.message(number)
    (name, value), *_ = receiver.proof(body).items()
    guess = chance.choice(
        [
            "", "0", "null", value[:-1], value + "0", value[::-1], value.swapcase(), value[:-1] + "~", " ", "sha256=",
            "sha256=" + "0" * 64, f"{chance.getrandbits(256):064x}", "\xff" * 20, "x" * 4000, f"{value}, {value}",
        ]
    )  # fmt: skip
    return _attack("guessed", receiver, {name: guess}, body, chance)


def _unproved(receiver: Receiver, _all: list[Receiver], number: int, chance: random.Random) -> Attack:
    return _attack("unproved", receiver, {}, receiver.message(number), chance)


def _altered(receiver: Receiver, others: list[Receiver], number: int, chance: random.Random) -> Attack:
    """A genuine proof with a body that was changed on the way, where the proof is of the body; else a foreign one."""
    if receiver.platform == "telegram":
        return _foreign(receiver, others, number, chance)
    body = receiver.message(number)
    return _attack("altered", receiver, receiver.proof(body), body.replace(b"1", b"2", 1) + b" ", chance)


def _foreign(receiver: Receiver, others: list[Receiver], number: int, chance: random.Random) -> Attack:
    """Genuine for another bot of the same messenger, or proved in the manner of another messenger."""
    other = chance.choice([each for each in others if each.credential_id != receiver.credential_id])
    body = chance.choice([receiver, other]).message(number)
    return _attack("foreign", receiver, other.proof(body), body, chance)


def _replayed(receiver: Receiver, others: list[Receiver], number: int, chance: random.Random) -> Attack:
    """Genuine, and sent to where it was not sent: another bot, another messenger, nowhere."""
    body = receiver.message(number)
    others = [each for each in others if each.credential_id != receiver.credential_id]
    places = [each.path for each in others] + [
        f"/hooks/{other.platform}/{receiver.credential_id}" for other in others if other.platform != receiver.platform
    ]
    return Attack("replayed", chance.choice(places), {**JSON, **receiver.proof(body)}, body)


def _oversized(receiver: Receiver, _all: list[Receiver], number: int, chance: random.Random) -> Attack:
    body = receiver.message(number) + b" " * (CAPS[receiver.platform] + chance.randrange(1, 1000))
    genuine = receiver.proof(body) if chance.random() < 0.5 else {}
    return Attack("oversized", receiver.path, {**JSON, **genuine}, body, (413,))


def _of_another_kind(receiver: Receiver, _all: list[Receiver], number: int, chance: random.Random) -> Attack:
    kind = chance.choice(["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/xml", ""])
    body = chance.choice([receiver.message(number), b"_method=PUT&csrf_token=x", b"--x\r\n\r\n"])
    return Attack("another kind", receiver.path, {"Content-Type": kind}, body, (403, 405))


_KINDS = {
    "guessed": _guessed,
    "unproved": _unproved,
    "altered": _altered,
    "foreign": _foreign,
    "replayed": _replayed,
    "oversized": _oversized,
    "another kind": _of_another_kind,
}
