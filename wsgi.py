"""The WSGI application. A server that loads it gets a safe portal or a plain reason why not."""

import gc

import click

from portal import create_app
from portal.safety import refuse_unsafe

app = create_app()

# ``flask`` finds its commands here, too; they must run on a database that is not ready to serve.
if click.get_current_context(silent=True) is None:
    refuse_unsafe(app)

# What the start has made stays; the collector need not look through it again with every few requests.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 50, 50)
