"""The commands ``flask rest`` and ``flask release``."""

import time

import click
from flask import current_app
from flask.cli import with_appcontext

from portal.db.base import db
from portal.deployment import resting
from portal.deployment.state import FRESH_SECONDS, deployment_state


@click.command("rest")
@with_appcontext
def rest() -> None:
    """Let nothing leave this deployment: messages, webhooks, mail and calls wait until `flask release`."""
    resting.rest()
    db.session.commit()
    # Every process asks anew within this time.
    time.sleep(FRESH_SECONDS)
    click.echo("Nothing leaves any more. What waits leaves with: flask release")


@click.command("release")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def release(yes: bool) -> None:
    """Make the database this deployment's own, and let leave what waits."""
    name = current_app.config["PORTAL"].identity
    state = deployment_state().read()
    if not state.rests(name):
        click.echo(f"Nothing rests: this database is that of {state.name or name}.")
        return
    whose = (
        "" if state.name in (None, name) else f" This database was that of {state.name}, and becomes that of {name}."
    )
    click.echo(f"Waiting: {resting.count_waiting()}.{whose}")
    if not yes and not click.confirm("Let all of that leave?"):
        raise click.ClickException("Nothing was changed.")
    resting.release(name)
    db.session.commit()
    click.echo("Released.")
