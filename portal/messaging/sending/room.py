"""Who may be sent to next: the senders that are free, shared out in turns by account."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from portal.messaging.shares import Share


@dataclass(frozen=True, slots=True)
class Heads:
    """What one bot could send now: the first message of each of a few chats, the one that is due longest first.

    ``steps`` is how many chats were looked at, ``last`` the last of them; ``since`` are seconds since 1970.
    """

    account_id: UUID
    credential_id: UUID
    platform: str
    steps: int
    last: UUID | None
    ids: Sequence[UUID] | None
    since: Sequence[float] | None


@dataclass(frozen=True, slots=True)
class Room:
    """How much can be sent: senders that are free, who has how many in hand of how many at most, whose turn is ours."""

    senders: int
    a_bot: int
    an_account: int
    busy_bots: Mapping[UUID, int]
    platform_room: Mapping[str, int]
    busy_accounts: Mapping[UUID, int] = field(default_factory=dict)
    share: Share = field(default_factory=Share)

    def choose(self, found: Iterable[Heads]) -> list[UUID]:
        """The messages that are sent next: an account's first before anybody's second, what it has in hand counted."""
        due: list[tuple[float, Heads, UUID]] = []
        for heads in found:
            room = max(self.a_bot - self.busy_bots.get(heads.credential_id, 0), 0)
            ids, since = (heads.ids or ())[:room], heads.since or ()
            due += [(at, heads, message) for at, message in zip(since, ids, strict=False)]
        due.sort(key=lambda each: each[0])
        taken, turns = Counter(self.busy_accounts), []
        for at, heads, message in due:
            taken[heads.account_id] += 1
            if taken[heads.account_id] <= self.an_account:
                turns.append((taken[heads.account_id], at, heads.platform, message))
        turns.sort(key=lambda each: each[:2])
        return [message for _, _, _, message in self._within_platforms(turns)][: self.senders]

    def _within_platforms(
        self, turns: Iterable[tuple[int, float, str, UUID]]
    ) -> Iterable[tuple[int, float, str, UUID]]:
        """No platform gets more senders than are left for it."""
        left = dict(self.platform_room)
        for turn in turns:
            left[turn[2]] = left.get(turn[2], 1) - 1
            if left[turn[2]] >= 0:
                yield turn
