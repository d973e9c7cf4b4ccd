"""The parent of every page that belongs to an account: ``/accounts/<slug>/…``."""

from flask import Blueprint

account_pages = Blueprint("account", __name__, url_prefix="/accounts/<slug:account_slug>")
