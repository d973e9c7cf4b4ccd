"""The portal's own phrases in the language of a scenario."""

from collections.abc import Callable

from flask_babel import force_locale

from portal.scenarios.document.wording import Phrase


def say_in(language: str) -> Callable[[Phrase], str]:
    """How the engine says its phrases in a language."""
    return lambda phrase: spoken(phrase, language) or ""


def spoken(phrase: Phrase | None, language: str) -> str | None:
    """A phrase in words; nothing where there is none."""
    if phrase is None:
        return None
    with force_locale(language):
        return str(phrase)
