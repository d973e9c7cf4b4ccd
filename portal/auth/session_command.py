"""Ending sessions by an operator's hand: after a lost device, or after a break-in."""

import click
from flask.cli import with_appcontext
from sqlalchemy import delete

from portal.audit.models import Action
from portal.audit.recording import record
from portal.auth.signing_in import find_user
from portal.db.base import db
from portal.tenancy.scope import enter_account, system_scope
from portal.users.sessions import UserSession


@click.command("end-sessions")
@click.argument("email", required=False)
@click.option("--everybody", is_flag=True, help="Sign out all people of all chains, superusers included.")
@with_appcontext
def end_sessions(email: str | None, everybody: bool) -> None:
    """Sign out whoever signs in as EMAIL on every device, or everybody: their cookies are dead at the next request."""
    if bool(email) == everybody:
        raise click.UsageError("Name an e-mail address, or say --everybody.")
    count = _end_all() if email is None else _end_those_of(email)
    db.session.commit()
    click.echo(f"{count} sessions ended.")


def _end_those_of(email: str) -> int:
    user = find_user(email)
    if user is None:
        raise click.ClickException(f"Nobody active signs in as {email}.")
    enter_account(user.account_id)
    count = UserSession.end_all(user.id)
    if count:
        record(Action.SESSION_ENDED, user, after={"sessions": count})
    return count


def _end_all() -> int:
    with system_scope("worker"):
        return int(db.session.execute(delete(UserSession)).rowcount)  # type: ignore[attr-defined]
