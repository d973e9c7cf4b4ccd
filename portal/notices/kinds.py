"""The kinds of notices, each declared by the room that raises it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask_babel import LazyString

from portal.access.permissions import NOTIFIED, ROLE_GRANTS, Permission, Role

KINDS: dict[str, "NoticeKind"] = {}


class Severity(StrEnum):
    """How much a notice matters; also the tone in which pages show it."""

    # Somebody must act, or wait until it heals; resolved when it does.
    PROBLEM = "bad"
    # What was wrong is right again.
    RECOVERY = "good"
    # Good to know.
    NEWS = "neutral"


@dataclass(frozen=True)
class NoticeContent:
    """A notice as its kind's sentence and link see it."""

    entity_id: UUID
    label: str
    parameters: Mapping[str, Any]
    repetitions: int = 1

    def __getitem__(self, name: str) -> Any:
        """A parameter; a dash where an older portal did not write it."""
        return self.parameters.get(name) or "—"


@dataclass(frozen=True)
class NoticeKind:
    """One kind of notice.

    ``permission`` decides who is told: it is the one that the linked page demands. ``sentence`` is read in the
    language of each reader, ``detail`` says more where there is more to say. ``link`` gives an address within the
    account. A problem's ``recovery`` is the kind that tells that it is over.
    """

    key: str
    label: LazyString
    permission: Permission
    severity: Severity
    sentence: Callable[[NoticeContent], str]
    link: Callable[[NoticeContent], str]
    detail: Callable[[NoticeContent], str | None] = lambda content: None
    recovery: "NoticeKind | None" = field(default=None)
    # Mailed to everybody who is told of it, whatever they chose.
    is_grave: bool = False

    def __post_init__(self) -> None:
        if self.permission not in NOTIFIED:
            raise ValueError(f"{self.key}: {self.permission} must be among NOTIFIED in portal/access/permissions.py")
        KINDS[self.key] = self

    @property
    def is_problem(self) -> bool:
        """Whether it stays open until something resolves it."""
        return self.severity is Severity.PROBLEM

    @property
    def roles(self) -> list[Role]:
        """Whoever may be told."""
        return [role for role, grants in ROLE_GRANTS.items() if self.permission in grants]


def kinds_for(permissions: Collection[Permission]) -> list[NoticeKind]:
    """The kinds that holders of those permissions are told of, problems first."""
    allowed = [kind for kind in KINDS.values() if kind.permission in permissions]
    return sorted(allowed, key=lambda kind: not kind.is_problem)
