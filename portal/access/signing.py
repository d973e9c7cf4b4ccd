"""The keys that sign: the present one, and former ones that still prove what they signed."""

from flask import current_app


def signing_keys() -> tuple[str, ...]:
    """The present key first, the former ones after it."""
    return (str(current_app.config["SECRET_KEY"]), *current_app.config["SECRET_KEY_FALLBACKS"])
