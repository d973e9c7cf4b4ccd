"""Who works on a file: the request itself where that takes a moment, else a job in the name of whoever asked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _

from portal.audit.recording import acting
from portal.db.base import db
from portal.db.states import MoveRefused
from portal.invoices.files.applying import TooManyRefused, apply_file, judge_again, undo_file
from portal.invoices.files.judging import Tell
from portal.invoices.files.models import InvoiceFile, Step
from portal.invoices.files.progress import Progress
from portal.jobs.queue import job
from portal.tenancy.scope import enter_account
from portal.users.models import User

# So many rows are judged, or written, while the person waits.
MAX_AT_ONCE = 300

WORK: dict[Step, Callable[[InvoiceFile, Tell], object]] = {
    Step.JUDGING: judge_again,
    Step.APPLYING: apply_file,
    Step.UNDOING: undo_file,
}


@dataclass(frozen=True)
class ActingColleague:
    """Whoever asked for the work, as the log names them."""

    id: UUID
    email: str
    display_name: str
    is_superuser: bool = False

    @property
    def colleague_id(self) -> UUID:
        """Their own id, for rows that name who made them."""
        return self.id


def work_on(file: InvoiceFile, step: Step) -> bool:
    """Do it now, or have it done; whether it was done. A file on which somebody works already is left to them.

    Where it could not be done ``file.error`` says why.
    """
    if file.is_moving:
        return False
    if len(file.batch.grid) <= MAX_AT_ONCE or file.is_incomplete:
        return _work(file, step, lambda percent: None)
    file.begin(step)
    work_on_file.queue(file_id=str(file.id), account_id=str(file.account_id))
    return False


@job(queue="files", once_by=("file_id",))
def work_on_file(file_id: str, account_id: str) -> None:
    """Do what a file waits for; whatever goes wrong is told on its page."""
    enter_account(UUID(account_id))
    file = db.session.get(InvoiceFile, UUID(file_id))
    if file is None or file.step is None:
        return
    restaurants = file.batch.restaurant_ids
    # As the person saw it: what they do not see is not written in their name.
    enter_account(file.account_id, None if restaurants is None else tuple(restaurants))
    tell = Progress(file)
    with force_locale(file.options.get("locale", "en")), in_the_name_of(file.batch.author_id):
        _work(file, file.step, tell)


def _work(file: InvoiceFile, step: Step, tell: Tell) -> bool:
    """Do it as a whole or not at all; whether it was done, else the file says why."""
    try:
        with db.session.begin_nested():
            WORK[step](file, tell)
    except TooManyRefused:
        file.end(_("Others have entered many of these papers meanwhile. Look at the preview again."))
    except MoveRefused as refusal:
        file.end(str(refusal.reason))
    else:
        file.end()
    return file.error is None


@contextmanager
def in_the_name_of(author_id: UUID | None) -> Iterator[None]:
    """What is written within it is that colleague's deed; support's is nobody's."""
    author = db.session.get(User, author_id) if author_id else None
    if author is None:
        yield
        return
    with acting(ActingColleague(author.id, author.email, author.full_name or author.email)):
        yield
