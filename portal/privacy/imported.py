"""What files told of people who are erased: the rows of imports that are still kept, and the names of files."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import undefer

from portal.audit.models import AuditEvent
from portal.db.base import db
from portal.importing.models import ImportBatch, ImportRow
from portal.onboarding.intake.values import words_in
from portal.scenarios.engine.phone_numbers import read_phone
from portal.staff.models import StaffField, StaffMember

# By these a cell of a file is known to be about them.
CONTACTS = ("phone", "email")
# Numbers in files are written as in Russia.
LANGUAGE = "ru"


@dataclass(frozen=True, slots=True)
class Known:
    """By what files know people: the words of each name, and numbers and addresses.

    A name of one word is everybody's: by such a one nobody is known.
    """

    ids: Sequence[UUID]
    names: frozenset[frozenset[str]]
    contacts: frozenset[str]

    @classmethod
    def of(cls, people: Sequence[StaffMember]) -> "Known":
        """What they are and were called, and under which numbers and addresses."""
        ids = [member.id for member in people]
        told = select(StaffField.field, StaffField.value).where(
            StaffField.staff_member_id.in_(ids), StaffField.field.in_(("name", *CONTACTS))
        )
        words = [(field, getattr(member, field)) for member in people for field in ("name", *CONTACTS)]
        words += [(each.field, each.value) for each in db.session.execute(told)]
        names = {words_in(word) for field, word in words if word and field == "name"}
        contacts = frozenset(_contact(word) for field, word in words if word and field in CONTACTS)
        return cls(ids, frozenset(name for name in names if len(name) > 1), contacts)

    def are_in(self, cells: Iterable[Any]) -> bool:
        """Whether a row tells of one of them: a name in one cell, whatever its order, or in several."""
        texts = [str(each) for each in cells if each is not None]
        if not self.contacts.isdisjoint(map(_contact, texts)):
            return True
        parts = [words_in(text) for text in texts]
        return any(name in (_joined(name, parts), *(name & part for part in parts)) for name in self.names)

    def are_named_by(self, file_name: str) -> bool:
        """Whether a file is called after one of them."""
        return self.are_in([file_name.replace("_", " ")]) or any(word in file_name.casefold() for word in self.contacts)


def forget_imported(people: Sequence[StaffMember]) -> list[UUID]:
    """Remove what imports of people quote of them; the imports that did, and those whose line in the log does."""
    known = Known.of(people)
    of_people = ImportBatch.entity == StaffMember.__tablename__
    touched = []
    for batch_id in db.session.scalars(select(ImportBatch.id).where(of_people)).all():
        batch = db.session.get_one(ImportBatch, batch_id, options=[undefer(ImportBatch.grid)])
        if _forget(batch, known):
            touched.append(batch_id)
        db.session.flush()
        # One file after the other in memory.
        db.session.expire(batch)
    return [*touched, *_gone(known)]


def _forget(batch: ImportBatch, known: Known) -> bool:
    """Their rows of one file, and its name where it is theirs; whether there was anything."""
    numbers = {number for number, cells in batch.grid if known.are_in(cells)}
    is_theirs = or_(ImportRow.entity_id.in_(known.ids), ImportRow.number.in_(numbers))
    gone = delete(ImportRow).where(ImportRow.batch_id == batch.id, is_theirs).returning(ImportRow.number)
    numbers |= set(db.session.scalars(gone))
    if numbers:
        batch.grid = [line for line in batch.grid if line[0] not in numbers]
        # The first cells of each column are quoted beside its heading.
        batch.columns = [column | {"samples": []} for column in batch.columns]
    is_named = known.are_named_by(batch.file_name)
    if is_named:
        batch.file_name = "—"
    return bool(numbers) or is_named


def _gone(known: Known) -> Iterator[UUID]:
    """Imports that the log alone knows by now, under a name that is theirs."""
    of_imports = select(AuditEvent.entity_id, AuditEvent.entity_label).where(
        AuditEvent.entity == ImportBatch.__tablename__
    )
    for entity_id, label in db.session.execute(of_imports.distinct()):
        if entity_id is not None and known.are_named_by(label):
            yield entity_id


def _joined(name: frozenset[str], parts: Sequence[frozenset[str]]) -> frozenset[str]:
    """What of a name the cells hold that hold nothing else."""
    return frozenset().union(*(part for part in parts if part <= name))


def _contact(cell: str) -> str:
    """A cell as it is compared: whatever its letters' case and blanks, a number in full."""
    text = " ".join(cell.casefold().split())
    return (text[:1] in "+(0123456789" and read_phone(text, LANGUAGE)) or text
