"""What a person did, as a row of the history keeps it: by writers of long ago and by others than the portal too."""

import json
from dataclasses import fields, replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.messaging.event_rows import from_row, to_row
from portal.messaging.events import (
    Blocked,
    Edited,
    Event,
    FileKind,
    MessageState,
    Opened,
    Pressed,
    Receipt,
    SentFile,
    SharedContact,
    SharedLocation,
    Typed,
    Unblocked,
    Unsupported,
)
from portal.messaging.news import Happened, Moved, Reaction, Withdrawn

EVENTS = [kind for kind in get_args(Event) if kind is not Receipt]
FILE = {"reference": "AgACAgIAAxkB", "name": "menu.pdf", "content_type": "application/pdf", "size": 2048}
FILE_CONTENT = (
    '{"file": {"reference": "AgACAgIAAxkB", "name": "menu.pdf", "content_type": "application/pdf", "size": 2048}}'
)
# Rows as they stand in databases: kind, text, content as JSON text, state of the file.
STORED = [
    (Typed("Two, please"), ("text", "Two, please", "{}", None)),
    (Pressed("4.1", "Yes", "77", "cb"), ("press", "Yes", '{"marker": "4.1", "message_ref": "77"}', None)),
    (Pressed("4.1"), ("press", "", '{"marker": "4.1", "message_ref": null}', None)),
    (
        SharedContact("+79990000042", "Anna", True),
        (
            "contact",
            "Anna, +79990000042",
            '{"contact": {"phone": "+79990000042", "name": "Anna", "is_own": true}}',
            None,
        ),
    ),
    (
        SharedContact("+79990000042"),
        ("contact", "+79990000042", '{"contact": {"phone": "+79990000042", "name": "", "is_own": false}}', None),
    ),
    (
        SharedLocation(59.93, 30.31),
        ("location", "59.930000, 30.310000", '{"location": {"latitude": 59.93, "longitude": 30.31}}', None),
    ),
    (Opened("table-7"), ("opened", "", '{"payload": "table-7"}', None)),
    (Edited("77", "Three"), ("edited", "Three", '{"edited": "77"}', None)),
    (Blocked(), ("blocked", "", "{}", None)),
    (Unblocked(), ("unblocked", "", "{}", None)),
    (Unsupported("sticker"), ("unsupported", "", '{"name": "sticker"}', None)),
    (Unsupported("dice", "🎲 5"), ("unsupported", "🎲 5", '{"name": "dice"}', None)),
    (Happened("call", "12 s"), ("happened", "12 s", '{"name": "call"}', None)),
    (
        Moved("Ann has a new number", "79990000001", "RU.2", "RU.1"),
        ("moved", "Ann has a new number", '{"chat": "79990000001", "person": "RU.2", "former": "RU.1"}', None),
    ),
    (Reaction("77", "👍"), ("reaction", "👍", '{"reaction_to": "77"}', None)),
    (Withdrawn("77"), ("withdrawn", "", '{"withdrawn": "77"}', None)),
    (Edited("77", "new", "photo"), ("edited", "new", '{"edited": "77", "name": "photo"}', None)),
    (
        SharedLocation(59.93, 30.31, "The bakery\nNevsky, 1"),
        (
            "location",
            "The bakery\nNevsky, 1\n59.930000, 30.310000",
            '{"location": {"latitude": 59.93, "longitude": 30.31}, "told": "The bakery\\nNevsky, 1"}',
            None,
        ),
    ),
    *(
        (
            SentFile(kind, **FILE, caption="Ours"),
            (
                kind.value,
                "Ours",
                FILE_CONTENT,
                "waiting",
            ),
        )
        for kind in FileKind
    ),
]


@pytest.mark.parametrize(("event", "row"), STORED)
def test_an_event_is_kept_in_its_old_shape_and_read_back(event, row):
    kind, text, content, file_state = row
    written = to_row(event)
    assert (written["kind"], written["text"], written["file_state"]) == (kind, text, file_state)
    assert json.dumps(written["content"]) == content
    assert from_row(kind, text, json.loads(content)) == without_callback(event)


def test_the_examples_show_every_kind_of_event():
    assert {type(event) for event, _row in STORED} == set(EVENTS)


def without_callback(event):
    return replace(event, callback=None) if isinstance(event, Pressed) else event


# Every field of every event, those with a default too.
events = st.one_of([st.builds(kind, **{field.name: ... for field in fields(kind)}) for kind in EVENTS])


@given(events)
def test_every_event_survives_the_way_into_a_row_and_back(event):
    row = json.loads(json.dumps(to_row(event)))
    read = from_row(row["kind"], row["text"], row["content"])
    assert repr(read) == repr(without_callback(event))


@pytest.mark.parametrize(
    ("row", "event"),
    [
        (("press", "Yes", {}), Pressed("", "Yes")),
        (("opened", "", {}), Opened()),
        (("unsupported", "", {}), Unsupported("")),
        (("image", "", {}), SentFile(FileKind.IMAGE, "")),
        (("image", "", {"file": None}), SentFile(FileKind.IMAGE, "")),
        (("contact", "Anna", {}), None),
        (("location", "", {}), None),
        (("receipt", "", {}), None),
        (("", "", {}), None),
        (("note", "of another writer", {"any": 1}), None),
    ],
)
def test_a_row_that_lacks_something_is_read_as_far_as_it_goes(row, event):
    assert from_row(*row) == event


def test_a_receipt_tells_of_a_row_and_is_none():
    with pytest.raises(KeyError):
        to_row(Receipt("77", MessageState.READ))
