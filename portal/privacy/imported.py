"""What files told of somebody who is erased: the rows of imports that are still kept."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import undefer

from portal.db.base import db
from portal.importing.models import ImportBatch, ImportRow
from portal.scenarios.engine.phone_numbers import read_phone
from portal.staff.models import StaffField, StaffMember

# By these a cell of a file is known to be about them.
TELLING = ("name", "phone", "email")
# Numbers in files are written as in Russia.
LANGUAGE = "ru"


def forget_imported(member: StaffMember) -> list[UUID]:
    """Remove what imports of people quote of them; the imports that did."""
    words = _words_of(member)
    of_people = ImportBatch.entity == StaffMember.__tablename__
    touched = []
    for batch_id in db.session.scalars(select(ImportBatch.id).where(of_people)).all():
        batch = db.session.get_one(ImportBatch, batch_id, options=[undefer(ImportBatch.grid)])
        if _forget(batch, member, words):
            touched.append(batch_id)
        db.session.flush()
        # One file after the other in memory.
        db.session.expire(batch)
    return touched


def _forget(batch: ImportBatch, member: StaffMember, words: frozenset[str]) -> bool:
    """Their rows of one file, and its name where it is theirs; whether there was anything."""
    numbers = {number for number, cells in batch.grid if words & set(map(_word, cells))}
    is_theirs = or_(ImportRow.entity_id == member.id, ImportRow.number.in_(numbers))
    gone = delete(ImportRow).where(ImportRow.batch_id == batch.id, is_theirs).returning(ImportRow.number)
    numbers |= set(db.session.scalars(gone))
    if numbers:
        batch.grid = [line for line in batch.grid if line[0] not in numbers]
        # The first cells of each column are quoted beside its heading.
        batch.columns = [column | {"samples": []} for column in batch.columns]
    is_named = any(word in _word(batch.file_name) for word in words)
    if is_named:
        batch.file_name = "—"
    return bool(numbers) or is_named


def _words_of(member: StaffMember) -> frozenset[str]:
    """What they are and were called, and under which numbers and addresses."""
    told = select(StaffField.value).where(StaffField.staff_member_id == member.id, StaffField.field.in_(TELLING))
    words = {member.name, member.phone, member.email, *db.session.scalars(told)}
    return frozenset(_word(word) for word in words if word)


def _word(cell: Any) -> str:
    """A cell as it is compared: whatever its letters' case and blanks, a number in full."""
    text = " ".join(str(cell if cell is not None else "").casefold().split())
    return read_phone(text, LANGUAGE) or text
