"""A form that was sent and not accepted, to be sent once more: what people filled in, without secrets and files."""

from dataclasses import dataclass
from typing import Self

from flask import request

from portal.web.proofs import FIELD, SECRETS

# What the page after signing in adds: the form is to be shown, not saved. The value tells whether something was lost.
REVIEW, LOST = "_review", "lost"
# What the portal asks before grave deeds: with these people prove who they are.
PASSWORD, CODE, ANSWER = "_password", "_code", "_answer"
PROVING = frozenset({PASSWORD, CODE, ANSWER})
# What goes with forms beside what people fill in.
OWN_FIELDS = PROVING | {FIELD, SECRETS, REVIEW, "_method"}


@dataclass(frozen=True, slots=True)
class SentForm:
    """Where it goes, by which method, and what was filled in."""

    path: str
    method: str
    fields: list[tuple[str, str]]

    @classmethod
    def now(cls) -> Self:
        """The one of the present request."""
        left_out = OWN_FIELDS | set(request.form.getlist(SECRETS))
        fields = [(name, value) for name, value in request.form.items(multi=True) if name not in left_out]
        return cls(request.full_path.removesuffix("?"), request.method, fields)
