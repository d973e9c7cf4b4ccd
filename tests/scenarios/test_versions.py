"""Pages of a bot's scenario versions: list, upload, one version, comparison."""

import html
import io
import json
import re
from datetime import UTC, datetime
from uuid import UUID

import pytest

from portal.scenarios.flow.flow import STEPS_PER_PAGE
from portal.scenarios.forms import MAX_STEPS

ABSENT = UUID("00000000-0000-4000-8000-000000000000")
GOOD = {
    "name": "Table booking",
    "version": "3.1",
    "description": "Asks for a date.",
    "steps": {
        "hello": {"message": {"text": "Good evening"}, "next_step": "bye", "auto_next": True},
        "bye": {"message": {"text": "See you"}},
    },
}
WITH_ERROR = {"name": "Broken", "steps": {"hello": {"message": {"text": "Hi"}, "auto_next": True, "next_step": "gone"}}}


@pytest.fixture
def owner(world, browse):
    return browse(world.pelmenya.owner)


@pytest.fixture
def base(world, owner):
    return owner.account(f"bots/{world.pelmenya.bot_id}/scenarios")


@pytest.fixture
def rows(world, superuser_sql):
    """The bot's versions, newest first."""

    def read():
        return superuser_sql(
            "SELECT * FROM getinn_ops.bot_scenario WHERE bot_id = %s ORDER BY number DESC", [world.pelmenya.bot_id]
        )

    return read


def written(value, **options):
    return json.dumps(value, ensure_ascii=False, indent=2, **options)


def textarea(page):
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert found
    # HTML drops the first line end after the tag.
    return html.unescape(found[1]).replace("\r\n", "\n").removeprefix("\n")


def upload(content, name="scenario.json"):
    return {"file": (io.BytesIO(content), name), "source": ""}


def test_the_newest_version_comes_first_and_the_live_one_is_marked(owner, base):
    owner.post(f"{base}/new", {"source": written(GOOD)})
    page = owner.get(f"{base}?state=all").text
    numbers = re.findall(r">Version (\d+)</a>", page)
    assert numbers == ["3", "2", "1"]
    assert page.count(">Live</span>") == 1


@pytest.mark.parametrize(
    ("query", "numbers"),
    [("", ["1"]), ("?state=live", ["1"]), ("?state=archived", ["2"]), ("?state=all&q=onboarding", ["2", "1"])],
)
def test_state_and_search_narrow_the_list(owner, base, query, numbers):
    assert re.findall(r">Version (\d+)</a>", owner.get(base + query).text) == numbers


@pytest.mark.parametrize("place", ["after", "before"])
@pytest.mark.parametrize("number", ["99999999999999999999", "-1", "x", "1e3", "\x00"])
def test_a_made_up_place_in_the_list_is_no_fault_of_ours(owner, base, place, number):
    import base64

    cursor = base64.urlsafe_b64encode(json.dumps(["number", number, ABSENT.hex]).encode()).rstrip(b"=").decode()
    assert owner.get(f"{base}?{place}={cursor}").status_code == 200


def test_list_version_and_comparison_cost_few_statements(world, owner, base, statements):
    version = f"{base}/{world.pelmenya.scenario_id}"
    owner.get(version)  # Whatever a process draws once, it has drawn now.
    for url, most in ((base, 3), (f"{base}?q=onboarding", 3), (version, 4), (f"{version}/comparison", 5)):
        with statements() as counted:
            assert owner.get(url).status_code == 200
        assert counted.total <= most, counted.statements


def test_a_pasted_text_becomes_a_version_that_is_not_live(world, owner, base, rows):
    source = written(GOOD) + "\n"
    # A browser sends each line end as CR LF.
    answer = owner.post(f"{base}/new", {"source": source.replace("\n", "\r\n")})
    assert answer.status_code == 303
    row = rows()[0]
    assert answer.location == f"{base}/{row.id}"
    assert (row.number, row.name, row.version, row.description) == (3, "Table booking", "3.1", "Asks for a date.")
    assert row.source == source
    assert row.scenario_data == GOOD
    assert (row.is_live, row.is_active, row.author_id) == (False, True, world.pelmenya.owner.id)


def test_a_scenario_of_more_steps_than_anybody_reads_is_refused_with_the_reason(owner, base, rows):
    known = len(rows())
    steps = {f"s{n}": {"message": "x"} for n in range(MAX_STEPS + 1)}
    answer = owner.post(f"{base}/new", {"source": written({"steps": steps})})
    assert answer.status_code == 422
    assert f"{MAX_STEPS + 1} steps, and the portal takes at most {MAX_STEPS}" in answer.text
    assert len(rows()) == known
    del steps["s0"]
    assert owner.post(f"{base}/new", {"source": written({"steps": steps})}).status_code == 303


