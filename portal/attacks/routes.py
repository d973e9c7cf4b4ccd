"""The superusers' page of what was refused."""

from flask import Blueprint, render_template
from flask_babel import format_decimal

from portal.access.guards import superuser_only
from portal.attacks.attack_page import read_attacks

attack_counts = Blueprint("attacks", __name__, url_prefix="/attacks")


@attack_counts.get("")
@superuser_only
def index() -> str:
    """The last 24 hours."""
    return render_template("attacks/index.html", counts=read_attacks(), format_number=format_decimal)
