"""Notices by mail, and forgetting the old ones."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import current_app, g, render_template, request
from flask_babel import force_locale

from portal.db.types import utc_now
from portal.jobs.queue import OUTSIDE_RETRIES, job
from portal.mail.delivering import deliver
from portal.mail.models import MailDelivery, MailKind
from portal.notices.kinds import KINDS, NoticeContent
from portal.notices.queries import claim_unmailed, forget_before, recipients_of
from portal.tenancy.scope import account_scope, enter_account, system_scope

# Of what began before, nobody is mailed: not when mail is configured later, nor when the worker was away.
MAIL_LIMIT = timedelta(hours=6)
MAX_MAILED, MAX_FORGOTTEN = 200, 5000
KEPT = timedelta(days=90)


@job(cron="* * * * *")
def mail_new_notices() -> None:
    """Decide who gets the notices of the last minute by mail."""
    if current_app.config["PORTAL"].mail is None:
        return
    with system_scope("worker"):
        fresh = claim_unmailed(utc_now() - MAIL_LIMIT, MAX_MAILED)
    for notice in fresh:
        with account_scope(notice.account_id):
            for person in recipients_of(notice.id):
                ids = str(notice.id), str(person.user_id), str(notice.account_id)
                deliver_notice.queue(notice_id=ids[0], user_id=ids[1], account_id=ids[2])


@job(retry=OUTSIDE_RETRIES, queue="mail", once_by=("notice_id", "user_id"), is_outgoing=True)
def deliver_notice(notice_id: str, user_id: str, account_id: str) -> None:
    """Mail one notice to one person, if it still concerns them."""
    enter_account(UUID(account_id))
    person = next((row for row in recipients_of(UUID(notice_id)) if row.user_id == UUID(user_id)), None)
    if person is None:
        return MailDelivery.drop(MailKind.NOTICE, UUID(notice_id))
    delivery = MailDelivery.begin(MailKind.NOTICE, UUID(notice_id), person.email)
    if delivery.has_ended:
        return None
    g.account_slug = person.slug
    with force_locale(person.locale or "en"):
        subject, text = written(person)
    delivery = deliver(delivery, subject, text)
    if not delivery.has_ended:
        ids = {"notice_id": notice_id, "user_id": user_id, "account_id": account_id}
        deliver_notice.queue(in_seconds=int(delivery.pause.total_seconds()), **ids)
    return None


def written(row: Any) -> tuple[str, str]:
    """Subject and text of a mail, in the language in force."""
    kind, content = KINDS[row.kind], NoticeContent(row.entity_id, row.entity_label, row.parameters, row.repetitions)
    base = (current_app.config["PUBLIC_URL"] or request.host_url).rstrip("/")
    sentence = kind.sentence(content)
    text = render_template(
        "mail/notice.txt",
        account_name=row.account_name,
        sentence=sentence,
        detail=kind.detail(content),
        link=base + kind.link(content),
        choices=None if kind.is_grave else f"{base}/profile/notices",
    )
    return f"{row.account_name}: {sentence}", text


@job(cron="23 * * * *")
def forget_old_notices() -> None:
    """Forget what has been over for long, so many an hour."""
    with system_scope("worker"):
        forget_before(utc_now() - KEPT, MAX_FORGOTTEN)
