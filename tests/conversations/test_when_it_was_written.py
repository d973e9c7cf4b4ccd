"""Page and export tell when a message was written; its place is that of its arrival."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

NOW = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
LATE = NOW - timedelta(hours=30)


@pytest.fixture
def url(world, browse, talk):
    return browse(world.pelmenya.viewer).account(f"bots/{world.pelmenya.bot_id}/dialogs/{talk}")


@pytest.fixture
def page(world, browse, url):
    return lambda: browse(world.pelmenya.viewer).get(url).text


def export(world, browse, url):
    answer = browse(world.pelmenya.viewer).get(f"{url}/messages/export")
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=","))


def of(page, seq):
    (found,) = [part for part in page.split('<li class="message ')[1:] if f'id="m-{seq}">' in part]
    return found


def test_what_came_late_stands_at_its_hour_and_says_when_it_came(world, browse, url, page, tell):
    tell("before")
    late = tell("from yesterday", sent_at=LATE)
    told = of(page(), late)
    assert f'datetime="{LATE.isoformat()}' in told
    assert "arrived" in told
    row = export(world, browse, url)[-1]
    assert (row["Text"], row["Time (UTC)"][:16]) == ("from yesterday", LATE.isoformat(sep=" ")[:16])
    assert row["Sent (UTC)"] == row["Time (UTC)"]
    assert row["Arrived (UTC)"][:10] != row["Time (UTC)"][:10]


def test_what_came_in_time_says_nothing_of_its_arrival(page, tell):
    seq = tell("now", sent_at=datetime.now(UTC).replace(tzinfo=None))
    assert "arrived" not in of(page(), seq)


def test_a_message_says_what_became_of_it_later_and_keeps_its_words(page, tell):
    first = tell("two", platform_message_id="7")
    edit = tell("three", kind="edited", content={"edited": "7", "quoted": {"kind": "text", "text": "two"}})
    gone = tell("", kind="withdrawn", content={"withdrawn": "7", "quoted": {"kind": "text", "text": "two"}})
    shown = page()
    assert "two" in of(shown, first)
    assert "withdrawn later" in of(shown, first)
    assert "Changed the message “two”" in of(shown, edit)
    assert "Withdrew the message “two”" in of(shown, gone)


def test_a_kind_from_outside_is_no_markup(page, tell):
    evil = "<script>alert(1)</script>"
    seq = tell(evil, kind="unsupported", content={"name": evil, "remarks": {"forwarded": evil, "reply": evil}})
    quoting = tell(evil, kind="reaction", content={"quoted": {"kind": "unsupported", "name": evil, "text": evil}})
    assert "<script>alert" not in of(page(), seq)
    assert "<script>alert" not in of(page(), quoting)


def test_the_list_names_what_was_sent_last(world, browse, tell, url):
    tell("👍", kind="unsupported", content={"name": "sticker"})
    listed = browse(world.pelmenya.viewer).get(url.rpartition("/")[0]).text
    assert "Sticker: 👍" in listed
    row = export(world, browse, url)[-1]
    assert (row["Kind"], row["Text"]) == ("Sticker", "Sticker: 👍")


def test_an_answer_of_several_files_is_told_by_their_names(page, set_dialog):
    files = [{"file": {"kind": "document", "name": name}} for name in ("a.pdf", "b.pdf")]
    set_dialog(collected_data=json.dumps({"papers": files}))
    assert "a.pdf, b.pdf" in page()


@pytest.mark.parametrize("content", [{"remarks": 3}, {"remarks": {"cut": 7, "odd": "x"}}, {"quoted": []}, []])
def test_remarks_of_any_shape_are_borne(page, tell, content):
    seq = tell("borne", kind="reaction", content=content)
    assert "borne" in of(page(), seq)
