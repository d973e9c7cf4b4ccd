"""Which chats are a worker's own to look after first, so that several workers seldom meet at one.

A share is an order of turns and never a right: locks alone decide who has a chat. What a worker leaves lying, because
it is slow or has just died, another one takes soon.
"""

from dataclasses import dataclass
from zlib import crc32

# A chat of another worker's share is taken when it has waited so long and there is nothing of one's own to do,
LEFT_SECONDS = 1.0
# and as if it had come so much later than it did, whatever else there is to do.
FOREIGN_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Share:
    """The worker's ``place`` among ``of`` that are there."""

    place: int = 0
    of: int = 1

    def owns(self, key: str) -> bool:
        """Whether what is called so is this worker's to look after."""
        return crc32(key.encode()) % self.of == self.place
