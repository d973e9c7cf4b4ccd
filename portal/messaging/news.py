"""What platforms tell of messages and people: it is recorded and shown, and moves no conversation."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reaction:
    """The person reacted to a message; without an emoji they took a reaction back."""

    message_ref: str
    emoji: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The person took back what they had said."""

    message_ref: str


@dataclass(frozen=True, slots=True)
class Happened:
    """What nobody said, a call say: ``name`` is the platform's word for it, ``text`` what people read in it."""

    name: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """The person is called by another id from now on: a chat, or where it has no number an id of theirs, or both.

    ``former_id`` is the id that ``person_id`` takes the place of.
    """

    text: str
    chat_id: str = ""
    person_id: str = ""
    former_id: str = ""
