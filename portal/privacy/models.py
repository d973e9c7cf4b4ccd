"""What an account decided about how long it keeps things."""

from calendar import monthrange
from datetime import datetime
from uuid import uuid4

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, UniqueConstraint, select
from sqlalchemy.orm import Mapped

from portal.audit.recording import record_creation, record_edit
from portal.db.base import TenantEntity, db
from portal.db.tables import table_args
from portal.db.types import utc_now

# The log is evidence: the database itself lets nobody remove younger lines (``forget_log``).
MIN_LOG_MONTHS = 12
MAX_MONTHS = 240


class RetentionPolicy(
    TenantEntity,
    label=_l("Retention"),
    fields={
        "conversation_months": _l("Conversations, in months"),
        "conversations": _l("Conversations"),
        "file_months": _l("Received files, in months"),
        "files": _l("Received files"),
        "lines": _l("Lines of the log"),
        "log_months": _l("Audit log, in months"),
        "messages": _l("Messages"),
    },
):
    """How many months an account keeps what it may decide about; ``None`` is for ever."""

    __tablename__ = "retention_policy"
    __table_args__ = (
        *table_args("retention_policy", references={}, archivable=False),
        UniqueConstraint("account_id"),
        CheckConstraint(f"conversation_months BETWEEN 1 AND {MAX_MONTHS}", name="conversation_months"),
        CheckConstraint(f"file_months BETWEEN 1 AND {MAX_MONTHS}", name="file_months"),
        CheckConstraint(f"log_months BETWEEN {MIN_LOG_MONTHS} AND {MAX_MONTHS}", name="log_months"),
    )

    conversation_months: Mapped[int | None]
    file_months: Mapped[int | None]
    log_months: Mapped[int | None]

    @classmethod
    def current(cls) -> "RetentionPolicy":
        """The account's; one that keeps everything, and is not saved, where it decided nothing."""
        return db.session.scalars(select(cls)).one_or_none() or cls(id=uuid4())

    def change(self, conversation_months: int | None, file_months: int | None, log_months: int | None) -> None:
        """Decide anew."""
        is_new = self not in db.session
        self.conversation_months, self.file_months, self.log_months = conversation_months, file_months, log_months
        if is_new:
            record_creation(self)
        else:
            record_edit(self)

    def shortens(self, conversation_months: int | None, file_months: int | None, log_months: int | None) -> bool:
        """Whether that choice would remove what the present one keeps."""
        pairs = (
            (self.conversation_months, conversation_months),
            (self.file_months, file_months),
            (self.log_months, log_months),
        )
        return any(new is not None and (old is None or new < old) for old, new in pairs)


def months_ago(months: int, moment: datetime | None = None) -> datetime:
    """The same day so many months before; the last of a month that is shorter."""
    moment = moment or utc_now()
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))
