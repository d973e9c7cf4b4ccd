"""The portal's commands: ``flask worker``, ``flask doctor`` and the rest."""

import io
import sys
from pathlib import Path
from uuid import UUID

import click
from email_validator import EmailNotValidError, validate_email
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from config import ConfigurationError
from portal.accounts.models import Account
from portal.auth.factors.protection import reset_factors
from portal.auth.passwords import hash_password, password_problem
from portal.auth.session_command import end_sessions
from portal.auth.signing_in import find_user
from portal.db.base import db
from portal.db.sealing import seal_account_secrets
from portal.deployment.commands import release, rest
from portal.doctor.examination import examine
from portal.messengers.registry import PLATFORMS
from portal.safety import UNFORCED_TABLES, refuse_unsafe
from portal.scenarios.document.problems import ScenarioUnreadable
from portal.scenarios.talking import open_file, problems_of, talk, told
from portal.telemetry.serving import begin_serving
from portal.telemetry.status import status
from portal.tenancy.scope import account_scope, enter_account, system_scope
from portal.users.operators import create_superuser
from portal.users.sessions import PasswordReset


def install(app: Flask) -> None:
    """Add the commands to ``flask``."""
    people = (new_superuser, new_password_link, reset_factor, end_sessions)
    for command in (serve, worker, doctor, status, rest, release, *people, rotate_credentials, scenarios):
        app.cli.add_command(command)


@click.command("serve", context_settings={"ignore_unknown_options": True})
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
@with_appcontext
def serve(options: tuple[str, ...]) -> None:
    """Serve pages until SIGTERM; OPTIONS go to granian."""
    from portal.serving import become_server

    app = current_app._get_current_object()  # type: ignore[attr-defined]
    refuse(app)
    become_server(app.config["PORTAL"], options)


def refuse(app: Flask) -> None:
    """End with the reasons, a line each, where the portal would not be safe."""
    try:
        refuse_unsafe(app)
    except ConfigurationError as error:
        sys.exit(str(error))


@click.command("worker")
@click.option("--concurrency", default=4, show_default=True, help="How many jobs run side by side.")
@with_appcontext
def worker(concurrency: int) -> None:
    """Run the jobs until SIGTERM."""
    from portal.worker import run_worker

    app = current_app._get_current_object()  # type: ignore[attr-defined]
    refuse(app)
    begin_serving(app)
    run_worker(app, concurrency)


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Say in plain words what is wrong with this installation."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    findings = examine(app, UNFORCED_TABLES)
    for finding in findings:
        click.echo(str(finding))
    if not findings:
        click.echo("Nothing is wrong.")
    if any(finding.severity in ("refuse", "fault") for finding in findings):
        sys.exit(1)


@click.command("create-superuser")
@click.argument("email")
@click.option("--name", default="", help="Full name.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@with_appcontext
def new_superuser(email: str, name: str, password_stdin: bool) -> None:
    """Create a superuser; the password is asked for."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError:
        raise click.ClickException(f"{email!r} is no e-mail address.") from None
    problem = password_problem(password, email=email, name=name)
    if problem:
        raise click.ClickException(str(problem))
    if create_superuser(email, hash_password(password), name or None) is None:
        raise click.ClickException(f"{email} has access already.")
    db.session.commit()
    click.echo(f"{email} may sign in and enter every account.")


@click.command("reset-link")
@click.argument("email")
@with_appcontext
def new_password_link(email: str) -> None:
    """Print a link that lets somebody set a new password, for an owner whom nobody else can help."""
    user = find_user(email)
    if user is None:
        raise click.ClickException(f"Nobody active signs in as {email}.")
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    enter_account(user.account_id)
    reset = PasswordReset.offer(user, "shown")
    with app.test_request_context(base_url=app.config["PUBLIC_URL"] or f"http://127.0.0.1:{app.config['PORTAL'].port}"):
        link = reset.link
    db.session.commit()
    click.echo(f"For an hour, once: {link}")


@click.command("reset-factor")
@click.argument("email")
@with_appcontext
def reset_factor(email: str) -> None:
    """Forget the second factors of somebody who has lost them; the chain's owners are told."""
    user = find_user(email)
    if user is None:
        raise click.ClickException(f"Nobody active signs in as {email}.")
    enter_account(user.account_id)
    if user.second_factor_since is None:
        raise click.ClickException(f"{email} has no second factor.")
    reset_factors(user)
    db.session.commit()
    click.echo(f"{email} is signed out everywhere and signs in by the password alone until they set a factor up again.")


@click.command("rotate-credentials")
@with_appcontext
def rotate_credentials() -> None:
    """Seal every stored secret under the newest of CREDENTIAL_KEYS; the portal keeps running."""
    with system_scope("worker"):
        accounts: list[UUID] = list(db.session.scalars(select(Account.id)))
    count, unreadable = 0, 0
    for account_id in accounts:
        with account_scope(account_id):
            sealed = seal_account_secrets()
        db.session.commit()
        count += sealed.count
        unreadable += len(sealed.unreadable)
        for place in sealed.unreadable:
            click.echo(f"No key opens the secret of {place.table} {place.row_id}.", err=True)
    click.echo(f"{count} secrets sealed under the newest key.")
    if unreadable:
        sys.exit(1)


@click.group("scenarios")
def scenarios() -> None:
    """Scenarios as files; no database is needed."""


@scenarios.command("talk")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--platform", "name", help="Show each message as this platform would.")
@with_appcontext
def talk_with_scenario(file: Path, name: str | None) -> None:
    """Talk to the scenario in FILE, a line a message; /press LABEL is a button, delays are skipped."""
    adapter = PLATFORMS.get(name or "")
    if name and adapter is None:
        raise click.BadParameter(f"{name} is none of {', '.join(PLATFORMS)}.", param_hint="--platform")
    try:
        document = open_file(file)
    except ScenarioUnreadable as fault:
        raise click.ClickException(told(file, fault.problem)) from None
    for line in problems_of(file, document):
        click.echo(line, err=True)
    if sys.stdin.isatty():
        click.echo("A line is a message, /press LABEL a button, Ctrl-D the end.", err=True)
    talk(document, io.TextIOWrapper(sys.stdin.buffer, "utf-8", "replace"), click.echo, adapter)
