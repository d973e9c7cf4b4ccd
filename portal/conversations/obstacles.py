"""What keeps a reply from going out, said before it is written and beside the one that waits."""

from dataclasses import dataclass

from flask_babel import gettext as _

from portal.channels.wording import problem_of
from portal.conversations.queries import ConversationView
from portal.messaging.failures import Failure

# While a connection has one of these, nothing is sent: what is queued waits. Trouble with receiving is none of them.
STOPPING = frozenset({
    "token_revoked", "unreadable", "unreachable",
    *map(str, (Failure.CREDENTIALS_REFUSED, Failure.CREDENTIALS_UNREADABLE, Failure.PERMISSION_MISSING,
               Failure.ACCOUNT_RESTRICTED, Failure.NUMBER_NOT_REGISTERED, Failure.NUMBER_UNKNOWN,
               Failure.PAYMENT_PROBLEM, Failure.UNREACHABLE, Failure.UNAVAILABLE, Failure.PLATFORM_DOWN)),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why what somebody writes is not sent, in a sentence; ``is_waiting`` where it goes out once that is over."""

    sentence: str
    is_waiting: bool = False


def obstacle_of(view: ConversationView) -> Obstacle | None:
    """What stands in the way on the conversation's platform, whoever the person is."""
    if not view.conversation.bot.is_active:
        return Obstacle(_("The bot is archived, so nothing that you write is sent."))
    if not view.platform_on:
        return Obstacle(_("The bot is switched off on this platform, so nothing that you write is sent."))
    wait = wait_of(view.mark.problem, view.label)
    return Obstacle(wait, is_waiting=True) if wait else None


def wait_of(problem: str | None, label: str) -> str | None:
    """Why a message waits that is queued on a connection with that problem; ``None`` where it is merely its turn."""
    failure = problem_of(problem) if problem in STOPPING else None
    return failure.describe(label) if failure else None
