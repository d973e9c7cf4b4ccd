"""Reading papers: those of a person, the kinds on offer, what came by chat, and whose a file is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import abort
from sqlalchemy import ColumnElement, Select, Text, and_, cast, exists, func, not_, or_, select
from sqlalchemy.orm import joinedload

from portal.audit.models import Action, AuditEvent
from portal.db.base import SCHEMA, db
from portal.db.cursor import row
from portal.media.files import BotFile
from portal.messaging.messages import BotMessage
from portal.messaging.papers import brings_paper, paper_mark
from portal.staff.models import StaffChat, StaffMember
from portal.staff.papers.models import DocumentType, PaperState, StaffDocument
from portal.tenancy.scope import require_scope
from portal.users.models import User

# What a paper may be: what a browser can show, and what offices send.
SHOWN_TYPES = ("image/jpeg", "image/png", "image/webp")
PAPER_TYPES = (*SHOWN_TYPES, "image/heic", "application/pdf")
MAX_KINDS = 200
MAX_OFFERED_FILES = 6
MAX_LOOKS = 20


def offered_kinds(also: UUID | None = None) -> Sequence[DocumentType]:
    """The kinds in use by name, and ``also`` one more wherever it stands."""
    wanted = DocumentType.is_active if also is None else or_(DocumentType.is_active, DocumentType.id == also)
    query = select(DocumentType).where(wanted).order_by(DocumentType.name, DocumentType.id)
    return db.session.scalars(query.limit(MAX_KINDS)).all()


def papers_of(member_id: UUID) -> Sequence[StaffDocument]:
    """A person's papers with their kinds, the newest first; what was replaced is history."""
    query = select(StaffDocument).options(joinedload(StaffDocument.kind))
    query = query.where(StaffDocument.staff_member_id == member_id)
    return db.session.scalars(query.order_by(StaffDocument.created_at.desc(), StaffDocument.id)).all()


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper with what its page tells: its file's type, who checked it, the message that it came by."""

    document: StaffDocument
    content_type: str | None
    checked_by: str | None
    bot_id: UUID | None
    dialog_id: UUID | None
    seq: int | None
    said_at: datetime | None

    @property
    def is_picture(self) -> bool:
        """Whether browsers show the file."""
        return self.content_type in SHOWN_TYPES


def paper_or_404(document_id: UUID) -> PaperView:
    """A paper, its kind and its person in one statement."""
    query = (
        select(
            StaffDocument,
            BotFile.content_type,
            func.coalesce(func.nullif(User.full_name, ""), User.email),
            BotMessage.bot_id,
            BotMessage.dialog_id,
            BotMessage.seq,
            BotMessage.created_at,
        )
        .options(joinedload(StaffDocument.kind), joinedload(StaffDocument.member).joinedload(StaffMember.restaurant))
        .outerjoin(BotFile, BotFile.id == StaffDocument.file_id)
        .outerjoin(User, User.id == StaffDocument.checked_by_id)
        .outerjoin(BotMessage, BotMessage.id == StaffDocument.message_id)
        .where(StaffDocument.id == document_id)
    )
    return PaperView(*(db.session.execute(query).one_or_none() or abort(404)))


def file_of_paper(document_id: UUID, former: UUID | None = None) -> tuple[StaffDocument, BotFile]:
    """A paper with its kind, and its file or a former one; 404 where it has none, or has it no more."""
    was_its = exists().where(BotMessage.file_id == BotFile.id, paper_mark() == str(document_id))
    is_its = BotFile.id == StaffDocument.file_id if former is None else and_(BotFile.id == former, was_its)
    query = select(StaffDocument, BotFile).join(BotFile, is_its)
    query = query.options(joinedload(StaffDocument.kind)).where(StaffDocument.id == document_id)
    found = db.session.execute(query).one_or_none() or abort(404)
    return found[0], found[1]


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that the person sent in a chat."""

    message_id: UUID
    file_id: UUID
    bot_id: UUID
    content_type: str
    at: datetime

    @property
    def is_picture(self) -> bool:
        """Whether browsers show it."""
        return self.content_type in SHOWN_TYPES


def sent_files(member_id: UUID) -> list[SentFile]:
    """The latest pictures and documents of the person's chats that are no papers of theirs yet."""
    is_paper = exists().where(
        StaffDocument.account_id == BotMessage.account_id,
        StaffDocument.staff_member_id == member_id,
        or_(StaffDocument.file_id == BotMessage.file_id, StaffDocument.message_id == BotMessage.id),
    )
    query = _files(member_id).where(~is_paper).order_by(BotMessage.seq.desc()).limit(MAX_OFFERED_FILES)
    return [_sent_file(each) for each in db.session.execute(query)]


def sent_file(member_id: UUID, message_id: UUID) -> SentFile | None:
    """The file of one message of the person's chats; ``None`` for any other."""
    found = db.session.execute(_files(member_id).where(BotMessage.id == message_id)).one_or_none()
    return _sent_file(found) if found is not None else None


def _files(member_id: UUID) -> Select[UUID, UUID | None, UUID, str, datetime]:
    return (
        select(BotMessage.id, BotMessage.file_id, BotMessage.bot_id, BotFile.content_type, BotMessage.created_at)
        .join(StaffChat, StaffChat.dialog_id == BotMessage.dialog_id)
        .join(BotFile, BotFile.id == BotMessage.file_id)
        .where(
            StaffChat.staff_member_id == member_id,
            BotMessage.direction == "in",
            BotFile.content_type.in_(PAPER_TYPES),
        )
    )


def _sent_file(found: Any) -> SentFile:
    return SentFile(found.id, found.file_id, found.bot_id, found.content_type, found.created_at)


_OF_FILE = f"""
    SELECT d.id, coalesce(d.file_id = %(file)s, false) AS is_current FROM {SCHEMA}.staff_document d
        JOIN {SCHEMA}.document_type k ON k.account_id = d.account_id AND k.id = d.document_type_id
    WHERE d.account_id = %(account)s AND d.id IN (
        SELECT id FROM {SCHEMA}.staff_document WHERE account_id = %(account)s AND file_id = %(file)s
        UNION ALL
        SELECT nullif(content #>> '{{file,paper}}', 'true')::uuid FROM {SCHEMA}.bot_message
        WHERE account_id = %(account)s AND file_id = %(file)s
    )
    ORDER BY k.is_health DESC, is_current DESC, d.created_at DESC LIMIT 1
""".encode()  # noqa: S608


@dataclass(frozen=True, slots=True)
class PaperOfFile:
    """The paper that a file is; or was, until another photo took its place."""

    id: UUID
    is_current: bool


def paper_of_file(file_id: UUID) -> PaperOfFile | None:
    """The paper that a stored file is, a health paper first; past the limit to restaurants: it is private to all."""
    return row(PaperOfFile, _OF_FILE, account=require_scope().account_id, file=file_id)


def is_health_file() -> ColumnElement[bool]:
    """Whether a file is, or was, a health paper; of one that is in nobody's record yet nobody knows otherwise."""
    by_message = exists().where(BotMessage.file_id == BotFile.id, BotMessage.account_id == BotFile.account_id)
    was_its = by_message.where(paper_mark() == cast(StaffDocument.id, Text)).correlate(BotFile, StaffDocument)
    of_kind = exists().where(
        StaffDocument.account_id == BotFile.account_id,
        DocumentType.id == StaffDocument.document_type_id,
        or_(StaffDocument.file_id == BotFile.id, was_its),
    )
    is_other = of_kind.where(not_(DocumentType.is_health.expression))
    return or_(of_kind.where(DocumentType.is_health), and_(by_message.where(brings_paper()), ~is_other))


def looks_at(document_id: UUID) -> Sequence[Any]:
    """Who looked at a paper and when (actor_email, actor_name, at), the latest first."""
    query = select(AuditEvent.actor_email, AuditEvent.actor_name, AuditEvent.as_superuser, AuditEvent.at)
    query = query.where(AuditEvent.entity_id == document_id, AuditEvent.action == Action.PAPER_OPENED)
    return db.session.execute(query.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(MAX_LOOKS)).all()


def accepted_of(member_id: UUID, kind_id: UUID) -> StaffDocument | None:
    """The accepted paper of a kind."""
    query = select(StaffDocument).where(
        StaffDocument.staff_member_id == member_id,
        StaffDocument.document_type_id == kind_id,
        StaffDocument.state == PaperState.ACCEPTED,
    )
    return db.session.scalar(query)
