"""The seed's columns of a row: how it stands with iiko, in step with the whole answers that were applied."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, literal, select, update

from portal.db.base import db
from portal.iiko.models import IikoRun
from portal.iiko.sync.kinds import Kind
from portal.iiko.sync.models import IikoAction, IikoLink, Word
from portal.restaurants.models import SyncStatus

# Stored as they stand here, in English; shown in the reader's language.
SENTENCES = {
    Word.MISSING: _l("iiko does not name it any more. Nothing is removed here."),
    Word.CONFLICT: _l("iiko changed it in a way that a person has to decide about."),
    Word.ERROR: _l("iiko's row of it could not be read."),
}


def stored(word: Word) -> str:
    """The sentence as it is stored."""
    with force_locale("en"):
        return str(SENTENCES[word])


def tells_standing(entity: type[Any]) -> bool:
    """Whether rows of a class say how they stand with iiko: units do not."""
    return hasattr(entity, "iiko_sync_status")


def error_in_words(stored: str | None) -> str | None:
    """What is wrong with a row, in the reader's language where the portal knows the words."""
    return _(stored) if stored else None


def stand_synced(row: Any, iiko_id: str | None, read_at: datetime | None) -> None:
    """A row that equals what iiko said."""
    row.iiko_id = iiko_id
    if tells_standing(type(row)):
        row.iiko_sync_status, row.iiko_sync_error, row.iiko_last_synced_at = SyncStatus.SYNCED, None, read_at


def stand_pending(row: Any, iiko_id: str) -> None:
    """A row that was linked and not read since."""
    row.iiko_id = iiko_id
    if tells_standing(type(row)):
        row.iiko_sync_status, row.iiko_sync_error = SyncStatus.PENDING, None


def stand_unlinked(row: Any) -> None:
    """A row that has nothing to do with iiko."""
    row.iiko_id = None
    if tells_standing(type(row)):
        row.iiko_sync_status = row.iiko_sync_error = row.iiko_last_synced_at = None


class Standing:
    """Writes how the rows of a kind stand that the plan leaves as they are: few statements, however many rows.

    They are named by their ids and not by joins: of rows that were just written the server knows too little to plan.
    """

    def __init__(self, run: IikoRun, kind: Kind, days: Sequence[str] = ()) -> None:
        self.run, self.kind = run, kind
        self.entity: Any = kind.entity
        here: list[Any] = [IikoLink.connection_id == run.connection_id, IikoLink.kind == kind.key]
        if days:
            # Of other days nothing was read.
            first, last = map(date.fromisoformat, days)
            here.append(IikoLink.day.between(first, last))
        query = select(IikoLink.id, IikoLink.entity_id, IikoLink.hash, IikoLink.missing_since).where(*here)
        self.links = {link.entity_id: link for link in db.session.execute(query)}
        told = select(IikoAction.entity_id, IikoAction.word).where(
            IikoAction.run_id == run.id, IikoAction.kind == kind.key
        )
        self.words = {entity_id: word for entity_id, word in db.session.execute(told) if entity_id is not None}

    def tell_unchanged(self) -> None:
        """When iiko was read, of every row that equals its answer: neither their date nor the log knows of it."""
        same = [
            entity_id
            for entity_id, link in self.links.items()
            if entity_id not in self.words and link.hash and link.missing_since is None
        ]
        read = {"iiko_last_synced_at": self.run.read_at}
        self._update(same, **read, iiko_sync_status=SyncStatus.SYNCED, iiko_sync_error=None)

    def tell_failed(self, word: Word) -> None:
        """What keeps linked rows from being in step, where they do not say so already."""
        error = stored(word)
        if not tells_standing(self.entity):
            return
        untold = self.entity.iiko_sync_error.is_distinct_from(error)
        self._update(self._with(word), untold, iiko_sync_status=SyncStatus.FAILED, iiko_sync_error=error)

    def tell_missing(self) -> None:
        """Since when iiko does not name what is linked; once known it stands."""
        gone = [link.id for each in self._with(Word.MISSING) if (link := self.links[each]).missing_since is None]
        links = update(IikoLink).where(_is_one_of(IikoLink.id, gone)).values(missing_since=self.run.read_at)
        if gone:
            db.session.execute(links, execution_options={"synchronize_session": False})
        self.tell_failed(Word.MISSING)

    def _with(self, word: Word) -> list[UUID]:
        """The linked rows that the plan says this of."""
        return [entity_id for entity_id, each in self.words.items() if each is word and entity_id in self.links]

    def _update(self, ids: list[UUID], *conditions: Any, **values: Any) -> None:
        if ids and tells_standing(self.entity):
            statement = update(self.entity).where(_is_one_of(self.entity.id, ids), *conditions).values(**values)
            db.session.execute(statement, execution_options={"synchronize_session": False})


def _is_one_of(column: Any, ids: list[UUID]) -> ColumnElement[bool]:
    """One parameter, however many ids there are; sorted, so that rows are locked in their order."""
    return column == any_(literal(sorted(ids), ARRAY(Uuid())))
