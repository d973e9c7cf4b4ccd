"""The WSGI application. A server that loads it gets a safe portal or a plain reason why not."""

import click

from portal import create_app
from portal.safety import refuse_unsafe

app = create_app()

# ``flask`` finds its commands here, too; they must run on a database that is not ready to serve.
if click.get_current_context(silent=True) is None:
    refuse_unsafe(app)
