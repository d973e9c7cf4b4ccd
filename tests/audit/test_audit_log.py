"""The audit log: what it shows to whom, how it is narrowed and exported, and what it never tells."""

import csv
import html
import io
import json
import re

import pytest

from portal.audit.models import NO_COMINGS

ROW = re.compile(r'<tr id="e-([0-9a-f-]+)">')


@pytest.fixture
def owner(world, browse):
    return browse(world.pelmenya.owner)


@pytest.fixture
def many(world, superuser_sql):
    """1 200 more lines by three people, one an hour, the newest last."""
    superuser_sql(
        "INSERT INTO getinn_ops.audit_event"
        " (account_id, at, action, entity, entity_label, actor_email, actor_name, as_superuser)"
        " SELECT %s, timestamp '2026-01-01' + n * interval '1 hour', 'archived', 'store', 'Shelf ' || n,"
        " 'person' || n %% 3 || '@zqpelmenya.example', 'Person ' || n %% 3, false FROM generate_series(1, 1200) n",
        [world.pelmenya.account_id],
    )


def shown(answer):
    """The ids of the lines on a page, in its order."""
    assert answer.status_code == 200
    return ROW.findall(answer.text)


def listed(browser, query=""):
    return shown(browser.get(browser.account(f"audit{query}")))


def exported(browser, query=""):
    answer = browser.get(browser.account(f"audit/export{query}"))
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


@pytest.mark.parametrize("role", ["manager", "assigned_manager", "chef", "viewer"])
def test_the_log_is_the_owners(world, browse, role):
    browser = browse(getattr(world.pelmenya, role))
    for path in ("audit", "audit/export", f"audit/{world.pelmenya.event_id}"):
        assert browser.get(browser.account(path)).status_code == 403
    assert browser.account("audit") not in browser.get(browser.account()).text


def test_a_line_shows_who_did_what_to_what_when_and_from_where(world, owner):
    page = owner.get(owner.account("audit")).text
    what, who = ("Edited", "zqpelmenya on Main street", "Restaurant"), ("Owner Zqpelmenya", "owner@zqpelmenya.example")
    for told in (*what, *who, "192.0.2.1"):
        assert told in page, told
    assert "zqvareniki" not in page


def test_one_line_shows_before_and_after_and_leads_to_the_object(world, owner):
    page = owner.get(owner.account(f"audit/{world.pelmenya.event_id}")).text
    assert '<del class="diff__before">zqpelmenya before</del>' in page
    assert '<ins class="diff__after">zqpelmenya after</ins>' in page
    assert owner.account(f"restaurants/{world.pelmenya.restaurant_id}") in page
    assert owner.account(f"audit?entity_id={world.pelmenya.restaurant_id}") in page


def test_a_neighbours_line_answers_like_one_that_does_not_exist(world, owner):
    for event_id in (world.vareniki.event_id, "00000000-0000-4000-8000-000000000000", "nonsense"):
        assert owner.get(owner.account(f"audit/{event_id}")).status_code == 404


def test_the_newest_stands_first_and_pages_follow_each_other(many, owner):
    first = owner.get(owner.account("audit?entity=store"))
    assert first.text.index("Shelf 1200") < first.text.index("Shelf 1151")
    assert "1\u202f000+ entries" in first.text
    [following] = re.findall(r'href="([^"]*after=[^"]*)"', first.text)[:1]
    second = owner.get(html.unescape(following)).text
    assert "Shelf 1150" in second
    assert "Shelf 1151" not in second


def test_filters_narrow_the_page_and_the_export_alike(world, owner, many):
    event = str(world.pelmenya.event_id)
    for query in (
        "?action=edited",
        "?entity=restaurant",
        "?person=owner@zqpelmenya.example&action=edited",
        f"?entity_id={world.pelmenya.restaurant_id}",
        "?q=MAIN street",
    ):
        assert listed(owner, query) == [event], query
        assert [row["Object"] for row in exported(owner, query)] == ["zqpelmenya on Main street"]
    assert len(exported(owner, "?person=person1@zqpelmenya.example")) == 400
    assert listed(owner, f"?entity_id={world.vareniki.restaurant_id}") == []
    assert listed(owner, "?person=owner@zqvareniki.example") == []


@pytest.mark.parametrize(
    "query",
    [
        "?action=nonsense", "?entity=nonsense", "?entity_id=1", "?from=yesterday", "?from=2026-13-01", "?to=0000-00-00",
        "?from=0001-01-01", "?to=9999-12-31", "?person=\0", "?q=%00", "?from=20260101", "?to=2026-W01-1",
    ],
)  # fmt: skip
def test_a_malformed_filter_is_as_good_as_none(world, owner, query):
    assert str(world.pelmenya.event_id) in listed(owner, query)


def test_days_include_both_ends_in_the_readers_zone(world, owner, superuser_sql):
    labels = {
        "before": "2026-03-01 20:59:59.9",
        "first": "2026-03-01 21:00",
        "last": "2026-03-03 20:59:59.9",
        "after": "2026-03-03 21:00",
    }
    for label, at in labels.items():
        superuser_sql(
            "INSERT INTO getinn_ops.audit_event (account_id, at, action, entity, entity_label, as_superuser)"
            " VALUES (%s, %s, 'created', 'store', %s, false)",
            [world.pelmenya.account_id, at, label],
        )
    owner.client.set_cookie("__Host-tz", "Europe/Moscow", domain="localhost", secure=True)
    found = exported(owner, "?entity=store&from=2026-03-02&to=2026-03-03")
    assert [row["Object"] for row in found] == ["last", "first"]


