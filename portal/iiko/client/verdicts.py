"""The table of answers: what a status and its text mean."""

import re
from urllib.parse import urlsplit

from portal.iiko.client.exchange import Reply
from portal.iiko.client.outcomes import Flaw, Outcome

_NO_SEAT = "license enhancement is required"
_BLOCKED = re.compile(r"module\s+(\d+)\s+is\s+blocked", re.IGNORECASE)
_RIGHT = re.compile(r"\b([A-Z]{1,4}_[A-Z_]{2,30})\b")
# A proxy speaks, or the server is on its way down or up.
_PASSING = frozenset({429, 502, 503, 504})
Verdict = tuple[Outcome, dict[str, str]]


def judge(reply: Reply, *, has_worked: bool) -> Verdict | None:
    """What an answer means that is no success, with its details (not cleaned yet); ``None`` for a success.

    ``has_worked``: this address is known to be an iiko server.
    """
    status = reply.status
    if status == 200 and not reply.is_html:
        return None
    if 300 <= status < 400:
        return Outcome.MOVED, {"host": _host_of(reply)}
    if status in _PASSING or reply.is_html:
        return (Outcome.UNAVAILABLE if has_worked else Outcome.WRONG_ADDRESS), {}
    if status == 403:
        return _forbidden(reply.text)
    if status in _BY_STATUS:
        return _BY_STATUS[status], {"text": reply.text}
    if status >= 500:
        return Outcome.SERVER_ERROR, {"text": reply.text}
    if status >= 400:
        return Outcome.OUR_MISTAKE, {"text": reply.text}
    return Outcome.MALFORMED, {"flaw": Flaw.STATUS.value}


def judge_log_in(reply: Reply, *, has_worked: bool, may_be_starting: bool) -> Verdict | None:
    """The same of an answer to a log-in, which every iiko server takes."""
    verdict = judge(reply, has_worked=has_worked)
    if verdict is None:
        return None
    outcome, details = verdict
    if outcome is Outcome.EXPIRED:
        return (Outcome.NOT_ACCEPTED_NOW if has_worked or may_be_starting else Outcome.REFUSED), {}
    if outcome is Outcome.NOT_OFFERED:
        return (Outcome.UNAVAILABLE if has_worked else Outcome.WRONG_ADDRESS), {}
    return outcome, details


_BY_STATUS = {
    400: Outcome.OUR_MISTAKE,
    401: Outcome.EXPIRED,
    404: Outcome.NOT_OFFERED,
    409: Outcome.BUSINESS,
    500: Outcome.SERVER_ERROR,
}


def _forbidden(text: str) -> Verdict:
    if _NO_SEAT in text.lower():
        return Outcome.NO_SEAT, {}
    if (blocked := _BLOCKED.search(text)) is not None:
        return Outcome.BLOCKED_MODULE, {"module": blocked[1]}
    right = _RIGHT.search(text)
    return Outcome.NO_RIGHT, {"right": right[1]} if right else {}


def _host_of(reply: Reply) -> str:
    """Where it would send us: host and port alone, as the rest may carry a key."""
    try:
        found = urlsplit(reply.headers.get("location", ""))
        return f"{found.hostname}:{found.port}" if found.port else found.hostname or ""
    except ValueError:
        return ""
