"""``flask status``: how the queues stand, and whether somebody should be called."""

import json
import sys

import click
from flask.cli import with_appcontext

from portal.telemetry.alarms import alarming
from portal.telemetry.queries import Figures, read_figures


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="One object of JSON, for programs.")
@with_appcontext
def status(as_json: bool) -> None:
    """Say how the queues stand; exit code 1 where somebody should be called."""
    figures = read_figures()
    alarms = list(alarming(figures))
    click.echo(written_as_json(figures, alarms) if as_json else written(figures, alarms))
    if alarms:
        sys.exit(1)


def written_as_json(figures: Figures, alarms: list[str]) -> str:
    """``{"figures": {...}, "alarms": [...]}``."""
    return json.dumps({"figures": figures.as_dict(), "alarms": alarms})


def written(figures: Figures, alarms: list[str]) -> str:
    """A figure a line, then the alarms."""
    told = {name.replace("_", " "): "-" if value is None else value for name, value in figures.as_dict().items()}
    lines = [f"{name:26}{value}" for name, value in told.items()]
    return "\n".join([*lines, "", *(alarms or ["Nothing is alarming."])])
