"""The few words on buttons that are a platform's and not the scenario's, in the language of the message.

The reader of the portal and the guest of a bot need not speak the same language, and messages are sent outside of any
request: the catalogue is read for itself.
"""

import re
from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations

from portal.messaging.events import ButtonRequest, OutgoingMessage
from portal.messengers.splitting import beginning, has_words

_CATALOGUES = Path(__file__).parents[1] / "translations"
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_LIST_LABEL = 20
_UNWRITTEN = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_EMPTY = "•"


def _l(text: str) -> str:
    # Named like Flask-Babel's own, so that the texts are found when translations are extracted.
    return text


_BUTTON_REQUESTS = {ButtonRequest.PHONE: _l("Share my phone number"), ButtonRequest.LOCATION: _l("Share my location")}
_CHOOSE = _l("Choose")
_TYPE = _l("Or write one of these words:")


def one_line(label: str, most: int | None = None) -> str:
    """What a button says, in one line of at most so many UTF-16 units, never without anything to see."""
    line = " ".join(_UNWRITTEN.sub("", label).split())
    shown = line if most is None else beginning(line, most)
    return shown if has_words(shown) else _EMPTY


def button_request_label(outgoing: OutgoingMessage) -> str:
    """The button that shares a phone number or a place."""
    return _said(outgoing, _BUTTON_REQUESTS[outgoing.button_request or ButtonRequest.PHONE])


def list_label(outgoing: OutgoingMessage) -> str:
    """The button that opens a list, at most 20 characters."""
    return _said(outgoing, _CHOOSE)[:_LIST_LABEL]


def typed_label(outgoing: OutgoingMessage) -> str:
    """What stands above the answers that have no room among the buttons."""
    return _said(outgoing, _TYPE)


def in_language(text: str, language: str) -> str:
    """A text in a language whose code is given (``ru``, ``ru-RU``); in English where it is none of ours."""
    return str(_catalogue("ru" if language.lower().startswith("ru") else "en").gettext(text))


def _said(outgoing: OutgoingMessage, text: str) -> str:
    return in_language(text, _language(outgoing))


@cache
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(_CATALOGUES, [language])


def _language(outgoing: OutgoingMessage) -> str:
    words = [outgoing.text, *(choice.label for choice in outgoing.choices)]
    return "ru" if any(map(_CYRILLIC.search, words)) else "en"
