"""Where a person can be told something at a moment, or why nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.messengers.registry import PLATFORMS
from portal.onboarding.messages.models import HeldReason
from portal.onboarding.messages.queries import KnownChat


@dataclass(frozen=True, slots=True)
class Way:
    """The chat that it goes into, or the reason why it goes into none."""

    chat: KnownChat | None = None
    reason: HeldReason = HeldReason.NO_CHAT


def way_to(chats: Sequence[KnownChat], at: datetime) -> Way:
    """The first of the chats, the latest heard first, that nothing stands in the way of.

    Where somebody speaks with the person in one of them, nothing is told past them in another.
    """
    reasons = []
    for chat in chats:
        reason = obstacle_of(chat, at)
        if reason is None:
            return Way(chat)
        reasons.append(reason)
        if reason is HeldReason.TAKEN_OVER:
            break
    return Way(reason=reasons[-1] if HeldReason.TAKEN_OVER in reasons else next(iter(reasons), HeldReason.NO_CHAT))


def obstacle_of(chat: KnownChat, at: datetime) -> HeldReason | None:
    """What keeps the bot from speaking in a chat."""
    if not chat.has_bot:
        return HeldReason.BOT_ARCHIVED
    if not chat.is_on or chat.credential_id is None or chat.platform not in PLATFORMS:
        return HeldReason.PLATFORM_OFF
    if chat.state == "blocked":
        return HeldReason.BLOCKED
    if chat.state == "taken_over":
        return HeldReason.TAKEN_OVER
    window = PLATFORMS[chat.platform].limits.reply_window
    if window is not None and (chat.last_inbound_at is None or at >= chat.last_inbound_at + window):
        return HeldReason.WINDOW_OVER
    return None
