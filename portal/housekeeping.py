"""What the portal tidies up by itself."""

import logging

from procrastinate import JobContext
from sqlalchemy import delete, or_, select, update

from portal.accounts.models import VISIT_IDLE_LIMIT, Account, SuperuserVisit
from portal.attacks.queries import forget_old_counts
from portal.auth.failed_sign_ins import tell_of_failed_sign_ins
from portal.auth.throttle import forget_old_attempts
from portal.conversations.activity import DialogActivity
from portal.db.base import db
from portal.db.sealing import seal_account_secrets
from portal.db.types import utc_now
from portal.importing.models import ImportBatch
from portal.jobs.queue import job, jobs
from portal.mail.models import MailDelivery
from portal.tenancy.scope import account_scope, system_scope
from portal.users.sessions import SESSION_LIMITS, PasswordReset, PendingSignIn, UserSession

log = logging.getLogger(__name__)
STALLED_AFTER_SECONDS = 60
FAILED_JOBS_KEPT_HOURS = 30 * 24


@job(cron="*/5 * * * *")
def tidy_up() -> None:
    """Forget dead sessions, spent links and old guesses; end visits that nobody uses."""
    now = utc_now()
    forget_old_attempts()
    with system_scope("worker"):
        db.session.execute(
            delete(UserSession).where(
                or_(UserSession.expires_at < now, UserSession.last_seen_at < now - SESSION_LIMITS.idle)
            )
        )
        db.session.execute(delete(PasswordReset).where(PasswordReset.expires_at < now - SESSION_LIMITS.idle))
        db.session.execute(delete(PendingSignIn).where(PendingSignIn.expires_at < now))
        # A visit ends with its session, whatever ended that.
        is_over = or_(SuperuserVisit.last_seen_at < now - VISIT_IDLE_LIMIT, SuperuserVisit.session_id.is_(None))
        ended = db.session.execute(
            update(SuperuserVisit)
            .where(SuperuserVisit.ended_at.is_(None), is_over)
            .values(ended_at=now)
            .returning(SuperuserVisit.id, SuperuserVisit.account_id)
        ).all()
    for visit_id, account_id in ended:
        with account_scope(account_id):
            db.session.get_one(SuperuserVisit, visit_id).tell_of_idle_end()


@job(cron="*/5 * * * *")
def tell_of_attacks() -> None:
    """Tell chains of guesses that no line has told yet, and forget old counts."""
    forget_old_counts()
    tell_of_failed_sign_ins()


@job(cron="23 * * * *")
def sum_up_activity() -> None:
    """Keep what is counted of each account's conversations short."""
    with system_scope("worker"):
        account_ids = db.session.scalars(select(Account.id)).all()
    for account_id in account_ids:
        with account_scope(account_id):
            DialogActivity.sum_up()
        db.session.commit()


@job(cron="47 3 * * *")
def forget_mails() -> None:
    """Remove what became of mails of long ago."""
    with system_scope("worker"):
        MailDelivery.forget_old()


@job(cron="*/10 * * * *")
def seal_secrets() -> None:
    """Seal what older writers left in clear, and reseal what an older key sealed."""
    with system_scope("worker"):
        account_ids = db.session.scalars(select(Account.id)).all()
    for account_id in account_ids:
        with account_scope(account_id):
            sealed = seal_account_secrets()
        db.session.commit()
        if sealed.count:
            log.info("sealed %s secrets of account %s", sealed.count, account_id)
        for place in sealed.unreadable:
            log.warning("no key opens the secret of %s %s", place.table, place.row_id)


@job(cron="41 3 * * *")
def forget_imports() -> None:
    """Remove what was read from files a month ago; what it added or changed stays, and so does the log."""
    with system_scope("worker"):
        account_ids = db.session.scalars(select(Account.id)).all()
    for account_id in account_ids:
        with account_scope(account_id):
            ImportBatch.forget_old()
        db.session.commit()


@jobs.periodic(cron="* * * * * */15")
@jobs.task(name="retry_stalled_jobs", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Give the jobs of killed workers to others."""
    manager = context.app.job_manager
    for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_SECONDS):
        await manager.retry_job(stalled)


@jobs.periodic(cron="17 3 * * *")
@jobs.task(name="forget_failed_jobs", pass_context=True)
async def forget_failed_jobs(context: JobContext, timestamp: int) -> None:
    """Remove what failed long ago; what succeeded was removed at once."""
    await context.app.job_manager.delete_old_jobs(
        FAILED_JOBS_KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )
