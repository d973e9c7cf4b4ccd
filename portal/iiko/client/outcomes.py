"""What became of a call: one word for each row of the table of answers, each with its sentence."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.db.types import LabelledEnum
from portal.web.times import in_zone

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


class Flaw(LabelledEnum):
    """Why an answer could not be read."""

    EMPTY = "empty", _l("it is empty")
    NO_XML = "no_xml", _l("it is not XML")
    NO_JSON = "no_json", _l("it is not JSON")
    DECLARATIONS = "declarations", _l("it holds declarations, which an honest answer does not have")
    ENVELOPE = "envelope", _l("it is an answer to something else")
    TRAILING = "trailing", _l("something follows after its end")
    CHARSET = "charset", _l("its letters cannot be read")
    TOO_DEEP = "too_deep", _l("its parts are nested too deeply")
    TOO_MANY = "too_many", _l("it has too many parts")
    PACKING = "packing", _l("it is packed in an unknown way")
    STATUS = "status", _l("its status is not one of iiko's")
    TOKEN = "token", _l("it holds no log-in")


class Outcome(LabelledEnum):
    """How a call ended; the words are stored."""

    CONNECTED = "connected", _l("Connected")
    RETURNED = "returned", _l("Licence seat returned")
    REFUSED = "refused", _l("Log-in refused")
    NOT_ACCEPTED_NOW = "not_accepted_now", _l("Log-in not accepted now")
    NO_SEAT = "no_seat", _l("No licence seat free")
    BLOCKED_MODULE = "blocked_module", _l("API not licensed")
    NO_RIGHT = "no_right", _l("No right")
    NOT_OFFERED = "not_offered", _l("Not offered")
    WRONG_ADDRESS = "wrong_address", _l("Wrong address")
    ADDRESS_REFUSED = "address_refused", _l("Address not called")
    BUSINESS = "business", _l("Refused by iiko")
    OUR_MISTAKE = "our_mistake", _l("Question not understood")
    UNAVAILABLE = "unavailable", _l("Not available now")
    UNREACHABLE = "unreachable", _l("Does not answer")
    SERVER_ERROR = "server_error", _l("Error in iiko")
    MOVED = "moved", _l("Moved")
    UNTRUSTED = "untrusted", _l("Certificate not trusted")
    CERTIFICATE_CHANGED = "certificate_changed", _l("Certificate changed")
    PLAIN_HTTP = "plain_http", _l("Without encryption")
    TOO_LARGE = "too_large", _l("Answer too large")
    BROKE_OFF = "broke_off", _l("Answer broke off")
    MALFORMED = "malformed", _l("Answer not readable")
    TIMED_OUT = "timed_out", _l("Too slow")
    RESTING = "resting", _l("Left alone for a moment")
    EXPIRED = "expired", _l("Log-in expired")
    LOCK_LOST = "lock_lost", _l("Interrupted")
    BUSY = "busy", _l("A synchronisation is running")
    SEATS_UNKNOWN = "seats_unknown", _l("Seats possibly taken")
    CANCELLED = "cancelled", _l("Cancelled")
    UNREADABLE = "unreadable", _l("Password not readable")
    DEPLOYMENT_RESTS = "deployment_rests", _l("The portal rests")

    def sentence(self, **details: Any) -> str:
        """What happened and what to do, in the reader's language; details that are missing are left out."""
        told = _told(details)
        for variant in SENTENCES[self]:
            text = str(variant)
            if set(_PLACEHOLDER.findall(text)) <= told.keys():
                return text % told
        return str(self.label)

    @property
    def needs_person(self) -> bool:
        """Whether trying again by itself is of no use: somebody has to change something first."""
        return self in _FOR_PEOPLE


_FOR_PEOPLE = frozenset(
    {
        Outcome.REFUSED, Outcome.BLOCKED_MODULE, Outcome.WRONG_ADDRESS, Outcome.ADDRESS_REFUSED, Outcome.MOVED,
        Outcome.UNTRUSTED, Outcome.CERTIFICATE_CHANGED, Outcome.PLAIN_HTTP, Outcome.UNREADABLE,
    }
)  # fmt: skip


def _told(details: Mapping[str, Any]) -> dict[str, str]:
    """Details as people read them; ``zone`` is the one whose clock ``until`` is told by, UTC without it."""
    told = {key: str(value) for key, value in details.items() if value not in (None, "")}
    if "flaw" in told:
        told["flaw"] = str(Flaw.read(told["flaw"]).label)
    if "until" in told:
        with suppress(ValueError):
            told["until"] = in_zone(datetime.fromisoformat(told["until"]), told.get("zone")).strftime("%H:%M")
    return told


def explain(word: str | None, details: Mapping[str, Any] | None = None) -> str:
    """The sentence of a stored word; one that another version of the portal left is told as an error."""
    outcome = Outcome.read(word or "")
    if isinstance(outcome, Outcome):
        return outcome.sentence(**(details or {}))
    return _("The iiko server answered with an error. Try again later.")