def test_a_longer_version_of_before_is_shown_page_by_page_and_can_go_live(owner, base, world, superuser_sql):
    steps = {f"s{n}": {"message": "x" * 60, "next_step": f"s{n + 1}"} for n in range(1500)}
    steps["s1500"] = {"message": "x"}
    superuser_sql(
        "UPDATE getinn_ops.bot_scenario SET source = %s, is_live = false WHERE id = %s",
        [written({"steps": steps}), world.pelmenya.scenario_id],
    )
    version = f"{base}/{world.pelmenya.scenario_id}"
    page = owner.get(version).text
    assert page.count('class="flow-step"') == STEPS_PER_PAGE
    assert "The text is too long to be shown here" in page
    assert f'href="?steps=2#step-s{STEPS_PER_PAGE}"' in page
    last = owner.get(f"{version}?steps=6").text
    assert last.count('class="flow-step"') == 1
    assert owner.post(f"{version}/publication").status_code == 303


def test_a_file_is_kept_to_the_letter(owner, base, rows):
    content = ("\ufeff" + written(GOOD)).replace("\n", "\r\n").encode()
    assert owner.post(f"{base}/new", upload(content, "anything.txt")).status_code == 303
    row = rows()[0]
    assert row.source.encode() == content
    assert owner.get(f"{base}/{row.id}/source").data == content


def test_name_and_version_fall_back_where_the_text_has_none(world, owner, base, rows):
    owner.post(f"{base}/new", {"source": written({"steps": GOOD["steps"], "name": "  "})})
    row = rows()[0]
    assert row.name == f"{world.pelmenya.marker} bot 1"
    assert row.version == "3"


def test_a_very_long_name_is_shortened_and_the_text_is_not(owner, base, rows):
    source = written({**GOOD, "name": "n" * 5000, "version": "7" * 500})
    assert owner.post(f"{base}/new", {"source": source}).status_code == 303
    row = rows()[0]
    assert len(row.name) == 200
    assert len(row.version) <= 60
    assert row.source == source


def test_a_text_that_cannot_be_read_is_named_by_line_and_kept(owner, base, rows):
    broken = '{\n  "name": "Half",\n  "steps": {,}\n}'
    answer = owner.post(f"{base}/new", {"source": broken})
    assert answer.status_code == 422
    assert "Line 3, column 13" in answer.text
    assert textarea(answer.text) == broken
    assert len(rows()) == 2


def test_the_text_of_a_broken_file_moves_into_the_text_field(owner, base, rows):
    broken = '{"name": "Полдела", "steps": '
    answer = owner.post(f"{base}/new", upload(broken.encode()))
    assert answer.status_code == 422
    assert textarea(answer.text) == broken
    assert len(rows()) == 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00\x01",
        "{}".encode("utf-16"),
        b"\x00",
        b'{"a": "\\u0000"}',
        b'{"a": "\\ud800"}',
        b"[]",
        b"null",
        b"NaN",
        b'{"a": 1e999}',
        b"[" * 50_000,
        b'{"a":' * 50_000,
        b" " * (1024 * 1024 + 1),
        b'{"a": 1, "a": 2}',
        b"<script>alert(1)</script>",
    ],
)
def test_what_is_no_scenario_is_refused_and_never_a_fault_of_ours(owner, base, rows, content):
    answer = owner.post(f"{base}/new", upload(content))
    assert answer.status_code == 422
    assert "<script>alert(1)" not in answer.text
    assert len(rows()) == 2


def test_neither_file_nor_text_asks_for_one(owner, base):
    answer = owner.post(f"{base}/new", {"source": ""})
    assert answer.status_code == 422
    assert "Choose a file or paste the text." in answer.text


def test_what_a_broken_text_quotes_is_escaped(owner, base):
    answer = owner.post(f"{base}/new", {"source": '{"<img src=x>": 1, "<img src=x>": 2}'})
    assert answer.status_code == 422
    assert "<img src=x>" not in answer.text
    assert "&lt;img src=x&gt;" in answer.text


def test_checking_tells_the_problems_and_saves_nothing(owner, base, rows):
    answer = owner.post(f"{base}/new", {"source": written(WITH_ERROR), "check": "1"})
    assert answer.status_code == 200
    assert "gone" in answer.text
    assert "cannot be published before the errors are gone" in answer.text
    assert textarea(answer.text) == written(WITH_ERROR)
    assert len(rows()) == 2


def test_a_version_with_errors_is_kept_and_says_that_it_cannot_be_published(owner, base, rows):
    answer = owner.post(f"{base}/new", {"source": written(WITH_ERROR)})
    assert answer.status_code == 303
    page = owner.get(answer.location).text
    assert "cannot be published" in page
    assert "/publication" not in page
    assert rows()[0].is_live is False


def test_a_new_version_starts_from_the_text_of_another(world, owner, base):
    page = owner.get(f"{base}/new?scenario_id={world.pelmenya.scenario_id}").text
    assert textarea(page).startswith('{"version": "1.0"')
    for other in (world.vareniki.scenario_id, ABSENT, "rubbish"):
        assert owner.get(f"{base}/new?scenario_id={other}").status_code == 404


def test_a_version_of_an_older_writer_shows_its_data(world, owner, base, superuser_sql):
    superuser_sql(
        "INSERT INTO getinn_ops.bot_scenario (bot_id, name, scenario_data, version) VALUES (%s, 'Old', %s, '0.9')",
        [world.pelmenya.bot_id, json.dumps(GOOD)],
    )
    (row,) = superuser_sql("SELECT id FROM getinn_ops.bot_scenario WHERE name = 'Old'")
    page = owner.get(f"{base}/{row.id}").text
    assert "See you" in page
    assert json.loads(owner.get(f"{base}/{row.id}/source").data) == GOOD


