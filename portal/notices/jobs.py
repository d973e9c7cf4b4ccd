"""Notices by mail, and forgetting the old ones."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import current_app, g, render_template, request
from flask_babel import force_locale

from portal.db.base import db
from portal.db.types import utc_now
from portal.jobs.queue import OUTSIDE_RETRIES, job
from portal.mail import send
from portal.notices.kinds import KINDS, Told
from portal.notices.queries import claim_unmailed, forget_before, recipients_of
from portal.tenancy.scope import enter, entered, unscoped

# Of what began before, nobody is mailed: not when mail is configured later, nor when the worker was away.
MAIL_LIMIT = timedelta(hours=6)
MOST_MAILED, MOST_FORGOTTEN = 200, 5000
KEPT = timedelta(days=90)


@job(cron="* * * * *")
def mail_new_notices() -> None:
    """Decide who gets the notices of the last minute by mail."""
    if current_app.config["PORTAL"].mail is None:
        return
    with unscoped("worker"):
        fresh = claim_unmailed(utc_now() - MAIL_LIMIT, MOST_MAILED)
    for notice in fresh:
        with entered(notice.account_id):
            for person in recipients_of(notice.id):
                told = str(notice.id), str(person.user_id), str(notice.account_id)
                deliver_notice.queue(notice_id=told[0], user_id=told[1], account_id=told[2])


@job(retry=OUTSIDE_RETRIES)
def deliver_notice(notice_id: str, user_id: str, account_id: str) -> None:
    """Mail one notice to one person, if it still concerns them."""
    enter(UUID(account_id))
    person = next((row for row in recipients_of(UUID(notice_id)) if row.user_id == UUID(user_id)), None)
    if person is None:
        return
    g.account_slug = person.slug
    with force_locale(person.locale or "en"):
        subject, text = written(person)
    db.session.rollback()
    send(person.email, subject, text)


def written(row: Any) -> tuple[str, str]:
    """Subject and text of a mail, in the language in force."""
    kind, told = KINDS[row.kind], Told(row.entity_id, row.entity_label, row.parameters, row.repetitions)
    base = (current_app.config["PUBLIC_URL"] or request.host_url).rstrip("/")
    sentence = kind.sentence(told)
    text = render_template(
        "mail/notice.txt",
        account_name=row.account_name,
        sentence=sentence,
        detail=kind.detail(told),
        link=base + kind.link(told),
        choices=f"{base}/profile/notices",
    )
    return f"{row.account_name}: {sentence}", text


@job(cron="23 * * * *")
def forget_old_notices() -> None:
    """Forget what has been over for long, so many an hour."""
    with unscoped("worker"):
        forget_before(utc_now() - KEPT, MOST_FORGOTTEN)
