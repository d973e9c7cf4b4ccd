"""What is done with a person's papers: they come, are checked, accepted or refused, and replaced by newer ones.

The log tells it on the person's row, and of a health paper neither its kind nor its dates.
"""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from portal.access.viewer import current_viewer
from portal.audit.models import Action
from portal.audit.recording import acting_id, record
from portal.db.base import db
from portal.db.states import MoveRefused
from portal.db.types import utc_now
from portal.messaging.messages import BotMessage
from portal.staff.holding import hold_member
from portal.staff.models import StaffMember
from portal.staff.papers.models import DocumentReminder, DocumentType, PaperState, StaffDocument

OWN_PAPER = _l("Nobody accepts their own papers. Somebody else has to look at them.")
REPLACED = _l("A newer paper has taken the place of this one.")
CHECKED = _l("This paper was checked meanwhile. Look at it anew.")

_followers: list[Callable[[StaffDocument], object]] = []


def follow_acceptance(act: Callable[[StaffDocument], object]) -> None:
    """What else is done once a paper is accepted: rooms above this one say it."""
    if act not in _followers:
        _followers.append(act)


def receive_paper(
    member: StaffMember, kind: DocumentType, message_id: UUID | None, file_id: UUID | None
) -> StaffDocument:
    """A paper that has come and is to be checked; the same message or file is the same paper, however often it comes.

    One that came by an earlier message and that nobody has looked at yet is that paper, too, with what came now: people
    who answer again and again fill no tables.
    """
    hold_member(member.id)
    papers = papers_of_kind(member, kind)
    document = next((each for each in papers if _is_same(each, message_id, file_id)), None)
    if document is None and message_id is not None:
        document = next(
            (each for each in papers if each.state is PaperState.SENT and each.message_id is not None), None
        )
        if document is not None:
            document.message_id, document.file_id = message_id, file_id
    if document is None:
        document = _new(member, kind, message_id=message_id, file_id=file_id)
        tell(Action.PAPER_RECEIVED, document, member, kind)
    elif document.state is PaperState.SENT and document.file_id is None:
        document.file_id = file_id
    _mark_message(message_id, document)
    return document


def take_file(message_id: UUID, file_id: UUID) -> None:
    """The file of a message was fetched: a paper that came by it, and was to be checked without it, has it now."""
    waiting = select(StaffDocument).where(
        StaffDocument.message_id == message_id,
        StaffDocument.file_id.is_(None),
        StaffDocument.state == PaperState.SENT,
    )
    for document in db.session.scalars(waiting):
        document.file_id = file_id


def accept_original(
    member: StaffMember,
    kind: DocumentType,
    number_tail: str | None,
    expires_on: date | None,
    issued_on: date | None = None,
) -> StaffDocument:
    """A paper that somebody has seen in the original."""
    hold_member(member.id)
    document = _new(member, kind)
    accept(document, issued_on, expires_on, number_tail)
    return document


def accept(document: StaffDocument, issued_on: date | None, expires_on: date | None, number_tail: str | None) -> None:
    """It is right, with these dates; a paper of the same kind that was accepted before gives way to it.

    One that was accepted already gets these dates, and is reminded of anew where its end has moved. Raises
    ``MoveRefused`` for somebody's own paper and for one that a newer has replaced.
    """
    member = _held_member(document)
    if document.state is PaperState.REPLACED:
        raise MoveRefused(REPLACED)
    if document.expires_on != expires_on:
        forget_reminders(document)
    _replace_former(document)
    document.state, document.issued_on, document.expires_on = PaperState.ACCEPTED, issued_on, expires_on
    document.number_tail, document.reason = number_tail, None
    _note_checker(document)
    tell(Action.PAPER_ACCEPTED, document, member, document.kind)
    for act in _followers:
        act(document)