@pytest.mark.parametrize("data", ["null", "[]", '"text"', "7", "{}", '{"steps": [1, null]}'])
def test_whatever_an_older_writer_stored_can_be_looked_at(world, owner, base, superuser_sql, data):
    superuser_sql(
        "INSERT INTO getinn_ops.bot_scenario (bot_id, name, scenario_data, version) VALUES (%s, 'Odd', %s, '')",
        [world.pelmenya.bot_id, data],
    )
    (row,) = superuser_sql("SELECT id FROM getinn_ops.bot_scenario WHERE name = 'Odd'")
    for page in ("", "/comparison", "/source"):
        assert owner.get(f"{base}/{row.id}{page}").status_code == 200


def test_a_version_is_compared_with_the_live_one_unless_another_is_chosen(world, owner, base, rows):
    owner.post(f"{base}/new", {"source": written(GOOD)})
    newest = rows()[0].id
    page = owner.get(f"{base}/{newest}/comparison").text
    assert "From version 1 to version 3" in page
    assert "Good evening" in page
    chosen = owner.get(f"{base}/{newest}/comparison?with={world.pelmenya.draft_scenario_id}").text
    assert "From version 2 to version 3" in chosen


def test_the_live_version_is_compared_with_the_one_before(world, owner, base, rows):
    owner.post(f"{base}/new", {"source": written(GOOD)})
    newest = rows()[0].id
    owner.post(f"{base}/{newest}/publication", {"others": "stay"})
    assert "From version 2 to version 3" in owner.get(f"{base}/{newest}/comparison").text


def test_an_only_version_has_nothing_to_be_compared_with(world, owner, base, superuser_sql):
    superuser_sql("DELETE FROM getinn_ops.bot_scenario WHERE id = %s", [world.pelmenya.draft_scenario_id])
    page = owner.get(f"{base}/{world.pelmenya.scenario_id}/comparison")
    assert page.status_code == 200
    assert "This is the only version so far." in page.text


def test_a_foreign_version_answers_like_an_absent_one(world, owner, base):
    own = f"{base}/{world.pelmenya.scenario_id}"
    for other in (world.vareniki.scenario_id, ABSENT):
        for url in (f"{base}/{other}", f"{base}/{other}/source", f"{own}/comparison?with={other}"):
            assert owner.get(url).status_code == 404
    assert owner.get(f"{own}/comparison?with=rubbish").status_code == 404


def test_a_version_is_not_found_under_another_bot(world, owner):
    other = owner.account(f"bots/{world.pelmenya.archived_bot_id}/scenarios")
    assert owner.get(f"{other}/{world.pelmenya.scenario_id}").status_code == 404
    assert owner.post(f"{other}/archival", {"ids": str(world.pelmenya.draft_scenario_id)}).status_code == 404


def test_the_list_of_a_foreign_bot_is_not_found(world, owner):
    for bot in (world.vareniki.bot_id, ABSENT):
        base = owner.account(f"bots/{bot}/scenarios")
        for url in (base, f"{base}?q=onboarding", f"{base}/export", f"{base}/new"):
            assert owner.get(url).status_code == 404


@pytest.mark.parametrize(("role", "looks"), [("manager", 200), ("viewer", 200), ("chef", 403)])
def test_who_may_not_change_scenarios_may_at_most_look(world, browse, role, looks):
    browser = browse(getattr(world.pelmenya, role))
    base = browser.account(f"bots/{world.pelmenya.bot_id}/scenarios")
    page = browser.get(base)
    assert page.status_code == looks
    assert browser.get(f"{base}/{world.pelmenya.scenario_id}").status_code == looks
    assert "Add a version" not in page.text
    assert browser.get(f"{base}/new").status_code == 403
    for url in (f"{base}/new", f"{base}/archival", f"{base}/{world.pelmenya.scenario_id}/publication"):
        assert browser.post(url, {"ids": str(world.pelmenya.draft_scenario_id)}).status_code == 403


def test_the_export_holds_what_the_filter_shows(owner, base):
    lines = owner.get(f"{base}/export?state=archived").data.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("2,")


def test_a_superuser_adds_a_version_under_the_own_name_in_the_log(world, browse, rows, superuser_sql):
    browser = browse(world.superuser, visiting=world.pelmenya)
    base = browser.account(f"bots/{world.pelmenya.bot_id}/scenarios")
    assert browser.post(f"{base}/new", {"source": written(GOOD)}).status_code == 303
    assert rows()[0].author_id is None
    (event,) = superuser_sql(
        "SELECT * FROM getinn_ops.audit_event WHERE action = 'created' AND entity = 'bot_scenario' AND at > %s",
        [datetime.now(UTC).replace(tzinfo=None, hour=0, minute=0)],
    )
    assert event.as_superuser
    assert event.actor_email == world.superuser.email
    assert "Good evening" not in json.dumps(event.after)
