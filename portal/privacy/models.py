"""What an account decided about how long it keeps things."""

from calendar import monthrange
from datetime import datetime
from uuid import uuid4

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, SmallInteger, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.audit.recording import record_creation, record_edit
from portal.db.base import TenantEntity, db
from portal.db.tables import table_args
from portal.db.types import utc_now

# The log is evidence: the database itself lets nobody remove younger lines (``forget_log``).
MIN_LOG_MONTHS = 12
MAX_MONTHS = 240
# How long what belongs to the staff is kept where the owner says nothing, and at most.
STAFF_KEPT = {"unconfirmed_days": 90, "candidate_days": 30, "left_months": 12, "paper_photo_days": 30}
MAX_MONTHS_LEFT = 60
MAX_DAYS = 1830


def _kept(key: str) -> Mapped[int]:
    """A column of the staff's with what it is where nobody chose."""
    return mapped_column(SmallInteger, default=STAFF_KEPT[key], server_default=text(str(STAFF_KEPT[key])))


class RetentionPolicy(
    TenantEntity,
    label=_l("Retention"),
    fields={
        "conversation_months": _l("Conversations, in months"),
        "conversations": _l("Conversations"),
        "file_months": _l("Received files, in months"),
        "files": _l("Received files"),
        "candidate_days": _l("Candidates who were not hired, in days"),
        "former_employees": _l("Employees who left"),
        "left_months": _l("Employees who left, in months"),
        "lines": _l("Lines of the log"),
        "log_months": _l("Audit log, in months"),
        "messages": _l("Messages"),
        "paper_photo_days": _l("Photos of papers, in days"),
        "photos": _l("Photos of papers"),
        "unconfirmed": _l("Conversations that never confirmed"),
        "unconfirmed_days": _l("Conversations that never confirmed, in days"),
    },
):
    """How long an account keeps what it may decide about: months, ``None`` is for ever; the staff's always ends."""

    __tablename__ = "retention_policy"
    __table_args__ = (
        *table_args("retention_policy", references={}, archivable=False),
        UniqueConstraint("account_id"),
        CheckConstraint(f"conversation_months BETWEEN 1 AND {MAX_MONTHS}", name="conversation_months"),
        CheckConstraint(f"file_months BETWEEN 1 AND {MAX_MONTHS}", name="file_months"),
        CheckConstraint(f"log_months BETWEEN {MIN_LOG_MONTHS} AND {MAX_MONTHS}", name="log_months"),
        *(
            CheckConstraint(f"{key} BETWEEN 1 AND {MAX_MONTHS_LEFT if key == 'left_months' else MAX_DAYS}", name=key)
            for key in STAFF_KEPT
        ),
    )

    conversation_months: Mapped[int | None]
    file_months: Mapped[int | None]
    log_months: Mapped[int | None]
    unconfirmed_days: Mapped[int] = _kept("unconfirmed_days")
    candidate_days: Mapped[int] = _kept("candidate_days")
    left_months: Mapped[int] = _kept("left_months")
    paper_photo_days: Mapped[int] = _kept("paper_photo_days")

    @classmethod
    def current(cls) -> "RetentionPolicy":
        """The account's; one that keeps all it may, and is not saved, where it decided nothing."""
        return db.session.scalars(select(cls)).one_or_none() or cls(id=uuid4(), **STAFF_KEPT)

    def change(self, **kept: int | None) -> None:
        """Decide anew: months and days by column."""
        is_new = self not in db.session
        for key, value in kept.items():
            setattr(self, key, value)
        if is_new:
            record_creation(self)
        else:
            record_edit(self)

    def shortens(self, **kept: int | None) -> bool:
        """Whether that choice would remove what the present one keeps."""
        pairs = [(getattr(self, key), value) for key, value in kept.items()]
        return any(new is not None and (old is None or new < old) for old, new in pairs)


def months_ago(months: int, moment: datetime | None = None) -> datetime:
    """The same day so many months before; the last of a month that is shorter."""
    moment = moment or utc_now()
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))