def test_everybody_in_the_log_is_offered_by_name_and_nobody_else(world, owner, many, superuser_sql):
    offered = re.findall(r'<option value="[^"]*@[^"]*">([^<]*)<', owner.get(owner.account("audit")).text)
    assert offered == ["Owner Zqpelmenya", "Person 0", "Person 1", "Person 2"]
    superuser_sql(
        "INSERT INTO getinn_ops.audit_event (account_id, action, entity, entity_label, actor_email, actor_name,"
        " as_superuser, at) SELECT %s, 'archived', 'store', 's', email, name, false, now() FROM (VALUES"
        " ('other@zqpelmenya.example', 'Person 1'), ('nameless@zqpelmenya.example', NULL)) AS p (email, name)",
        [world.pelmenya.account_id],
    )
    offered = re.findall(r'<option value="[^"]*@[^"]*">([^<]*)<', owner.get(owner.account("audit")).text)
    assert "nameless@zqpelmenya.example" in offered
    assert "Person 1 (other@zqpelmenya.example)" in offered
    assert "Person 1 (person1@zqpelmenya.example)" in offered


def test_sign_ins_are_left_out_until_they_are_asked_for(world, owner, superuser_sql):
    superuser_sql(
        "INSERT INTO getinn_ops.audit_event (account_id, action, entity, entity_label, as_superuser, at)"
        " SELECT %s, action, 'user', 'zqcame', false, now() FROM unnest(ARRAY['signed_in', 'signed_out']) action",
        [world.pelmenya.account_id],
    )
    page = owner.get(owner.account("audit")).text
    assert "zqcame" not in page
    [way] = re.findall(r'<a\s+href="([^"]*)">Show them, too', page)
    everything = owner.get(html.unescape(way)).text
    assert everything.count("zqcame") == 2
    assert "Show them, too" not in everything
    for action in ("signed_in", "signed_out"):
        assert len(listed(owner, f"?action={action}")) == 1
    assert not any(row["Object"] == "zqcame" for row in exported(owner))


def test_the_log_without_sign_ins_is_read_by_an_index_of_its_own(world, superuser_sql):
    superuser_sql(
        "INSERT INTO getinn_ops.audit_event (account_id, action, entity, entity_id, entity_label, as_superuser, at)"
        " SELECT %s, 'signed_in', 'user', %s, 'zqcame', false, timestamp '2026-01-01' + n * interval '1 minute'"
        " FROM generate_series(1, 5000) n",
        [world.pelmenya.account_id, world.pelmenya.owner.id],
    )
    superuser_sql("ANALYZE getinn_ops.audit_event")
    for condition in ("", " AND entity = 'user'", f" AND entity_id = '{world.pelmenya.owner.id}'"):
        plan = superuser_sql(
            "EXPLAIN SELECT id FROM getinn_ops.audit_event WHERE account_id = %s"
            f" AND {NO_COMINGS}{condition} ORDER BY at DESC, id DESC LIMIT 51",
            [world.pelmenya.account_id],
        )
        assert any("_changes" in row[0] for row in plan), plan


def test_a_filter_by_object_shows_as_a_chip_that_can_be_removed(world, owner):
    page = owner.get(owner.account(f"audit?action=edited&entity_id={world.pelmenya.restaurant_id}")).text
    [chip] = re.findall(r'<a class="chip" href="([^"]*)"', page)
    assert html.unescape(chip) == owner.account("audit?action=edited")
    assert 'type="hidden" name="entity_id"' in page


def test_the_export_holds_the_values_and_is_itself_in_the_log(world, owner):
    [row] = exported(owner, "?action=edited")
    assert json.loads(row["Before"]) == {"name": "zqpelmenya before"}
    assert json.loads(row["After"]) == {"name": "zqpelmenya after"}
    assert (row["Person"], row["From address"], row["Support"]) == ("Owner Zqpelmenya", "192.0.2.1", "no")
    [told] = exported(owner, "?action=exported")
    assert json.loads(told["After"]) == {"list": "audit", "rows": 1}


@pytest.mark.parametrize(("language", "words"), [("en", "List: Conversations"), ("ru", "Список: Разговоры")])
def test_an_export_is_called_as_the_page_calls_the_list(world, owner, language, words):
    assert owner.get(owner.account(f"bots/{world.pelmenya.bot_id}/dialogs/export")).status_code == 200
    page = owner.get(owner.account("audit?action=exported"), headers={"Accept-Language": language}).text
    assert words in page
    assert "dialogs ·" not in page
    [line] = re.findall(r'<tr id="e-([^"]+)"', page)
    detail = owner.get(owner.account(f"audit/{line}"), headers={"Accept-Language": language}).text
    assert words.partition(": ")[2] in detail.split("<main")[1]
    assert ">dialogs<" not in detail


def test_secrets_never_reach_the_log(world, owner):
    form = {"base_url": "https://zqpelmenya.example", "login": "cook", "password": "zq-new-iiko-password"}
    assert owner.post(owner.account(f"integrations/{world.pelmenya.integration_id}/edit"), form).status_code == 303
    told = json.dumps(exported(owner))
    assert "Credentials set" in told
    for secret in ("zq-new-iiko-password", *world.pelmenya.secrets):
        assert secret not in told


def test_the_log_cannot_be_changed_from_its_pages(world, owner):
    for method in ("POST", "PUT", "DELETE"):
        assert owner.open(owner.account(f"audit/{world.pelmenya.event_id}"), method, csrf=True).status_code == 405


def test_pages_cost_few_statements_however_long_the_log(many, world, owner, statements):
    # A search takes a place among the account's costly pages; one for a common word tells the planner twice.
    for path, most in (("audit", 3), ("audit?q=shelf&action=archived", 7), (f"audit/{world.pelmenya.event_id}", 3)):
        with statements() as counted:
            assert owner.get(owner.account(path)).status_code == 200
        assert counted.total <= most, path