# Of several sentences the first is told whose details are known.
SENTENCES: dict[Outcome, tuple[LazyString, ...]] = {
    Outcome.CONNECTED: (_l("iiko answers and accepts the log-in."),),
    Outcome.RETURNED: (_l("The licence seat is free again."),),
    Outcome.REFUSED: (_l("iiko does not accept this user and password. Type both again, as they are in iikoOffice."),),
    Outcome.NOT_ACCEPTED_NOW: (
        _l(
            "iiko does not accept the log-in now, although it did before; while it starts it cannot check passwords."
            " The portal tries again by itself."
        ),
    ),
    Outcome.NO_SEAT: (
        _l(
            "All API seats of this iiko licence are taken. One comes free when another program logs out,"
            " or an hour after its log-in. The portal tries again by itself."
        ),
    ),
    Outcome.BLOCKED_MODULE: (
        _l("This iiko licence does not include the API. Buy the API licence from your iiko dealer, then check again."),
    ),
    Outcome.NO_RIGHT: (
        _l("The iiko user lacks the right %(right)s for this. Give it to that user in iikoOffice."),
        _l("The iiko user has no right to read this. Give it to that user in iikoOffice."),
    ),
    Outcome.NOT_OFFERED: (
        _l("Version %(version)s of this iiko server does not offer this."),
        _l("This version of the iiko server does not offer this."),
    ),
    Outcome.WRONG_ADDRESS: (
        _l("This address answers, but not as an iiko server. Check the address, as it stands in iikoOffice."),
    ),
    Outcome.ADDRESS_REFUSED: (
        _l("The portal does not call this address: it needs https, a public host and one of iiko's ports."),
    ),
    Outcome.BUSINESS: (
        _l("iiko refused this and says: %(text)s"),
        _l("iiko refused this without saying why."),
    ),
    Outcome.OUR_MISTAKE: (
        _l("iiko did not understand the portal's question. The developers are told. It says: %(text)s"),
        _l("iiko did not understand the portal's question. The developers are told."),
    ),
    Outcome.UNAVAILABLE: (
        _l("The iiko server is not available at the moment, as during a restart. The portal tries again by itself."),
    ),
    Outcome.UNREACHABLE: (
        _l("The iiko server does not answer at this address. Check that it is running and can be reached."),
    ),
    Outcome.SERVER_ERROR: (
        _l("The iiko server reports an error of its own: %(text)s"),
        _l("The iiko server reports an error of its own, without saying which."),
    ),
    Outcome.MOVED: (
        _l("This server sends visitors on to %(host)s. If that is your iiko server, write its address here."),
        _l("This server sends visitors on to another address. Ask your iiko dealer for the right one."),
    ),
    Outcome.UNTRUSTED: (
        _l(
            "Nobody vouches for this server's certificate. Compare its fingerprint with your iiko dealer;"
            " an owner may then trust it."
        ),
    ),
    Outcome.CERTIFICATE_CHANGED: (
        _l(
            "The server shows another certificate than the one that was trusted, so nothing was sent."
            " Ask your iiko dealer, then trust the new one."
        ),
    ),
    Outcome.PLAIN_HTTP: (
        _l(
            "This address has no encryption: the password could be read on its way."
            " Ask your iiko dealer for an address with https."
        ),
    ),
    Outcome.TOO_LARGE: (
        _l("iiko's answer is larger than %(limit)s MiB, so it was not read to its end."),
        _l("iiko's answer is larger than the portal reads."),
    ),
    Outcome.BROKE_OFF: (_l("iiko's answer broke off before its end, so nothing of it was used."),),
    Outcome.MALFORMED: (
        _l("iiko's answer cannot be read: %(flaw)s. Nothing of it was used."),
        _l("iiko's answer cannot be read. Nothing of it was used."),
    ),
    Outcome.TIMED_OUT: (
        _l("iiko did not answer within %(seconds)s seconds. The portal leaves it alone for a while."),
        _l("iiko did not answer in time. The portal leaves it alone for a while."),
    ),
    Outcome.RESTING: (_l("iiko is still busy with an earlier question; the portal asks again in a moment."),),
    Outcome.EXPIRED: (_l("iiko ended the log-in, and the new one as well. Nothing more was asked."),),
    Outcome.LOCK_LOST: (
        _l("The connection to the portal's own database was lost, so nothing more was asked of iiko."),
    ),
    Outcome.BUSY: (_l("A synchronisation with this server is running. Try again when it has ended."),),
    Outcome.SEATS_UNKNOWN: (
        _l("Answers to earlier log-ins were lost: seats may be taken until %(until)s. No new log-in before that."),
        _l("Answers to earlier log-ins were lost, so seats may be taken. The portal tries again later."),
    ),
    Outcome.CANCELLED: (_l("Cancelled, and the licence seat was given back."),),
    Outcome.UNREADABLE: (_l("The stored password cannot be read any more. Type it again."),),
    Outcome.DEPLOYMENT_RESTS: (_l("This installation of the portal calls nobody at the moment."),),
}
