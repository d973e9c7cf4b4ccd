"""Language and time zone: the person's choice, else the browser's."""

from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from flask import Flask, g, request
from flask_babel import Domain, force_locale, get_locale, get_translations
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from portal.access.viewer import current_viewer
from portal.extensions import babel
from portal.web.cookies import cookie_name
from portal.web.times import TimeTags, day_in_words, is_zone, parse_day, typed_day

LOCALES = {"en": "English", "ru": "Русский"}
LOCALE_COOKIE = "locale"
ZONE_COOKIE = "tz"
THEME_COOKIE = "theme"
# Of what a browser says of its languages so many letters are read, and kept.
MAX_ACCEPTED = 200
# Longer than any zone's name with every sign of it escaped.
MAX_ZONE = 200
THEMES = ("light", "dark")


class KeptTranslations(Domain):
    """Finds a language's translations by its code; Flask-Babel spells the locale's full name for every text."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[str, Any] = {}

    def get_translations(self) -> Any:
        """Those of the present language."""
        locale = get_locale()
        if locale is None:
            return super().get_translations()
        if locale.language not in self._kept:
            self._kept[locale.language] = super().get_translations()
        return self._kept[locale.language]


def install(app: Flask) -> None:
    """Teach Babel and the templates whose language and zone to speak."""
    babel.init_app(app, locale_selector=_select_locale, timezone_selector=choose_zone)
    babel.domain_instance = KeptTranslations()
    app.jinja_env.filters.update(when=when, day=day, field_day=field_day)
    app.jinja_env.globals.update(_=translate, gettext=translate, ngettext=translate_plural)


def choose_locale() -> str:
    """One of ``LOCALES``: the person's, and where a text is made for somebody else theirs (``force_locale``)."""
    spoken = str(get_locale() or "")
    return spoken if spoken in LOCALES else _select_locale()


def _select_locale() -> str:
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
    return time_tags(zone)(moment)


def time_tags(zone: str | None = None) -> TimeTags:
    """What writes the moments of a page in the reader's language, in their zone or in ``zone``."""
    if "time_tags" not in g:
        g.time_tags = {}
    kept: dict[str | None, TimeTags] = g.time_tags
    if zone not in kept:
        kept[zone] = TimeTags(zone or choose_zone(), choose_locale())
    return kept[zone]


class Wording:
    """The texts of one language, as templates print them: markup, with the values escaped into it."""

    def __init__(self, language: str) -> None:
        with force_locale(language):
            self._translations = get_translations()

    def text(self, message: str, **values: Any) -> Markup:
        """``_()``."""
        text = Markup(self._translations.ugettext(message))  # noqa: S704
        return text % values if values else text

    def plural(self, singular: str, plural: str, num: int, **values: Any) -> Markup:
        """``ngettext()``."""
        text = Markup(self._translations.ungettext(singular, plural, num))  # noqa: S704
        return text % {"num": num, **values}


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
    """``_()`` of templates that belong to no language."""
    return _wording().text(message, **values)


def translate_plural(singular: str, plural: str, num: int, **values: Any) -> Markup:
    """``ngettext()`` of such templates."""
    return _wording().plural(singular, plural, num, **values)


def _wording() -> Wording:
    return Wording(str(get_locale() or "en"))
