"""Answers as values of the record: what can be taken as it was told, and what somebody has to look at first."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from portal.onboarding.intake.answers import Answer, IntakeAnswers
from portal.scenarios.engine.phone_numbers import read_phone, wrong_length
from portal.scenarios.engine.values import read_email
from portal.web.times import parse_day
from portal.web.values import storable, visible

MAX_NAME = 200
MAX_TEXT = 500
# Who is said to be younger than that has told another day than the birthday, or a wrong one; so has who is older.
MIN_AGE, MAX_AGE = 14, 100
# Numbers without a country are of the country of the chains.
PHONE_LANGUAGE = "ru"
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class ReadValue:
    """A value for a field, with the messages that gave it.

    ``is_fit`` says that the record can hold it, ``is_doubtful`` that somebody has to say whether it is meant.
    """

    field: str
    value: Any
    messages: tuple[UUID, ...]
    is_fit: bool = True
    is_doubtful: bool = False


def read_values(answers: IntakeAnswers) -> Iterator[ReadValue]:
    """The values of the person's own row, those alone that were answered."""
    parts = answers.fields.get("name", [])
    if name := joined(parts):
        yield ReadValue("name", name, tuple(part.message_id for part in parts))
    for field, read in _READERS.items():
        answer = answers.first(field)
        if answer is not None and (found := read(field, answer, answers)) is not None:
            yield found


def joined(parts: list[Answer]) -> str:
    """The parts of a name as one, as they were written; what nobody can see is none."""
    told = " ".join(storable(part.value).strip() for part in parts)
    return visible(" ".join(told.split()))[:MAX_NAME].strip()


def shares_a_word(one: str, other: str) -> bool:
    """Whether two names have a word in common, whatever its capitals; ё is е. Equal names always have."""
    return bool(words_in(one) & words_in(other)) or _plain(one) == _plain(other)


def words_in(name: str) -> frozenset[str]:
    """The words of a name as they are compared."""
    return frozenset(_WORD.findall(_plain(name)))


def is_likely_birthday(born: date, today: date) -> bool:
    """Whether somebody who begins to work may be that old."""
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return MIN_AGE <= age <= MAX_AGE


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("ё", "е").split())


def _text(field: str, answer: Answer, _answers: IntakeAnswers) -> ReadValue | None:
    text = visible(storable(answer.value)).strip()[:MAX_TEXT]
    return ReadValue(field, text, (answer.message_id,)) if text else None


def _phone(field: str, answer: Answer, _answers: IntakeAnswers) -> ReadValue | None:
    phone = read_phone(answer.value, PHONE_LANGUAGE)
    return _read_or_raw(field, answer, None if phone is None or wrong_length(phone) else phone)


def _email(field: str, answer: Answer, _answers: IntakeAnswers) -> ReadValue | None:
    return _read_or_raw(field, answer, read_email(answer.value.strip()))


def _birthday(field: str, answer: Answer, answers: IntakeAnswers) -> ReadValue | None:
    try:
        # With the time of day where the scenario's form has one.
        born = parse_day(answer.value.strip().partition("T")[0])
    except ValueError:
        return _read_or_raw(field, answer, None)
    is_doubtful = not is_likely_birthday(born, answers.moment.date())
    return ReadValue(field, born, (answer.message_id,), is_doubtful=is_doubtful)


def _read_or_raw(field: str, answer: Answer, read: str | None) -> ReadValue | None:
    """What was read; what could not be is kept as it was told, for somebody's eyes."""
    if read is not None:
        return ReadValue(field, read, (answer.message_id,))
    raw = _text(field, answer, IntakeAnswers())
    return raw and ReadValue(field, raw.value, raw.messages, is_fit=False, is_doubtful=True)


_READERS: dict[str, Callable[[str, Answer, IntakeAnswers], ReadValue | None]] = {
    "phone": _phone,
    "email": _email,
    "birthday": _birthday,
    "citizenship": _text,
    "uniform_size": _text,
    "emergency_contact": _text,
}


def fit_value(field: str, text: str) -> Any:
    """A kept value as its column holds it; ``None`` where the record cannot hold it."""
    answer = Answer(text, str(UUID(int=0)), "")
    if field == "name":
        return text
    if field in ("phone", "email"):
        read = {"phone": _phone, "email": _email}[field](field, answer, IntakeAnswers())
        return read.value if read is not None and read.is_fit else None
    if field == "birthday":
        try:
            return parse_day(text)
        except ValueError:
            return None
    return text