def refuse(document: StaffDocument, reason: str) -> None:
    """It is not right, and why. Raises ``MoveRefused`` where it is no longer to check."""
    member = _held_member(document)
    if document.state is not PaperState.SENT:
        raise MoveRefused(CHECKED)
    document.state, document.reason = PaperState.REFUSED, reason
    _note_checker(document)
    tell(Action.PAPER_REFUSED, document, member, document.kind)


def valid_paper(member: StaffMember, kind: DocumentType, on: date) -> StaffDocument | None:
    """The accepted paper of that kind that is valid on a day."""
    found = [each for each in papers_of_kind(member, kind) if each.state is PaperState.ACCEPTED]
    return next((each for each in found if each.expires_on is None or each.expires_on >= on), None)


def is_own(member: StaffMember) -> bool:
    """Whether the signed-in person is that employee."""
    viewer = current_viewer()
    return viewer is not None and member.email is not None and viewer.email.casefold() == member.email.casefold()


def papers_of_kind(member: StaffMember, kind: DocumentType) -> list[StaffDocument]:
    """Every paper of that kind that the person ever had, the newest first."""
    query = select(StaffDocument).where(
        StaffDocument.staff_member_id == member.id, StaffDocument.document_type_id == kind.id
    )
    return list(db.session.scalars(query.order_by(StaffDocument.created_at.desc(), StaffDocument.id)))


def forget_reminders(document: StaffDocument) -> None:
    """The end has moved: what was told of the former one counts no more."""
    for each in db.session.scalars(select(DocumentReminder).where(DocumentReminder.staff_document_id == document.id)):
        db.session.delete(each)


def tell(action: Action, document: StaffDocument, member: StaffMember, kind: DocumentType) -> None:
    """A line on the person's row."""
    told: dict[str, Any] = {}
    if not kind.is_health:
        told = {"paper": kind.name} | ({"papers_until": str(document.expires_on)} if document.expires_on else {})
    record(action, member, after=told or None)


def _mark_message(message_id: UUID | None, document: StaffDocument) -> None:
    """Transcripts show no preview of a paper: whoever opens it is to be known.

    The mark is the paper's id: it stays one once another photo has taken its place.
    """
    message = db.session.get(BotMessage, message_id) if message_id is not None else None
    if message is not None and isinstance(file := message.content.get("file"), dict):
        message.content = message.content | {"file": file | {"paper": str(document.id)}}


def _is_same(former: StaffDocument, message_id: UUID | None, file_id: UUID | None) -> bool:
    return (message_id is not None and former.message_id == message_id) or (
        file_id is not None and former.file_id == file_id
    )


def _new(member: StaffMember, kind: DocumentType, **columns: Any) -> StaffDocument:
    document = StaffDocument(
        staff_member_id=member.id,
        restaurant_id=member.restaurant_id,
        document_type_id=kind.id,
        state=PaperState.SENT,
        **columns,
    )
    db.session.add(document)
    db.session.flush()
    return document


def _replace_former(document: StaffDocument) -> None:
    former = select(StaffDocument).where(
        StaffDocument.staff_member_id == document.staff_member_id,
        StaffDocument.document_type_id == document.document_type_id,
        StaffDocument.state == PaperState.ACCEPTED,
        StaffDocument.id != document.id,
    )
    for each in db.session.scalars(former):
        each.state = PaperState.REPLACED
    # One is accepted: the database looks at each row by itself.
    db.session.flush()


def _note_checker(document: StaffDocument) -> None:
    document.checked_by_id, document.checked_at = acting_id(), utc_now()


def _held_member(document: StaffDocument) -> StaffMember:
    """Whose it is, held; the paper is read anew: somebody else may have checked it, or erased the person."""
    member = hold_member(document.staff_member_id)
    if db.session.get(StaffDocument, document.id, populate_existing=True) is None:
        raise MoveRefused(CHECKED)
    if is_own(member):
        raise MoveRefused(OWN_PAPER)
    return member
