"""Reading the answer to a question: what it is worth, or why it does not do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.messaging.events import SentFile, SharedContact, SharedLocation, Typed
from portal.scenarios.document.answer_dates import iso, read_limit, read_moment
from portal.scenarios.document.patterns import fits_pattern
from portal.scenarios.document.steps import ExpectedInput
from portal.scenarios.document.typed_words import meant
from portal.scenarios.engine import phrases
from portal.scenarios.engine.outgoing_messages import Option
from portal.scenarios.engine.phone_numbers import COUNTRY_DIGITS, read_phone, shared_phone, wrong_length
from portal.scenarios.engine.texts import MAX_VALUE, clean
from portal.scenarios.engine.values import (
    Rules,
    place_of,
    read_email,
    read_file,
    read_number,
    read_place,
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A button that was pressed, or whose words were typed."""

    option: Option


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the expected answer, the buttons under it, the language it is asked in."""

    expected: ExpectedInput
    options: tuple[Option, ...]
    language: str

    @property
    def kind(self) -> str:
        """The kind of answer; an unknown one is a text."""
        return self.expected.kind if self.expected.kind in _READERS else "text"

    @property
    def rules(self) -> Rules:
        """Its validation."""
        return Rules(self.expected.validation)

    def read(self, event: Any) -> Any:
        """The value to keep; raises ``Refused``. Any event may come, a sticker or a place for a text, say."""
        if isinstance(event, Typed):
            event = self.option_named(event.text) or event
        if isinstance(event, Chosen) and self.kind != "button":
            return self.offered(event.option.value)
        if isinstance(event, Typed) and self.rules.may_be_empty and not clean(event.text):
            return ""
        return _READERS[self.kind](self, event)

    def option_named(self, text: str) -> Chosen | None:
        """The button whose words, or else whose value, were typed; none where they could be those of several."""
        written = clean(text)
        found = meant(written, self.options, lambda option: option.label)
        found = found or meant(written, self.options, lambda option: option.value)
        return Chosen(found[0]) if len({option.value for option in found}) == 1 else None

    def offered(self, value: str) -> Any:
        """What a button beside a question stands for; the author offers it, so it does in any case."""
        reader = _BUTTON_READERS.get(self.kind)
        read = reader(self, value) if reader else None
        return value if read is None else read


def _read_text(question: Question, event: Any) -> Any:
    rules = question.rules
    text = _typed(question, event, "type", phrases.ASK_TEXT)
    least, most = rules.number("min_length"), rules.number("max_length")
    if not text:
        raise rules.refuse("required", phrases.ASK_TEXT)
    if least is not None and len(text) < least:
        raise rules.refuse("min_length", phrases.too_short(_plainly(least)))
    if (most is not None and len(text) > most) or len(text) >= MAX_VALUE:
        raise rules.refuse("max_length", phrases.too_long(MAX_VALUE if most is None else _plainly(most)))
    _check_pattern(rules, text)
    return text


def _read_button(question: Question, event: Any) -> Any:
    rules = question.rules
    allowed = rules.words("allowed_values")
    value = event.option.value if isinstance(event, Chosen) else _without_buttons(question, event, allowed)
    if value is None or (allowed and value not in allowed):
        raise rules.refuse("allowed_values", phrases.ASK_BUTTON)
    return value


def _without_buttons(question: Question, event: Any, allowed: tuple[str, ...]) -> str | None:
    """A typed answer where the step has no buttons to choose from, or the very value that is allowed."""
    text = clean(event.text) if isinstance(event, Typed) else ""
    same = meant(text, allowed, str)
    if allowed or question.options:
        return same[0] if len(set(same)) == 1 else None
    return text or None


def _read_number(question: Question, event: Any) -> Any:
    rules = question.rules
    number = read_number(_typed(question, event, "type", phrases.ASK_NUMBER))
    least, most = rules.number("min_value"), rules.number("max_value")
    if number is None:
        raise rules.refuse("type", phrases.ASK_NUMBER)
    if least is not None and number < least:
        raise rules.refuse("min_value", phrases.too_small(_plainly(least)))
    if most is not None and number > most:
        raise rules.refuse("max_value", phrases.too_large(_plainly(most)))
    return number


def _read_date(question: Question, event: Any) -> Any:
    rules = question.rules
    form = rules.date_format
    example = phrases.ask_date(date(2026, 4, 25).strftime(form))
    moment = read_moment(_typed(question, event, "format", example), form)
    if moment is None:
        raise rules.refuse("format", example)
    first, last = (read_limit(rules.text(key), form) for key in ("min_date", "max_date"))
    if first and moment.date() < first:
        raise rules.refuse("min_date", phrases.too_early(first.strftime(form)))
    if last and moment.date() > last:
        raise rules.refuse("max_date", phrases.too_late(last.strftime(form)))
    return iso(moment, form)


def _read_phone(question: Question, event: Any) -> Any:
    if isinstance(event, SharedContact):
        phone = shared_phone(clean(event.phone), question.language)
    else:
        phone = read_phone(_typed(question, event, "type", phrases.ASK_PHONE), question.language)
        country = wrong_length(phone or "")
        if country:
            raise question.rules.refuse("type", phrases.wrong_phone(country, COUNTRY_DIGITS[country]))
    if phone is None:
        raise question.rules.refuse("type", phrases.ASK_PHONE)
    _check_pattern(question.rules, phone)
    return phone


def _read_email(question: Question, event: Any) -> Any:
    address = read_email(_typed(question, event, "type", phrases.ASK_EMAIL))
    if address is None:
        raise question.rules.refuse("type", phrases.ASK_EMAIL)
    _check_pattern(question.rules, address)
    return address


def _read_file(question: Question, event: Any) -> Any:
    if not isinstance(event, SentFile):
        raise question.rules.refuse("type", phrases.ASK_FILE)
    return read_file(question.rules, event)


def _read_location(question: Question, event: Any) -> Any:
    place = None
    if isinstance(event, SharedLocation):
        place = place_of(event.latitude, event.longitude)
    elif isinstance(event, Typed):
        place = read_place(clean(event.text))
    if place is None:
        raise question.rules.refuse("type", phrases.ASK_LOCATION)
    return place


def _typed(question: Question, event: Any, rule: str, phrase: Any) -> str:
    if not isinstance(event, Typed):
        raise question.rules.refuse(rule, phrase)
    return clean(event.text)


def _check_pattern(rules: Rules, text: str) -> None:
    pattern = rules.text("pattern")
    if pattern and not fits_pattern(pattern, text):
        raise rules.refuse("pattern", phrases.UNLIKELY)


def _plainly(limit: float) -> object:
    return int(limit) if isinstance(limit, float) and limit.is_integer() else limit


_READERS: dict[str, Callable[[Question, Any], Any]] = {
    "text": _read_text,
    "button": _read_button,
    "number": _read_number,
    "date": _read_date,
    "phone": _read_phone,
    "email": _read_email,
    "file": _read_file,
    "location": _read_location,
}


def _offered_date(question: Question, value: str) -> str | None:
    form = question.rules.date_format
    moment = read_moment(value, form)
    return iso(moment, form) if moment else None


_BUTTON_READERS: dict[str, Callable[[Question, str], Any]] = {
    "number": lambda _question, value: read_number(value),
    "date": _offered_date,
    "phone": lambda question, value: read_phone(value, question.language),
    "location": lambda _question, value: read_place(value),
}
