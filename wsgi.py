"""The WSGI application. A server that loads it gets a safe portal or a plain reason why not."""

import gc
import sys

import click
from flask.cli import ScriptInfo

from config import Config, ConfigurationError, Process
from portal import create_app
from portal.deployment.state import DeploymentState
from portal.safety import refuse_unsafe
from portal.telemetry.serving import begin_serving

SWITCH_SECONDS = 0.0005

# ``flask`` finds its commands here, too; they must run on a database that is not ready to serve, or on none. A server
# may have a command line of click's as well, so it is asked for Flask's own.
context = click.get_current_context(silent=True)
command = context if context is not None and context.find_object(ScriptInfo) is not None else None


def process_of(arguments: list[str]) -> Process:
    """What a command line of Flask's makes of this process."""
    if "worker" in arguments:
        return "worker"
    return "web" if {"run", "serve"} & set(arguments) else "command"


try:
    app = create_app(
        Config.from_environment(
            database=command is None or command.info_name == "run",
            process="web" if command is None else process_of(sys.argv[1:]),
        )
    )
    if command is None:
        # A page asks the database several times and has to get the interpreter back each time: from a thread that draws
        # something large it would wait 5 ms for it, by default, each time.
        sys.setswitchinterval(SWITCH_SECONDS)
        refuse_unsafe(app)
        begin_serving(app)
except ConfigurationError as error:
    # The reasons alone, a line each: a traceback would hide them, and whatever starts this reads them again and again.
    sys.exit(str(error))

state: DeploymentState = app.extensions["deployment_state"]
state.govern()

# What the start has made stays; the collector need not look through it again with every few requests.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 50, 50)
