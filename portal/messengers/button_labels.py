"""The few words on buttons that are a platform's and not the scenario's, in the language of the message.

The reader of the portal and the guest of a bot need not speak the same language, and messages are sent outside of any
request: the catalogue is read for itself.
"""

import re
from functools import cache
from pathlib import Path

from babel.support import NullTranslations, Translations

from portal.messaging.events import Utterance, Wish

_CATALOGUES = Path(__file__).parents[1] / "translations"
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_LIST_LABEL = 20


def _l(text: str) -> str:
    # Named like Flask-Babel's own, so that the texts are found when translations are extracted.
    return text


_WISHES = {Wish.PHONE: _l("Share my phone number"), Wish.LOCATION: _l("Share my location")}
_CHOOSE = _l("Choose")


def wish_label(utterance: Utterance) -> str:
    """The button that shares a phone number or a place."""
    return _said(utterance, _WISHES[utterance.wish or Wish.PHONE])


def list_label(utterance: Utterance) -> str:
    """The button that opens a list, at most 20 characters."""
    return _said(utterance, _CHOOSE)[:_LIST_LABEL]


def _said(utterance: Utterance, text: str) -> str:
    return str(_catalogue(_language(utterance)).gettext(text))


@cache
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(_CATALOGUES, [language])


def _language(utterance: Utterance) -> str:
    words = [utterance.text, *(choice.label for choice in utterance.choices)]
    return "ru" if any(map(_CYRILLIC.search, words)) else "en"
