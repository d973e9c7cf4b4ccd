"""What somebody new hears: Viber lets a bot write to them only once they have written, but for one message.

That one goes in the body of the answer to the event that tells of them. Facts: creators.viber.com/docs/bots-api,
"The Welcome Message". It asks for a press that writes for them, and so begins the conversation.
"""

import json
from collections.abc import Mapping

from portal.messaging.events import Choice, OutgoingMessage, TextSpan
from portal.messengers.button_labels import in_language
from portal.messengers.fields import normalised
from portal.messengers.payload_fields import mapping, word
from portal.messengers.viber.fields import FIELDS
from portal.messengers.viber.outbound import MAX_SENDER, MIN_API_VERSION, label_of, plain_button, text_of

# What the press writes; it needs no proof, as anybody may type it.
BEGIN = "/start"


def _l(text: str) -> str:
    # Named like Flask-Babel's own, so that the texts are found when translations are extracted.
    return text


_WORDS, _START = _l("Hello! Press “Begin”."), _l("Begin")


def is_new(payload: Mapping[str, object]) -> bool:
    """Whether an event tells of somebody who opened the chat and cannot be written to."""
    return payload.get("event") == "conversation_started" and payload.get("subscribed") is not True


def said(language: str) -> OutgoingMessage:
    """The words with a button, in the person's language where that is ours."""
    words, start = (in_language(text, language) for text in (_WORDS, _START))
    return OutgoingMessage((TextSpan(words, typed=True),), (Choice(start, BEGIN),))


def answer(values: Mapping[str, object], payload: Mapping[str, object]) -> bytes | None:
    """The same as Viber wants it in the answer."""
    if not is_new(payload):
        return None
    told = said(word(mapping(payload.get("user")).get("language"), 20))
    message = {
        "sender": {"name": normalised(FIELDS, values)["sender_name"][:MAX_SENDER]},
        "min_api_version": MIN_API_VERSION,
        "type": "text",
        "text": text_of(told),
        "keyboard": {
            "Type": "keyboard",
            "DefaultHeight": False,
            "Buttons": [plain_button(label_of(choice), choice.marker) for choice in told.choices],
        },
    }
    return json.dumps(message, ensure_ascii=False).encode()
