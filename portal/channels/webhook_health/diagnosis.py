"""What a platform's view of the webhook means: pure, so that every result is a test of one line."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from portal.messaging.failures import Failure
from portal.messengers.errors import CredentialsRefused, Rejected, Resting, SendFailed, Throttled
from portal.messengers.results import WebhookView

HEALTHY = "healthy"
# An error that is older says nothing of today; the platform goes on showing it.
ERROR_COUNTS_FOR = timedelta(hours=1)
MAX_PENDING = 100
# So many wait although nothing has come for so long: they are not on their way, they pile up.
PILING_UP, SILENT_FOR = 10, timedelta(minutes=10)

# Setting the webhook again puts it right.
HEALED_BY_SETTING = frozenset({"not_set", "taken_over", "secret_refused", "allowed_updates_differ", "in_the_way"})
_CERTIFICATE = re.compile(r"certificate|ssl|tls", re.IGNORECASE)
_REFUSED = re.compile(r"\b(401|403)\b|forbidden|unauthori[sz]ed", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A code of what is wrong (or ``healthy``) and the platform's own words on it."""

    code: str
    detail: str = ""

    @property
    def is_healthy(self) -> bool:
        """Whether nothing is wrong."""
        return self.code == HEALTHY


def diagnose(
    view: WebhookView,
    *,
    address: str,
    wanted: Collection[str],
    last_update_at: datetime | None,
    now: datetime,
) -> Diagnosis:
    """What is wrong with the webhook; an empty ``address`` means that none should be set.

    ``wanted`` names the kinds of updates that should be delivered; ``last_update_at`` is when the latest came here:
    an error that is older than that is over.
    """
    if not view.supported:
        return Diagnosis(HEALTHY)
    if view.url != address:
        return _misplaced(view.url, address)
    if not address:
        return Diagnosis(HEALTHY)
    if missing := sorted(set(wanted) - set(view.allowed)) if view.allowed else []:
        return Diagnosis("allowed_updates_differ", ", ".join(missing))
    return _error(view, last_update_at, now) or _backlog(view, last_update_at, now) or Diagnosis(HEALTHY)


def _misplaced(found: str, address: str) -> Diagnosis:
    if not found:
        return Diagnosis("not_set")
    return Diagnosis("taken_over" if address else "in_the_way", host_of(found))


def _error(view: WebhookView, last_update_at: datetime | None, now: datetime) -> Diagnosis | None:
    if not view.last_error or view.last_error_at is None or view.last_error_at < now - ERROR_COUNTS_FOR:
        return None
    if last_update_at is not None and last_update_at > view.last_error_at:
        return None
    if _CERTIFICATE.search(view.last_error):
        return Diagnosis("certificate", view.last_error)
    return Diagnosis("secret_refused" if _REFUSED.search(view.last_error) else "our_errors", view.last_error)


def _backlog(view: WebhookView, last_update_at: datetime | None, now: datetime) -> Diagnosis | None:
    pending = view.pending or 0
    is_silent = last_update_at is None or last_update_at < now - SILENT_FOR
    if pending > MAX_PENDING or (pending > PILING_UP and is_silent):
        return Diagnosis("backlog_growing", str(pending))
    return None


def host_of(url: str) -> str:
    """Whose address it is; the rest of a stranger's address may be a secret of theirs."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def is_passing(error: SendFailed) -> bool:
    """Whether trying later may help by itself."""
    return not isinstance(error, Rejected)


def diagnose_failure(error: SendFailed) -> Diagnosis:
    """What a call that failed says of the connection."""
    if isinstance(error, CredentialsRefused):
        return Diagnosis("token_revoked", error.detail)
    if isinstance(error, Throttled) and not isinstance(error, Resting):
        return Diagnosis("throttled", error.detail)
    if error.code in (Failure.IN_USE_ELSEWHERE, Failure.IN_USE_BY_ANOTHER_BOT):
        return Diagnosis(error.code, error.detail)
    if is_passing(error):
        return Diagnosis("unreachable", error.detail)
    if error.code == Failure.WEBHOOK_NOT_ANSWERING:
        return Diagnosis("not_answering", error.detail)
    if _CERTIFICATE.search(error.detail):
        return Diagnosis("certificate", error.detail)
    return Diagnosis("address_refused", error.detail or error.code)
