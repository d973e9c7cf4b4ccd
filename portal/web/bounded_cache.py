"""What takes long to make and never changes, kept in memory: so many bytes in all, and so many of one account."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar
from uuid import UUID

Value = TypeVar("Value")


class BoundedCache(Generic[Value]):
    """What was used longest ago goes first: an account's own where it has had its share, else anybody's."""

    def __init__(self, max_bytes: int, max_account_bytes: int) -> None:
        self._max_bytes, self._max_account_bytes = max_bytes, max_account_bytes
        self._kept: OrderedDict[tuple[UUID, Hashable], tuple[Value, int]] = OrderedDict()
        self._of_account: dict[UUID, int] = {}
        self._lock = Lock()

    @property
    def size(self) -> int:
        """How many bytes are kept."""
        return sum(self._of_account.values())

    def get(self, account_id: UUID, key: Hashable) -> Value | None:
        """What was kept; ``None`` where nothing was, or it had to go."""
        with self._lock:
            found = self._kept.get((account_id, key))
            if found is None:
                return None
            self._kept.move_to_end((account_id, key))
            return found[0]

    def put(self, account_id: UUID, key: Hashable, value: Value, size: int) -> None:
        """Keep a value of about so many bytes, unless it is more than the account's share by itself."""
        with self._lock:
            self._drop((account_id, key))
            if size > self._max_account_bytes:
                return
            self._kept[account_id, key] = value, size
            self._of_account[account_id] = self._of_account.get(account_id, 0) + size
            while self._of_account[account_id] > self._max_account_bytes:
                self._drop(next(each for each in self._kept if each[0] == account_id))
            while self.size > self._max_bytes:
                self._drop(next(iter(self._kept)))

    def _drop(self, place: tuple[UUID, Hashable]) -> None:
        found = self._kept.pop(place, None)
        if found is None:
            return
        self._of_account[place[0]] -= found[1]
        if not self._of_account[place[0]]:
            del self._of_account[place[0]]
