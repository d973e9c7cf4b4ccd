"""Conversations kept as text: each file of ``transcripts/<scenario>/`` goes the way it says."""

from pathlib import Path

import pytest

from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.engine.program import Program
from portal.scenarios.transcripts import Chat, ScriptLine, TranscriptError, difference, read_transcript
from tests.scenarios.engine.driving import asking, message

HERE = Path(__file__).parent / "transcripts"
DEMO = Path(__file__).parents[3] / "portal" / "development" / "demo"
FILES = sorted(HERE.glob("*/*.txt"))
SMALL = {
    "steps": {
        "a": asking("Where?\n\nChoose.", "button", buttons=[("Kitchen", "k"), ("Hall", "h")]),
        "end": message("Done", media=[]),
    }
}


def program_of(folder):
    own = folder / "scenario.json"
    return Program.of(ScenarioDocument.from_text((own if own.exists() else DEMO / f"{folder.name}.json").read_bytes()))


@pytest.mark.parametrize("file", FILES, ids=[f"{file.parent.name}/{file.stem}" for file in FILES])
def test_a_conversation_goes_as_its_transcript_says(file):
    assert difference(program_of(file.parent), file.read_text("utf-8")) == ""


def test_every_scenario_of_the_demo_has_a_transcript():
    scenarios = {file.stem for file in DEMO.glob("*.json") if '"steps"' in file.read_text("utf-8")}
    assert scenarios
    assert scenarios <= {file.parent.name for file in FILES}


@pytest.fixture
def small():
    return Program.of(ScenarioDocument.from_data(SMALL))


def test_a_transcript_that_goes_another_way_is_told_line_by_line(small):
    told = difference(small, "> hi\n< Where?\n  Choose!\n  [Kitchen] [Hall]\n")
    assert "-  Choose!" in told
    assert "+  Choose." in told
    assert difference(small, "> hi\n") != ""
    assert difference(small, "> hi\n< Where?\n  Choose.\n< More\n") != ""


def test_buttons_are_compared_only_where_the_transcript_has_them(small):
    assert difference(small, "> hi\n< Where?\n  Choose.\n") == ""
    assert difference(small, "> hi\n< Where?\n  Choose.\n  [Kitchen]\n") != ""


def test_blank_lines_and_remarks_say_nothing(small):
    assert difference(small, "# A remark\n\n> hi\n< Where?\n\n  Choose.\n# More\n> /press hall\n< Done\n") == ""


def test_messages_of_several_lines_are_indented():
    lines = read_transcript("> one\n  two\n< three\n    > four\n")
    assert lines == [ScriptLine(True, "one\ntwo"), ScriptLine(False, "three\n> four")]
    assert str(lines[1]) == "< three\n  > four"


@pytest.mark.parametrize("text", ["hello", "> a\nb", "  indented"])
def test_what_is_no_transcript_is_refused_by_its_line(text):
    with pytest.raises(TranscriptError, match=r"^Line"):
        read_transcript(text)


def test_what_is_no_text_has_words_of_its_own(small):
    chat = Chat(small)
    said = [
        chat.event(line).__class__.__name__ for line in ("/photo", "/file a b.pdf 7", "/contact 5", "/location 1 2")
    ]
    assert said == ["SentFile", "SentFile", "SharedContact", "SharedLocation"]
    file = chat.event("/file a b.pdf 7")
    assert (file.name, file.size) == ("a b.pdf", 7 * 1024)
    plain = [chat.event(line).__class__.__name__ for line in ("/open x", "/block", "/unblock", "/sticker", "/start")]
    assert plain == ["Opened", "Blocked", "Unblocked", "Unsupported", "Typed"]


def test_a_button_or_a_place_that_is_none_is_refused_in_words(small):
    for line in ("/press Nothing", "/location here", "/press"):
        with pytest.raises(TranscriptError):
            Chat(small).hear(line)
