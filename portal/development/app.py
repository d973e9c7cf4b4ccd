"""The portal as ``bin/dev`` serves it, with the commands of a developer's machine.

``flask --app portal.development.app demo``. What serves in production is ``wsgi.py``, which knows nothing of this.
"""

import sys

from portal.development.demo.coming_alive import come_alive
from portal.development.demo.command import demo
from portal.development.sign_in_links import sign_in_links
from wsgi import app

if app.config["PORTAL"].environment == "production":
    sys.exit("What belongs to development signs people in without a password: not in production.")

app.cli.add_command(demo)
app.cli.add_command(come_alive)
app.register_blueprint(sign_in_links)
