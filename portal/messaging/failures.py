"""Why a message or a connection failed, in words that a restaurant manager understands.

Adapters name a code, which is stored; pages show the sentence. Codes of our own traffic stand here as well.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

_SENTENCES: Mapping[str, Callable[[str], LazyString]] = MappingProxyType(
    {
        # The person.
        "person_blocked": lambda platform: _l("The person has blocked the bot or has left it."),
        "person_gone": lambda platform: _l("The person no longer uses %(platform)s.", platform=platform),
        "chat_not_found": lambda platform: _l(
            "The person has not written to this bot on %(platform)s yet.", platform=platform
        ),
        "chat_moved": lambda platform: _l("The chat goes on under another address."),
        "undeliverable": lambda platform: _l("%(platform)s could not deliver it to this person.", platform=platform),
        "device_too_old": lambda platform: _l("The person's %(platform)s is too old for it.", platform=platform),
        "recipient_not_allowed": lambda platform: _l(
            "The number is a test number: add the person to its recipients at Meta."
        ),
        "outside_window": lambda platform: _l(
            "The person last wrote more than 24 hours ago; until they write again, %(platform)s delivers nothing.",
            platform=platform,
        ),
        # The message.
        "empty_message": lambda platform: _l("The message has no text."),
        "too_long": lambda platform: _l("The message is too long for %(platform)s.", platform=platform),
        "button_refused": lambda platform: _l("%(platform)s did not accept the buttons.", platform=platform),
        "unsupported_type": lambda platform: _l(
            "%(platform)s cannot deliver this kind of message to the person.", platform=platform
        ),
        "rejected": lambda platform: _l("%(platform)s did not accept the message.", platform=platform),
        # Files.
        "file_missing": lambda platform: _l("The file is not in the bot's media library."),
        "file_empty": lambda platform: _l("The file is empty."),
        "file_too_large": lambda platform: _l("The file is too large for %(platform)s.", platform=platform),
        "file_type_refused": lambda platform: _l("%(platform)s does not accept files of this type.", platform=platform),
        "file_type": lambda platform: _l("The portal does not keep files of this type."),
        "not_connected": lambda platform: _l("The bot is not connected to %(platform)s any more.", platform=platform),
        "file_unknown": lambda platform: _l("%(platform)s does not have the file any more.", platform=platform),
        "file_address_refused": lambda platform: _l(
            "The file lies at an address that is not %(platform)s's.", platform=platform
        ),
        "address_refused": lambda platform: _l("The file lies at an address that the portal does not call."),
        "answer_too_large": lambda platform: _l("The file is larger than the portal accepts."),
        "no_public_address": lambda platform: _l(
            "%(platform)s fetches files from the portal, which has no public address.", platform=platform
        ),
        # The connection.
        "throttled": lambda platform: _l("Too many messages at once: %(platform)s asks to wait.", platform=platform),
        "unavailable": lambda platform: _l("%(platform)s could not be reached.", platform=platform),
        "unreachable": lambda platform: _l("%(platform)s could not be reached.", platform=platform),
        "platform_down": lambda platform: _l("%(platform)s has a fault of its own at the moment.", platform=platform),
        "unclear": lambda platform: _l(
            "The connection to %(platform)s broke off, so it is not known whether the message arrived.",
            platform=platform,
        ),
        "odd_answer": lambda platform: _l("%(platform)s gave an answer that makes no sense.", platform=platform),
        # The bot at the platform.
        "credentials_refused": lambda platform: _l(
            "%(platform)s does not accept the bot's token. Enter a new one.", platform=platform
        ),
        "credentials_unreadable": lambda platform: _l("The stored credentials cannot be opened. Enter them again."),
        "permission_missing": lambda platform: _l(
            "The token lacks a permission at %(platform)s. Make one that may send messages.", platform=platform
        ),
        "account_restricted": lambda platform: _l(
            "%(platform)s has restricted this bot. Sign in there to see why.", platform=platform
        ),
        "number_not_registered": lambda platform: _l(
            "The phone number is not registered at %(platform)s.", platform=platform
        ),
        "number_unknown": lambda platform: _l(
            "%(platform)s does not know the phone number ID, or the token does not belong to it.", platform=platform
        ),
        "payment_problem": lambda platform: _l("%(platform)s asks for a valid way of payment.", platform=platform),
        "quota_used_up": lambda platform: _l("The bot has used up its messages at %(platform)s.", platform=platform),
        # Webhook and polling.
        "webhook_address_refused": lambda platform: _l(
            "%(platform)s does not accept the portal's address.", platform=platform
        ),
        "webhook_not_answering": lambda platform: _l(
            "%(platform)s called the portal's address and got no right answer.", platform=platform
        ),
        "webhook_not_set": lambda platform: _l("No webhook is set at %(platform)s.", platform=platform),
        "polling_conflict": lambda platform: _l("Another program receives this bot's messages at the moment."),
        # Our own traffic.
        "too_many_attempts": lambda platform: _l("It failed several times in a row; no further try is made."),
        "internal": lambda platform: _l("A fault of the portal itself kept it from being sent."),
        "unknown_platform": lambda platform: _l("The portal does not know this platform."),
        "switched_off": lambda platform: _l("The bot was switched off on %(platform)s.", platform=platform),
    }
)


def codes() -> frozenset[str]:
    """Every code that has a sentence of its own."""
    return frozenset(_SENTENCES)


def reason_of(code: str | None, platform_label: str) -> LazyString:
    """The sentence for a code; for one that is not known, a sentence that says no more than that."""
    sentence = _SENTENCES.get(code or "")
    if sentence is None:
        return _l("It did not work; %(platform)s gave no reason.", platform=platform_label)
    return sentence(platform_label)
