"""The engine's own words: to the person in the chat, and why a conversation cannot go on."""

from collections.abc import Callable

from portal.messaging.kinds import Kind
from portal.scenarios.document.wording import Phrase, _l, shortened

Say = Callable[[Phrase], str]
"""Turns a phrase into text: ``str``, in the language that is set."""

HELP = _l(
    "Answer the question above. /start begins the conversation again, /reset clears your answers, "
    "/help shows this text."
)
CLEARED = _l("Your answers are cleared.")
FINISHED = _l("This conversation is finished. Write /start to begin again.")
CANNOT_GO_ON = _l("The conversation cannot go on here. Write /start to begin again.")
MENU_IS_OLD = _l("This menu is old.")
TOO_MANY = _l("That is too many messages at once. Wait a minute, then write again.")
CHOOSE = _l("Choose an answer:")

ASK_TEXT = _l("Answer with a text.")
ASK_BUTTON = _l("Choose one of the answers.")
ASK_NUMBER = _l("Write a number, such as 12.")
ASK_PHONE = _l("Write a phone number with its country code, such as +7 900 123-45-67.")
ASK_EMAIL = _l("Write an e-mail address, such as anna@example.com.")
ASK_FILE = _l("Send a photo or a file.")
ASK_LOCATION = _l("Send a location.")
UNLIKELY = _l("This answer does not look right. Check it and write it again.")


def wrong_phone(country: str, digits: int) -> Phrase:
    """How many digits a number of a country has."""
    return _l(
        "After %(country)s a phone number has %(digits)s digits. Check it and write it again, "
        "such as +7 900 123-45-67.",
        country=country,
        digits=digits,
    )


def unread(name: str) -> Phrase:
    """A kind of message that no question takes, by the platform's word for it."""
    return _l("The bot cannot read this message (%(kind)s).", kind=Kind(name))


def ask_date(example: str) -> Phrase:
    """How a date is written."""
    return _l("Write a date like %(example)s.", example=example)


def too_short(least: object) -> Phrase:
    """The shortest answer."""
    return _l("Write at least %(least)s characters.", least=least)


def too_long(most: object) -> Phrase:
    """The longest answer."""
    return _l("Write at most %(most)s characters.", most=most)


def too_small(least: object) -> Phrase:
    """The lowest number."""
    return _l("Write a number that is not below %(least)s.", least=least)


def too_large(most: object) -> Phrase:
    """The highest number."""
    return _l("Write a number that is not above %(most)s.", most=most)


def too_early(least: object) -> Phrase:
    """The first date."""
    return _l("Write a date that is not before %(least)s.", least=least)


def too_late(most: object) -> Phrase:
    """The last date."""
    return _l("Write a date that is not after %(most)s.", most=most)


def wrong_file(allowed: str) -> Phrase:
    """The kinds of files that are taken."""
    return _l("This kind of file is not taken here. Send one of: %(allowed)s.", allowed=shortened(allowed, 200))


def file_too_large(most: object) -> Phrase:
    """The largest file, in KB."""
    return _l("The file is larger than %(most)s KB. Send a smaller one.", most=most)


def no_step(name: str) -> Phrase:
    """A way that leads to a step that is not there."""
    return _l("The scenario has no step “%(name)s”.", name=shortened(name))


def outside(name: str) -> Phrase:
    """A way that leads out of the scenario."""
    return _l("“%(name)s” is not a part of this scenario.", name=shortened(name))


def circle(name: str) -> Phrase:
    """Steps that lead to each other without an answer in between."""
    return _l("The steps go round in a circle without an answer, back to “%(name)s”.", name=shortened(name))


def too_far(most: int) -> Phrase:
    """A chain of steps that is cut off."""
    return _l("More than %(most)s steps followed without an answer.", most=most)
