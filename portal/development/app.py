"""The portal with the commands of a developer's machine: ``flask --app portal.development.app demo``."""

from portal.development.demo.command import demo
from wsgi import app

app.cli.add_command(demo)
