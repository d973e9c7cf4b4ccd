"""One employee: all that is held about them, and how it is erased."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, delete, func, or_, select, update

from portal.audit.models import Action
from portal.audit.recording import record
from portal.conversations.models import BotDialogState
from portal.db.base import SCHEMA, TenantEntity, db
from portal.db.types import LabelledEnum, utc_now
from portal.media.files import BotFile
from portal.notices.models import Notice
from portal.onboarding.engagement import StaffOnboarding
from portal.onboarding.intake.models import QuestionKind, StaffIntake, StaffQuestion
from portal.onboarding.intake.notices import tell_of_answers
from portal.onboarding.messages.models import StaffMessage
from portal.onboarding.models import OnboardingStep
from portal.privacy.erased_files import remove_files
from portal.privacy.guest import Guest
from portal.privacy.imported import forget_imported
from portal.staff.holding import hold_member
from portal.staff.models import StaffChat, StaffField, StaffMember, StaffStatus
from portal.staff.papers.models import StaffDocument
from portal.users.chain import chain_language

# What the log calls somebody from then on: the database admits these words and no others (``keep_log_line``).
ERASED_LABELS = {"en": "erased person", "ru": "удалённый человек"}
# What the log keeps of its lines: nothing that says who it was.
KEPT_IN_LOG = (
    "status", "left_on", "hired_on", "first_shift_at", "due_on", "due_date", "step", "steps", "steps_gone", "steps_new",
    "restaurant_id", "position_id", "paper", "papers_until", "kind", "list", "created", "edited",
)  # fmt: skip


class ErasureReason(LabelledEnum):
    """Why somebody was erased; in words of our own, so that the note of it tells nothing of them."""

    REQUEST = "request", _l("They asked for it")
    MISTAKE = "mistake", _l("Entered by mistake")
    TERM = "term", _l("Kept long enough")


StaffMember.words.add_fields(
    {
        "chats": _l("Chats"),
        "engagements": _l("Engagements"),
        "erased_why": _l("Why"),
        "fields": _l("Values"),
        "files": _l("Files"),
        "messages": _l("Messages"),
        "papers": _l("Papers"),
        "questions": _l("Questions"),
    }
)


class NotToBeErased(Exception):
    """Somebody who works here, or of whom something has to be decided first, is not erased."""


class Employee:
    """A person of the staff with all that belongs to them, their conversations included."""

    def __init__(self, member: StaffMember) -> None:
        self.member = member

    @property
    def is_present(self) -> bool:
        """Whether they work here, are about to, or nobody has decided yet."""
        return self.member.status != StaffStatus.LEFT

    @property
    def open_identity(self) -> StaffQuestion | None:
        """Whether somebody else in a chat is this person: that has to be answered first, else they would be lost."""
        query = select(StaffQuestion).where(
            StaffQuestion.staff_member_id == self.member.id,
            StaffQuestion.kind == QuestionKind.IDENTITY,
            StaffQuestion.answered_at.is_(None),
        )
        return db.session.scalars(query.limit(1)).first()

    @cached_property
    def guests(self) -> list[Guest]:
        """They as the messengers know them: each chat that is linked to them, or told something of them."""
        dialogs = db.session.scalars(self.dialogs().order_by(BotDialogState.id))
        return [*{(each.platform, each.platform_chat_id): Guest(each) for each in dialogs}.values()]

    def dialogs(self) -> Select[BotDialogState]:
        """Their conversations."""
        of_chats = select(StaffChat.dialog_id).where(StaffChat.staff_member_id == self.member.id)
        of_intakes = select(StaffIntake.dialog_id).where(StaffIntake.staff_member_id == self.member.id)
        return select(BotDialogState).where(or_(BotDialogState.id.in_(of_chats), BotDialogState.id.in_(of_intakes)))

    def rows_of(self, entity: type[TenantEntity]) -> Select[Any]:
        """What belongs to them, of one kind."""
        if entity is OnboardingStep:
            engagements = select(StaffOnboarding.id).where(StaffOnboarding.staff_member_id == self.member.id)
            return select(OnboardingStep).where(OnboardingStep.staff_onboarding_id.in_(engagements))
        column: Any = getattr(entity, "staff_member_id")  # noqa: B009
        return select(entity).where(column == self.member.id)

    def counts(self) -> dict[str, int]:
        """How much there is, by kind."""
        counted = {
            "engagements": self.rows_of(StaffOnboarding),
            "fields": self.rows_of(StaffField),
            "papers": self.rows_of(StaffDocument),
            "questions": self.rows_of(StaffQuestion),
            "messages": self.rows_of(StaffMessage),
            "files": self.files(),
            "chats": self.dialogs()
            .with_only_columns(BotDialogState.platform, BotDialogState.platform_chat_id)
            .distinct(),
        }
        numbers = [select(func.count()).select_from(query.subquery()).scalar_subquery() for query in counted.values()]
        row = db.session.execute(select(*numbers)).one()
        return dict(zip(counted, row, strict=True))

    def files(self) -> Select[BotFile]:
        """The photos of their papers, however they came."""
        papers = select(StaffDocument.file_id).where(StaffDocument.staff_member_id == self.member.id)
        return select(BotFile).where(BotFile.id.in_(papers)).order_by(BotFile.id)

    def erase(self, reason: ErasureReason, imports: Sequence[UUID] | None = None) -> None:
        """Remove all of it; restaurant, position, dates and counts remain, and a note that says nothing of them.

        ``imports`` are those that told of them, where these have forgotten them already (``forget_imported``).
        :class:`NotToBeErased` for somebody who is here, and where something has to be decided first.
        """
        hold_member(self.member.id)
        if self.is_present or self.open_identity is not None or self.member.erased_at is not None:
            raise NotToBeErased
        counts = self.counts()
        files = [(file.id, file.storage) for file in db.session.scalars(self.files())]
        rows, batches = self._ids(), forget_imported([self.member]) if imports is None else imports
        asked = set(db.session.scalars(self.rows_of(StaffQuestion).with_only_columns(StaffQuestion.restaurant_id)))
        for guest in self.guests:
            guest.erase()
        self._delete_rows(rows)
        remove_files(files)
        self._empty()
        self._empty_log([*rows, *batches])
        if asked:
            tell_of_answers()
        told = {"erased_why": str(reason)} | {kind: number for kind, number in counts.items() if number}
        record(Action.PERSON_ERASED, self.member, after=told, label=erased_label())

    def _ids(self) -> list[UUID]:
        """Of the person and all that belongs to them: by these the log knows them."""
        ids = [self.member.id]
        kinds: list[type[TenantEntity]] = [*REMOVED, StaffOnboarding, OnboardingStep]
        for entity in kinds:
            ids += db.session.scalars(self.rows_of(entity).with_only_columns(entity.id))
        return ids

    def _delete_rows(self, rows: Sequence[UUID]) -> None:
        for entity in REMOVED:
            _run(delete(entity).where(getattr(entity, "staff_member_id") == self.member.id))  # noqa: B009
        _run(delete(Notice).where(Notice.entity_id.in_(rows)))

    def _empty(self) -> None:
        engagements = select(StaffOnboarding.id).where(StaffOnboarding.staff_member_id == self.member.id)
        steps = update(OnboardingStep).where(OnboardingStep.staff_onboarding_id.in_(engagements.scalar_subquery()))
        _run(steps.values(notes=None, completed_from_message_id=None))
        own = update(StaffOnboarding).where(StaffOnboarding.staff_member_id == self.member.id)
        _run(own.values(name="", email=None, end_reason=None))
        db.session.expire_all()
        member = self.member
        member.name, member.erased_at = "", utc_now()
        member.phone = member.email = member.birthday = member.citizenship = None
        member.uniform_size = member.emergency_contact = None
        db.session.flush()

    def _empty_log(self, rows: Sequence[UUID]) -> None:
        erase = getattr(func, SCHEMA).erase_person_from_log(list(rows), erased_label(), list(KEPT_IN_LOG))
        db.session.execute(select(erase))


# In this order; the conversations' own rows are gone by then.
REMOVED: tuple[type[TenantEntity], ...] = (
    StaffMessage,
    StaffQuestion,
    StaffIntake,
    StaffField,
    StaffDocument,
    StaffChat,
)


def erased_label() -> str:
    """What the log calls an erased person, in the chain's language."""
    return ERASED_LABELS.get(chain_language(), ERASED_LABELS["en"])


def _run(statement: Any) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))
