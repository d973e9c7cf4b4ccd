"""The papers of a person, as their page shows them: what is needed, what is there, what came by chat."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import url_for
from sqlalchemy import exists, select

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.db.base import db
from portal.onboarding.engagement import StaffOnboarding
from portal.onboarding.kinds import OnboardingStatus
from portal.onboarding.models import OnboardingStep
from portal.staff.models import StaffMember, StaffStatus
from portal.staff.papers.models import DocumentType, PaperState, StaffDocument
from portal.staff.papers.queries import SentFile, papers_of, sent_files
from portal.staff.papers.standing import Standing, standing_of
from portal.staff.papers.validity import today_of
from portal.staff.papers.verbs import is_own

MAX_EARLIER = 20
# What is wrong comes first.
TONES = ("bad", "accent", "warn", "good")


@dataclass(frozen=True)
class PaperLine:
    """One paper, or one that is missing; ``renewal`` is another that waits to be checked."""

    kind: DocumentType
    document: StaffDocument | None
    standing: Standing
    renewal: StaffDocument | None = None

    @property
    def url(self) -> str | None:
        """Its own page."""
        return url_for("account.papers.show", staff_document_id=self.document.id) if self.document else None

    @property
    def renewal_url(self) -> str | None:
        """The page of the one that waits."""
        return url_for("account.papers.show", staff_document_id=self.renewal.id) if self.renewal else None


class Papers:
    """What the page asks. Who sees nothing private is told whether all is valid, or nothing at all."""

    def __init__(self, member: StaffMember) -> None:
        self.member, self.today = member, today_of(member)

    @classmethod
    def of(cls, member: StaffMember) -> "Papers":
        """The papers of a person."""
        return cls(member)

    @property
    def is_shown(self) -> bool:
        """Whether whoever looks may see papers and their photos."""
        return may(Permission.STAFF_PRIVATE)

    @property
    def is_told(self) -> bool:
        """Whether they may know whether all of them are valid, and no more."""
        return not self.is_shown and may(Permission.STAFF_TICK)

    @property
    def may_add(self) -> bool:
        """Whether they may add papers of this person."""
        return may(Permission.STAFF_EDIT) and self.member.erased_at is None and not is_own(self.member)

    @cached_property
    def _kinds(self) -> Sequence[Any]:
        """Every kind, and whether the running checklist needs it."""
        is_step = (
            exists()
            .where(
                StaffOnboarding.account_id == OnboardingStep.account_id,
                StaffOnboarding.id == OnboardingStep.staff_onboarding_id,
                StaffOnboarding.staff_member_id == self.member.id,
                StaffOnboarding.status == OnboardingStatus.IN_PROGRESS,
                OnboardingStep.account_id == DocumentType.account_id,
                OnboardingStep.document_type_id == DocumentType.id,
            )
            .label("is_step")
        )
        return db.session.execute(select(DocumentType, is_step).order_by(DocumentType.name, DocumentType.id)).all()

    @cached_property
    def needed(self) -> list[DocumentType]:
        """The kinds that the person must have: by the checklist, the kitchen and the citizenship."""
        if self.member.status == StaffStatus.LEFT:
            return []
        return [kind for kind, is_step in self._kinds if is_step or (kind.is_active and self._is_needed(kind))]

    def _is_needed(self, kind: DocumentType) -> bool:
        position = self.member.position
        if kind.for_kitchen and position is not None and position.is_kitchen:
            return True
        return (self.member.citizenship or "").casefold() in kind.for_citizenship

    @cached_property
    def _documents(self) -> Sequence[StaffDocument]:
        return papers_of(self.member.id)

    def _of_kind(self, kind: DocumentType) -> tuple[StaffDocument | None, StaffDocument | None]:
        """The paper that counts, and a newer one that waits to be checked."""
        found = [each for each in self._documents if each.document_type_id == kind.id]
        accepted = next((each for each in found if each.state is PaperState.ACCEPTED), None)
        sent = next((each for each in found if each.state is PaperState.SENT), None)
        refused = next((each for each in found if each.state is PaperState.REFUSED), None)
        return (accepted, sent) if accepted else (sent or refused, None)

    @cached_property
    def lines(self) -> list[PaperLine]:
        """Each kind that is needed or there, what is wrong first."""
        lines = []
        for kind, _is_step in self._kinds:
            document, renewal = self._of_kind(kind)
            if document is not None or kind in self.needed:
                lines.append(PaperLine(kind, document, standing_of(document, self.today), renewal))
        return sorted(lines, key=lambda line: (TONES.index(line.standing.tone), line.kind not in self.needed))

    @property
    def earlier(self) -> list[PaperLine]:
        """What was replaced or refused, the newest first."""
        shown = {line.document.id for line in self.lines if line.document}
        kinds = {kind.id: kind for kind, _is_step in self._kinds}
        closed = (PaperState.REPLACED, PaperState.REFUSED)
        found = [each for each in self._documents if each.state in closed and each.id not in shown][:MAX_EARLIER]
        return [PaperLine(kinds[each.document_type_id], each, standing_of(each, self.today)) for each in found]

    @property
    def is_all_valid(self) -> bool:
        """Whether every paper that is needed is there and valid today, and no other accepted one is over."""
        counted = [line for line in self.lines if line.kind in self.needed or _is_accepted(line.document)]
        return all(line.standing.tone in ("good", "warn") for line in counted)

    @cached_property
    def sent(self) -> list[SentFile]:
        """What the person sent in chats and that is no paper yet."""
        return sent_files(self.member.id) if self.may_add else []

    @cached_property
    def proposed(self) -> DocumentType | None:
        """What a photo most likely is: of what is needed and not valid the medical book first, else what ends next."""
        wanted = [line for line in self.lines if line.standing.tone != "good"]
        wanted.sort(
            key=lambda line: (line.kind not in self.needed, line.standing.tone != "bad", not line.kind.is_health)
        )
        others: Iterator[DocumentType] = (kind for kind, _is_step in self._kinds if kind.is_active)
        return wanted[0].kind if wanted else next(others, None)

    def add_url(self, kind: DocumentType | None = None, file: SentFile | None = None) -> str:
        """The form of a new paper."""
        kind_id, message_id = kind.id if kind else None, file.message_id if file else None
        return url_for("account.papers.new", staff_member_id=self.member.id, kind=kind_id, message=message_id)

    @staticmethod
    def file_url(file: SentFile) -> str:
        """A file that came by chat, as the bot's files are handed out."""
        return url_for("account.bot_files.show", bot_id=file.bot_id, file_id=file.file_id)


def _is_accepted(document: StaffDocument | None) -> bool:
    return document is not None and document.state is PaperState.ACCEPTED
