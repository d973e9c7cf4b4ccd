"""A whole answer on its way from the client to a reader."""

from dataclasses import dataclass
from typing import BinaryIO


@dataclass(slots=True)
class Answer:
    """``bytes`` are those after unpacking; ``charset`` is what the header says."""

    file: BinaryIO
    charset: str | None
    bytes: int
