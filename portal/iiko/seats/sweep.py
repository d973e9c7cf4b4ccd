"""Seats that nobody gave back: a round each minute, and until when one may be taken."""

from datetime import datetime
from uuid import UUID


def possible_seat_until(connection_id: UUID) -> datetime | None:
    """Until when a seat of ours may be taken that no run uses; ``None`` where all came back."""
    raise NotImplementedError
