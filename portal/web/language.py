"""Language and time zone: the person's choice, else the browser's."""

from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from flask import Flask, g, request
from flask_babel import get_translations
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from portal.access.viewer import current_viewer
from portal.extensions import babel
from portal.web.cookies import cookie_name
from portal.web.times import day_in_words, is_zone, parse_day, time_tag, typed_day

LOCALES = {"en": "English", "ru": "Русский"}
LOCALE_COOKIE = "locale"
ZONE_COOKIE = "tz"
THEME_COOKIE = "theme"
# Of what a browser says of its languages so many letters are read, and kept.
MAX_ACCEPTED = 200
# Longer than any zone's name with every sign of it escaped.
MAX_ZONE = 200
THEMES = ("light", "dark")


def install(app: Flask) -> None:
    """Teach Babel and the templates whose language and zone to speak."""
    babel.init_app(app, locale_selector=choose_locale, timezone_selector=choose_zone)
    app.jinja_env.filters.update(when=when, day=day, field_day=field_day)
    app.jinja_env.globals.update(_=translate, gettext=translate, ngettext=translate_plural)


def choose_locale() -> str:
    """One of ``LOCALES``."""
    if not request:
        return "en"
    if "locale" not in g:
        g.locale = _choose_locale()
    return str(g.locale)


def _choose_locale() -> str:
    viewer = current_viewer()
    for wanted in (viewer.locale if viewer else None, request.cookies.get(cookie_name(LOCALE_COOKIE))):
        if wanted in LOCALES:
            return str(wanted)
    return _best_locale(request.headers.get("Accept-Language", "")[:MAX_ACCEPTED])


@lru_cache(maxsize=512)
def _best_locale(accepted: str) -> str:
    return parse_accept_header(accepted, LanguageAccept).best_match(LOCALES, "en") or "en"


def choose_zone() -> str:
    """The person's zone, else the one their browser told, else UTC."""
    if not request:
        return "UTC"
    if "zone" not in g:
        viewer = current_viewer()
        stored = viewer.timezone if viewer else None
        g.zone = stored if is_zone(stored) else browser_zone() or "UTC"
    return str(g.zone)


def browser_zone() -> str | None:
    """The zone that the browser told (``static/js/portal.js`` writes it percent-encoded); ``None`` where it is none."""
    told = unquote(request.cookies.get(cookie_name(ZONE_COOKIE), "")[:MAX_ZONE])
    return told if is_zone(told) else None


def choose_theme() -> str:
    """``light``, ``dark``, or ``""`` for what the system says."""
    theme = request.cookies.get(cookie_name(THEME_COOKIE), "")
    return theme if theme in THEMES else ""


def when(moment: datetime | None, zone: str | None = None) -> Any:
    """A moment as a ``<time>`` in the reader's zone, or in ``zone``."""
    if "reading" not in g:
        g.reading = (choose_zone(), choose_locale())
    readers_zone, locale = g.reading
    return time_tag(moment, zone or readers_zone, locale)


def day(text: str) -> str:
    """A day of an address or of a field, in the reader's words; nothing for what is none."""
    try:
        return day_in_words(parse_day(text), choose_locale())
    except ValueError:
        return ""


def field_day(text: str) -> str:
    """The same as a field holds it, in the reader's language; browsers' own fields for days speak the browser's."""
    try:
        return typed_day(parse_day(text), choose_locale())
    except ValueError:
        return text


def translate(message: str, **values: Any) -> Markup:
    """``_()`` of the templates: the translated text as markup, with the values escaped into it.

    Flask-Babel looks its state up anew for every text; a page has a hundred of them.
    """
    text = Markup(_translations().ugettext(message))  # noqa: S704
    return text % values if values else text


def translate_plural(singular: str, plural: str, num: int, **values: Any) -> Markup:
    """``ngettext()`` of the templates."""
    text = Markup(_translations().ungettext(singular, plural, num))  # noqa: S704
    return text % {"num": num, **values}


def _translations() -> Any:
    if "translations" not in g:
        g.translations = get_translations()
    return g.translations
