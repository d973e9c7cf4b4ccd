"""The names of cookies."""

from flask import current_app

HOST_BOUND = "__Host-"


def cookie_name(name: str) -> str:
    """The name as browsers keep it: bound to this very host, and to TLS, where cookies travel by TLS alone."""
    return f"{HOST_BOUND}{name}" if current_app.config["SESSION_COOKIE_SECURE"] else name
