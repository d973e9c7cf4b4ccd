"""What can go wrong between the portal and a platform.

``code`` has the sentence for people, ``detail`` is the platform's own words, freed of credentials and bounded. No error
carries an address or a token.
"""

from typing import ClassVar

from portal.messaging.failures import Failure


class SendFailed(Exception):
    """The platform did not do what was asked."""

    default_code: ClassVar[Failure] = Failure.FAILED

    def __init__(self, code: Failure | None = None, detail: str = "") -> None:
        self.code = code or self.default_code
        self.detail = detail
        super().__init__(self.code)


# The wait where a platform says "too much" and not for how long.
UNTOLD_SECONDS = 1.0


class Throttled(SendFailed):
    """Too much at once: not accepted, to be tried again after ``retry_after`` seconds."""

    default_code = Failure.THROTTLED

    def __init__(self, retry_after: float = UNTOLD_SECONDS, code: Failure | None = None, detail: str = "") -> None:
        self.retry_after = retry_after
        super().__init__(code, detail)


class Resting(Throttled):
    """The platform has stopped answering and is left alone for ``retry_after`` seconds: nothing was asked."""

    default_code = Failure.UNREACHABLE


class Unavailable(SendFailed):
    """Certainly not accepted: no connection was made, or the platform said that it is out of order."""

    default_code = Failure.UNAVAILABLE


class Unclear(SendFailed):
    """The connection was cut after the request went out: maybe it was accepted."""

    default_code = Failure.UNCLEAR


class Rejected(SendFailed):
    """Permanent: the same request will never be accepted."""

    default_code = Failure.REJECTED


class PersonBlocked(Rejected):
    """The person does not want messages of this bot, or is no longer there."""

    default_code = Failure.PERSON_BLOCKED


class CredentialsRefused(Rejected):
    """The platform does not know the credentials (any more)."""

    default_code = Failure.CREDENTIALS_REFUSED


class OutsideWindow(Rejected):
    """The person wrote too long ago; the platform lets a bot answer for a limited time only."""

    default_code = Failure.OUTSIDE_WINDOW


class ChatMoved(Rejected):
    """The chat goes on under another id; the message was not accepted."""

    default_code = Failure.CHAT_MOVED

    def __init__(self, new_chat_id: str) -> None:
        self.new_chat_id = new_chat_id
        super().__init__()
