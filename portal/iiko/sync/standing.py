"""The seed's columns of a row: how it stands with iiko, in step with the whole answers that were applied."""

from datetime import datetime
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

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


def error_in_words(stored: str | None) -> str | None:
    """What is wrong with a row, in the reader's language where the portal knows the words."""
    return _(stored) if stored else None


def stand_synced(row: Any, read_at: datetime | None) -> None:
    """A row that equals what iiko said."""
    row.iiko_sync_status, row.iiko_sync_error, row.iiko_last_synced_at = SyncStatus.SYNCED, None, read_at


def stand_pending(row: Any, iiko_id: str) -> None:
    """A row that was linked and not read since."""
    row.iiko_id, row.iiko_sync_status, row.iiko_sync_error = iiko_id, SyncStatus.PENDING, None


def stand_unlinked(row: Any) -> None:
    """A row that has nothing to do with iiko."""
    row.iiko_id = row.iiko_sync_status = row.iiko_sync_error = row.iiko_last_synced_at = None


class Standing:
    """Writes how the rows of a kind stand that the plan leaves as they are: few statements, however many rows."""

    def __init__(self, run: IikoRun, kind: Kind) -> None:
        self.run, self.kind = run, kind
        self.entity: Any = kind.entity
        self.links = select(IikoLink.entity_id).where(
            IikoLink.connection_id == run.connection_id, IikoLink.kind == kind.key
        )
        self.actions = select(IikoAction.entity_id).where(
            IikoAction.run_id == run.id, IikoAction.kind == kind.key, IikoAction.entity_id.is_not(None)
        )

    def tell_unchanged(self) -> None:
        """When iiko was read, of every row that equals its answer: neither their date nor the log knows of it."""
        same = self.links.where(IikoLink.hash.is_not(None), IikoLink.missing_since.is_(None))
        self._update(
            (self.entity.id.in_(same), self.entity.id.not_in(self.actions)),
            iiko_last_synced_at=self.run.read_at,
            iiko_sync_status=SyncStatus.SYNCED,
            iiko_sync_error=None,
        )

    def tell_failed(self, word: Word) -> None:
        """What keeps linked rows from being in step, where they do not say so already."""
        failed = self.links.where(IikoLink.entity_id.in_(self.actions.where(IikoAction.word == word)))
        error = stored(word)
        self._update(
            (self.entity.id.in_(failed), self.entity.iiko_sync_error.is_distinct_from(error)),
            iiko_sync_status=SyncStatus.FAILED,
            iiko_sync_error=error,
        )

    def tell_missing(self) -> None:
        """Since when iiko does not name what is linked; once known it stands."""
        gone = select(IikoAction.iiko_id).where(
            IikoAction.run_id == self.run.id, IikoAction.kind == self.kind.key, IikoAction.word == Word.MISSING
        )
        links = (
            update(IikoLink)
            .where(
                IikoLink.connection_id == self.run.connection_id,
                IikoLink.kind == self.kind.key,
                IikoLink.missing_since.is_(None),
                IikoLink.iiko_id.in_(gone),
            )
            .values(missing_since=self.run.read_at)
        )
        db.session.execute(links, execution_options={"synchronize_session": False})
        self.tell_failed(Word.MISSING)

    def _update(self, conditions: tuple[Any, ...], **values: Any) -> None:
        statement = update(self.entity).where(*conditions).values(**values)
        db.session.execute(statement, execution_options={"synchronize_session": False})
