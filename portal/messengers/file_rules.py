"""Which files a platform takes, as which kind of message."""

from collections.abc import Sequence
from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileRule:
    """Files that go as one kind of message, in the platform's word for it: of these types, of at most so many bytes.

    Without types it is any file.
    """

    name: str
    types: frozenset[str]
    most: int


def plain_type(content_type: str) -> str:
    """A content type without its parameters."""
    return content_type.lower().partition(";")[0].strip()


def rule_for(rules: Sequence[FileRule], content_type: str, size: int) -> FileRule | None:
    """The first of the rules that takes such a file; ``None`` where the platform does not take it at all."""
    kind = plain_type(content_type)
    return next((rule for rule in rules if size <= rule.most and (not rule.types or kind in rule.types)), None)
