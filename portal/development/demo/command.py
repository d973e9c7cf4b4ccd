"""The command that loads the demo data."""

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from portal.accounts.models import Account
from portal.db.base import db
from portal.development.demo.loading import DEMO_SLUGS, load_demo
from portal.tenancy.scope import system_scope


@click.command("demo")
@click.option("--if-empty", is_flag=True, help="Do nothing where the database holds anything.")
@with_appcontext
def demo(if_empty: bool) -> None:
    """Load two chains to look around in; refuses on a database that holds anything else."""
    if current_app.config["PORTAL"].environment == "production":
        raise click.ClickException("Demo data hold people whose password anybody can read: not in production.")
    with system_scope("worker"):
        slugs = set(db.session.scalars(select(Account.slug)))
    if slugs:
        if if_empty:
            click.echo("Demo data are here." if slugs >= DEMO_SLUGS else "This database has no demo data.")
            return
        raise click.ClickException("This database holds data: demo data go into an empty one only.")
    load_demo()
    db.session.commit()
    click.echo("Demo data loaded.")
