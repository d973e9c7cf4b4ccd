"""What an owner types: the token of a bot made with BotFather."""

import re
from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from portal.messengers.fields import CredentialField, bare, normalised

TOKEN = re.compile(r"[0-9]{6,12}:[A-Za-z0-9_-]{30,64}")
_TOKEN_IN_TEXT = re.compile(rf"(?<![A-Za-z0-9_-])(?:bot)?({TOKEN.pattern})(?![A-Za-z0-9_-])")


def token_in(value: object) -> str:
    """The token alone, also out of BotFather's whole message or a bot's API address."""
    text = bare(value)
    found = _TOKEN_IN_TEXT.search(text)
    return found[1] if found else text


def bot_id(token: str) -> str:
    """The bot's numeric id, which is the public part of its token; empty for what is no token."""
    return token.partition(":")[0] if TOKEN.fullmatch(token) else ""


FIELDS = (
    CredentialField(
        name="token",
        label=_l("Bot token"),
        help=_l("BotFather's message with the token can be pasted whole."),
        normalise=token_in,
        pattern=TOKEN,
        problem=_l("This is not a bot token. A token looks like 123456789:AAE… and comes from BotFather."),
    ),
)
STEPS = (
    _l("Open Telegram and find the user @BotFather, the one with the blue tick."),
    _l("Send /newbot and answer its two questions: the bot's name, and a user name that ends in “bot”."),
    _l("For a bot that exists already, send /mybots, choose the bot, then “API Token”."),
    _l("Copy BotFather's answer and paste it into the field."),
)


def token_of(values: Mapping[str, object]) -> str:
    """The token among a bot's credentials."""
    return normalised(FIELDS, values)["token"]
