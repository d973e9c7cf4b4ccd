"""The demo bots have what their scenarios send."""

import pytest

from portal.development.demo.files import plan_of, text_of
from portal.development.demo.library import DRAWN, drawn
from portal.media.attached import steps_by_key
from portal.media.content_types import sniff
from portal.scenarios.document.document import ScenarioDocument


@pytest.mark.parametrize("chain", ["pelmenya", "vareniki"])
def test_every_file_that_a_demo_scenario_sends_is_in_its_library(chain):
    for bot in plan_of(f"{chain}.json")["bots"]:
        keys = {plan["key"] for plan in bot.get("media", [])}
        for name in bot["scenarios"]:
            assert set(steps_by_key(ScenarioDocument.from_text(text_of(name)))) <= keys, (bot["name"], name)


@pytest.mark.parametrize(
    ("name", "content_type"),
    [("team", "image/png"), ("rules", "image/png"), ("leaflet", "application/pdf"), ("film", "video/mp4")],
)
def test_what_code_draws_is_what_it_should_be_and_small(name, content_type):
    assert sniff(drawn(name)).content_type == content_type
    assert len(drawn(name)) < 150_000
    assert set(DRAWN) == {"team", "rules", "leaflet", "film"}


def test_the_film_is_made_of_boxes_that_add_up():
    data, at, boxes = drawn("film"), 0, []
    while at < len(data):
        boxes.append(data[at + 4 : at + 8])
        at += int.from_bytes(data[at : at + 4])
    assert at == len(data)
    assert boxes == [b"ftyp", b"mdat", b"moov"]


def test_the_leaflets_table_points_at_its_objects():
    data = drawn("leaflet")
    start = int(data.partition(b"startxref\n")[2].partition(b"\n")[0])
    assert data[start:].startswith(b"xref")
    for number, line in enumerate(data[start:].split(b"\n")[3:8], start=1):
        assert data[int(line[:10]) :].startswith(b"%d 0 obj" % number)
