"""Why a message or a connection failed, in words that a restaurant manager understands: one catalogue for all.

Codes are stored in rows: none may change its text.
"""

from enum import StrEnum

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString


class Failure(StrEnum):
    """A code with its words: a whole sentence, a word or two, and what to do about it.

    The sentence has a place for the platform's name where it needs one: see :meth:`describe`.
    """

    sentence: LazyString
    short: LazyString
    advice: LazyString

    def __new__(
        cls,
        code: str,
        sentence: LazyString,
        short: LazyString = _l("Not working"),  # noqa: B008 (read when it is shown)
        advice: LazyString = _l("Check it now. If this stays, tell whoever runs the portal."),  # noqa: B008
    ) -> "Failure":
        failure = str.__new__(cls, code)
        failure._value_ = code
        failure.sentence, failure.short, failure.advice = sentence, short, advice
        return failure

    # The person.
    PERSON_BLOCKED = "person_blocked", _l("The guest has blocked the bot or has left it.")
    PERSON_GONE = "person_gone", _l("The guest no longer uses %(platform)s.")
    CHAT_NOT_FOUND = "chat_not_found", _l("The guest has not written to this bot on %(platform)s yet.")
    CHAT_MOVED = "chat_moved", _l("The chat goes on under another address.")
    UNDELIVERABLE = "undeliverable", _l("%(platform)s could not deliver it to this guest.")
    DEVICE_TOO_OLD = "device_too_old", _l("The guest's %(platform)s is too old for it.")
    RECIPIENT_NOT_ALLOWED = (
        "recipient_not_allowed",
        _l("The number is a test number: add the guest to its recipients at Meta."),
    )
    OUTSIDE_WINDOW = (
        "outside_window",
        _l("The guest last wrote more than 24 hours ago; until they write again, %(platform)s delivers nothing."),
    )
    # The message.
    EMPTY_MESSAGE = "empty_message", _l("The message has no text.")
    TOO_LONG = "too_long", _l("The message is too long for %(platform)s.")
    BUTTON_REFUSED = "button_refused", _l("%(platform)s did not accept the buttons.")
    UNSUPPORTED_TYPE = "unsupported_type", _l("%(platform)s cannot deliver this kind of message to the guest.")
    REJECTED = "rejected", _l("%(platform)s did not accept the message.")
    QUESTION_UNSEEN = "question_unseen", _l("The question before it had not arrived, so the bot asked again.")
    # Files.
    FILE_MISSING = "file_missing", _l("The file is not in the bot's media library.")
    FILE_EMPTY = "file_empty", _l("The file is empty.")
    FILE_TOO_LARGE = "file_too_large", _l("The file is too large for %(platform)s.")
    FILE_TYPE_REFUSED = "file_type_refused", _l("%(platform)s does not accept files of this type.")
    FILE_TYPE = "file_type", _l("The portal does not keep files of this type.")
    STORE_FULL = "store_full", _l("The chain's room for files is used up, so files that guests send are not kept.")
    NOT_CONNECTED = "not_connected", _l("The bot is not connected to %(platform)s any more.")
    FILE_UNKNOWN = "file_unknown", _l("%(platform)s does not have the file any more.")
    FILE_UNREADABLE = "file_unreadable", _l("The portal cannot read the file at the moment.")
    FILE_ADDRESS_REFUSED = "file_address_refused", _l("The file lies at an address that is not %(platform)s's.")
    ADDRESS_REFUSED = "address_refused", _l("The file lies at an address that the portal does not call.")
    ANSWER_TOO_LARGE = "answer_too_large", _l("The file is larger than the portal accepts.")
    NO_PUBLIC_ADDRESS = (
        "no_public_address",
        _l("%(platform)s needs a public web address, and this portal has none."),
        _l("No public address"),
        _l("Whoever runs the portal has to give it one (PUBLIC_URL). Then switch the platform off and on again."),
    )
    # The connection.
    THROTTLED = (
        "throttled",
        _l("%(platform)s wants the portal to ask less often."),
        _l("Asked to wait"),
        _l("The portal waits as long as it was told, and tries again by itself."),
    )
    UNAVAILABLE = "unavailable", _l("%(platform)s could not be reached.")
    UNREACHABLE = (
        "unreachable",
        _l("%(platform)s does not answer."),
        _l("No answer"),
        _l("The portal tries again by itself. If this lasts for more than an hour, look whether others see it too."),
    )
    PLATFORM_DOWN = "platform_down", _l("%(platform)s has a fault of its own at the moment.")
    UNCLEAR = "unclear", _l("The connection to %(platform)s broke off, so it is not known whether the message arrived.")
    ODD_ANSWER = "odd_answer", _l("%(platform)s gave an answer that makes no sense.")
    # The bot at the platform.
    CREDENTIALS_REFUSED = (
        "credentials_refused",
        _l("%(platform)s does not accept the stored credentials."),
        _l("Token refused"),
        _l("They may have been revoked or replaced. Get new ones there and change the credentials here."),
    )
    CREDENTIALS_UNREADABLE = (
        "credentials_unreadable",
        _l("The stored credentials cannot be read any more, or are not complete."),
        _l("Credentials unreadable"),
        _l("An owner has to set them again."),
    )
    PERMISSION_MISSING = (
        "permission_missing",
        _l("The token lacks a permission at %(platform)s. Make one that may send messages."),
    )
    ACCOUNT_RESTRICTED = "account_restricted", _l("%(platform)s has restricted this bot. Sign in there to see why.")
    NUMBER_NOT_REGISTERED = "number_not_registered", _l("The phone number is not registered at %(platform)s.")
    NUMBER_UNKNOWN = (
        "number_unknown",
        _l("%(platform)s does not know the phone number ID, or the token does not belong to it."),
    )
    PAYMENT_PROBLEM = "payment_problem", _l("%(platform)s asks for a valid way of payment.")
    QUOTA_USED_UP = "quota_used_up", _l("The bot has used up its messages at %(platform)s.")
    # Webhook and polling.
    WEBHOOK_ADDRESS_REFUSED = (
        "webhook_address_refused",
        _l("%(platform)s does not accept the portal's address."),
        _l("Address refused"),
        _l("Whoever runs the portal has to make it reachable from outside by https. Then connect again."),
    )
    WEBHOOK_NOT_ANSWERING = (
        "webhook_not_answering",
        _l("%(platform)s called the portal's address and got no right answer."),
        _l("Portal not reached"),
        _l("Whoever runs the portal has to make it reachable from outside by https. Then connect again."),
    )
    WEBHOOK_NOT_SET = (
        "webhook_not_set",
        _l("%(platform)s does not know where to deliver this bot's messages, so none arrive."),
        _l("Not delivered here"),
        _l("Connect again."),
    )
    CERTIFICATE = (
        "certificate",
        _l("%(platform)s does not trust the certificate of the portal's address."),
        _l("Certificate"),
        _l("Whoever runs the portal has to renew the certificate, with all its intermediate ones."),
    )
    TAKEN_OVER = (
        "taken_over",
        _l("Another program has directed the bot's messages to its own address."),
        _l("Delivered elsewhere"),
        _l("Switch that program off, then connect again."),
    )
    IN_THE_WAY = (
        "in_the_way",
        _l("Another program has the bot's messages delivered to itself, so the portal cannot fetch them."),
        _l("Delivered elsewhere"),
        _l("Switch that program off, then connect again."),
    )
    IN_USE_BY_ANOTHER_BOT = (
        "in_use_by_another_bot",
        _l("Another bot of the chain answers with the same credentials on %(platform)s."),
        _l("Used by another bot"),
        _l("Switch that one off, then connect again; or save the credentials here again to move them."),
    )
    IN_USE_ELSEWHERE = (
        "in_use_elsewhere",
        _l("The bot of these credentials is in use elsewhere."),
        _l("In use elsewhere"),
        _l("Have it switched off there, or get new credentials that nobody else has, then connect again."),
    )
    MOVED_TO_ANOTHER_BOT = (
        "moved_to_another_bot",
        _l("Another bot of the chain has taken over its credentials, so this one was switched off."),
        _l("Moved to another bot"),
        _l("Give it credentials of its own, or switch the other one off first."),
    )
    FOUGHT_OVER = (
        "fought_over",
        _l("Another program takes the bot's messages again and again. The portal has stopped taking them back."),
        _l("Taken again and again"),
        _l("Find the program that uses the same token and switch it off, or replace the token. Then check again."),
    )
    SECRET_REFUSED = (
        "secret_refused",
        _l("What %(platform)s delivers does not carry the right secret, so the portal refuses it."),
        _l("Deliveries refused"),
        _l("Connect again."),
    )
    OUR_ERRORS = (
        "our_errors",
        _l("%(platform)s could not deliver messages to the portal."),
        _l("Deliveries fail"),
        _l("Nothing is lost: it tries again. If this stays, tell whoever runs the portal."),
    )
    BACKLOG_GROWING = (
        "backlog_growing",
        _l("Messages pile up at %(platform)s and do not arrive fast enough."),
        _l("Messages pile up"),
        _l("They are kept there and delivered later. If this stays, tell whoever runs the portal."),
    )
    ALLOWED_UPDATES_DIFFER = (
        "allowed_updates_differ",
        _l("%(platform)s does not deliver everything that the bot needs, such as pressed buttons."),
        _l("Not all arrives"),
        _l("Connect again."),
    )
    POLLING_CONFLICT = "polling_conflict", _l("Another program receives this bot's messages at the moment.")
    # Our own traffic.
    TOO_MANY_ATTEMPTS = "too_many_attempts", _l("It failed several times in a row; no further try is made.")
    INTERNAL = "internal", _l("A fault of the portal itself kept it from being sent.")
    UNKNOWN_PLATFORM = "unknown_platform", _l("The portal does not know this platform.")
    SWITCHED_OFF = "switched_off", _l("The bot was switched off on %(platform)s.")
    # Nothing more is known.
    FAILED = "failed", _l("It did not work; %(platform)s gave no reason.")
    UNKNOWN = "unknown", _l("Something is wrong with the connection to %(platform)s.")

    @classmethod
    def of(cls, code: str | None) -> "Failure | None":
        """The failure of a stored code; None for one that is not known."""
        return _BY_CODE.get(code or "")

    def describe(self, platform_label: str) -> str:
        """The sentence in the reader's language."""
        return str(self.sentence) % {"platform": platform_label}


_BY_CODE = {failure.value: failure for failure in Failure}


def reason_of(code: str | None, platform_label: str) -> str:
    """The sentence for a stored code; for one that is not known, a sentence that says no more than that."""
    return (Failure.of(code) or Failure.FAILED).describe(platform_label)
