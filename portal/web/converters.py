"""Types of URL parameters."""

from flask import Flask
from werkzeug.routing import BaseConverter


def install(app: Flask) -> None:
    """Make the types known to the routes."""
    app.url_map.converters.update(slug=SlugConverter, word=WordConverter, secret=SecretConverter)


class SlugConverter(BaseConverter):
    """Latin letters, digits and hyphens: the part of an address that names an account."""

    regex = "[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?"


class WordConverter(BaseConverter):
    """A short lower-case key, such as a platform's."""

    regex = "[a-z0-9_]{1,40}"


class SecretConverter(BaseConverter):
    """The secret of a link that was mailed or handed over."""

    regex = "[A-Za-z0-9_-]{16,100}"
