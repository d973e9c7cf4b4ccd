"""Each row of the tables in ``docs/messages.md``: a delivery of that kind, and what the transcript shows of it."""

import json
from itertools import count
from pathlib import Path

import pytest

from portal.conversations.descriptions import in_full
from portal.conversations.queries import page_of_messages
from portal.conversations.transcript import FILE_KINDS, Transcript
from portal.messengers.telegram import updates as telegram_updates
from portal.messengers.viber import inbound as viber_inbound
from portal.messengers.whatsapp import inbound as whatsapp_inbound
from portal.messengers.whatsapp import updates as whatsapp_updates
from portal.tenancy.scope import account_scope
from tests.messaging.receiving import samples

DOCUMENT = Path(__file__).parents[3] / "docs" / "messages.md"
BETWEEN_LINES = " ⏎ "
ASKING = {
    "name": {"message": {"text": "Name?"}, "expected_input": {"type": "text", "variable": "n"}, "next_step": "town"},
    "town": {"message": {"text": "Town?"}, "expected_input": {"type": "text", "variable": "t"}, "next_step": "age"},
    "age": {"message": {"text": "Age?"}, "expected_input": {"type": "text", "variable": "a"}},
}
SAMPLES = {
    "telegram": (samples.TELEGRAM, samples.TELEGRAM_UPDATES),
    "whatsapp": (samples.WHATSAPP, samples.WHATSAPP_VALUES),
    "viber": (samples.VIBER, samples.VIBER_EVENTS),
}
READ = {
    "telegram": {*telegram_updates.CONTENTS, *telegram_updates.WANTED} - {"message"},
    "whatsapp": {*whatsapp_inbound.KINDS, *whatsapp_updates.LISTS} - {"messages"},
    "viber": {*viber_inbound.KINDS, *viber_inbound.EVENTS} - {"message"},
}


def tables():
    """By messenger the rows of its tables: kind, line, what the bot does."""
    found, messenger = {}, ""
    for line in DOCUMENT.read_text().splitlines():
        if line.startswith("## "):
            messenger = line[3:].lower()
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if messenger in SAMPLES and line.startswith("| `") and len(cells) == 3:
            kind, shown, done = cells
            assert kind.strip("`") not in found.setdefault(messenger, {}), kind
            found[messenger][kind.strip("`")] = (shown.strip("`"), done)
    return found


ROWS = tables()


@pytest.mark.parametrize("messenger", SAMPLES)
def test_every_row_has_a_sample_and_every_sample_a_row(messenger):
    known = {kind for group in SAMPLES[messenger] for kind in group}
    assert set(ROWS[messenger]) == known


@pytest.mark.parametrize("messenger", SAMPLES)
def test_every_kind_that_is_read_has_a_row(messenger):
    named = {kind.partition(",")[0] for kind in ROWS[messenger]}
    assert READ[messenger] - named == set()


@pytest.mark.parametrize("messenger", SAMPLES)
def test_the_transcript_shows_of_every_kind_what_the_table_says(messenger, traffic, hook_of, deliver, app, world):
    traffic.publish(ASKING)
    hook, numbers = hook_of(world.pelmenya, messenger), count(1)
    chats = {kind: 70_000 + place for place, kind in enumerate(ROWS[messenger])}
    for chat in chats.values():
        assert deliver(hook, hook.message(next(numbers), "hello", chat)).status_code == 200
    traffic.drain()
    for kind, chat in chats.items():
        body = sample(messenger, kind, next(numbers), chat, hook)
        assert deliver(hook, json.dumps(body).encode()).status_code == 200
    traffic.drain()
    with app.app_context(), account_scope(world.pelmenya.account_id):
        shown = {kind: told_in(messenger, chat, traffic, world) for kind, chat in chats.items()}
    assert shown == ROWS[messenger]


def sample(messenger, kind, number, chat, hook):
    """The delivery; somebody said hello with the number that their chat has in the order."""
    hello = chat - 70_000 + 1
    if messenger == "telegram":
        return samples.telegram(kind, number, chat, str(hello))
    if messenger == "whatsapp":
        return samples.whatsapp(kind, number, chat, f"wamid.{hello}", hook.values["phone_number_id"])
    return samples.viber(kind, number, chat)


def told_in(messenger, chat, traffic, world):
    """What stands in the transcript after the hello and its answer, and what the bot did."""
    named = f"viber-person-{chat}==" if messenger == "viber" else str(chat)
    # Whoever changed their number took the conversation along.
    dialog = traffic.dialog(named) or traffic.dialog(samples.NEW_NUMBER)
    rows = page_of_messages(dialog.id)[0]
    lines = Transcript(rows, world.pelmenya.bot_id, messenger, "Bot", "Guest").lines()
    news = [(row, line) for row, line in zip(rows, lines, strict=True) if row.direction == "in"][1:]
    for row, line in news:
        export = in_full(row.kind, row.text, row.content)
        for part in (str(line.about), line.text, *line.remarks):
            assert part in export, "the export says what the page says"
    told = [shown(line) for _row, line in news]
    return " · ".join(told) or "—", done(rows[2:], dialog)


def shown(line):
    file = [f"[{line.file.kind}{f' {line.file.name}' if line.file.name else ''}]"] if line.file else []
    about = [f"{line.about}:" if line.text else str(line.about)] if str(line.about) else []
    said = [line.text if len(line.text) < 200 else f"{line.text[:3]}…{line.text[-1]} ({len(line.text)})"]
    remarks = [f"({remark})" for remark in line.remarks]
    return " ".join(filter(None, [*file, *about, *said, *remarks])).replace("\n", BETWEEN_LINES) or "(an empty text)"


def done(rows, dialog):
    answers = [row for row in rows if row.direction == "out"]
    if "n" in dialog.collected_data:
        return "it is the answer"
    if any(row.text.startswith("The bot cannot read this message") for row in answers):
        return "says that it cannot read it, asks again"
    return "asks again" if answers else "nothing"


def test_files_have_words_of_their_own():
    assert set(FILE_KINDS) == {"image", "video", "animation", "audio", "voice", "document"}
