"""The rule of a bot: what is proposed from the live version, what is warned of, what is kept."""

import json

import pytest

from portal.onboarding.intake.survey import Survey, propose
from portal.onboarding.intake.trigger import Trigger
from portal.scenarios.document.document import ScenarioDocument
from tests.onboarding.intake.hiring import DEMO, OLDER_RULE, older_steps

CHAT = "42"


def survey_of(steps, **more):
    return Survey(ScenarioDocument.from_data({"steps": steps} | more))


def test_the_demos_fields_are_proposed_by_their_names_and_no_consent_is_made_up():
    survey = Survey(ScenarioDocument.from_text(DEMO.read_text("utf-8")))
    draft = propose(survey, ["medical_exam", "work_patent"])
    assert draft.trigger == Trigger(variable="confirmation", equals="confirmed")
    assert draft.fields == {
        "name": ["full_name"], "position": "position", "phone": "phone", "email": "email", "birthday": "birthday",
        "uniform_size": "uniform_size",
    }  # fmt: skip
    assert draft.documents == {"medical_exam": "medical_book_photo"}
    assert draft.consent == ""


def test_the_older_platforms_names_are_proposed_as_the_contract_writes_them():
    draft = propose(survey_of(older_steps()), [])
    assert draft.fields == OLDER_RULE["fields"]
    assert draft.trigger == Trigger(is_finish=True)


def test_the_step_that_registers_is_the_trigger():
    steps = {
        "ask": {"message": "Name?", "expected_input": {"type": "text", "variable": "fio"}, "next_step": "put"},
        "put": {"type": "action", "action": "register_with_labor_module", "next_step": "end"},
        "end": {"message": "Thank you"},
    }
    draft = propose(survey_of(steps), [])
    assert (draft.trigger, draft.fields) == (Trigger(step="put"), {"name": ["fio"]})


def test_what_the_author_declared_in_the_file_comes_before_all_guesses():
    declared = {"trigger": {"variable": "sure"}, "fields": {"name": ["x"]}, "documents": {"id": "photo"}}
    draft = propose(survey_of(older_steps(), metadata={"staff_record": declared}), [])
    assert (draft.trigger, draft.fields, draft.documents) == (Trigger("sure"), {"name": ["x"]}, {"id": "photo"})


@pytest.mark.parametrize(
    ("told", "taken"),
    [
        ({"position": ["role"], "phone": "tel"}, {"phone": "tel"}),
        ({"name": [{}, "first_name"]}, {"name": ["first_name"]}),
        ({"name": [{}]}, {"name": []}),
        ({"name": "fio", "email": {}}, {"name": "fio"}),
    ],
)
def test_what_is_declared_in_another_way_is_passed_over(hiring, owner, address, told, taken):
    declared = {"trigger": {"finished": True}, "fields": told}
    document = {"steps": older_steps(), "metadata": {"staff_record": declared}}
    assert propose(Survey(ScenarioDocument.from_data(document)), []).fields == taken
    hiring.sql("DELETE FROM getinn_ops.bot_intake_rule WHERE bot_id = %s", [hiring.chain.bot_id])
    hiring.traffic.publish(document["steps"])
    live = "UPDATE getinn_ops.bot_scenario SET scenario_data = scenario_data || %s WHERE is_live AND bot_id = %s"
    hiring.sql(live, [json.dumps({"metadata": document["metadata"]}), hiring.chain.bot_id])
    assert owner.get(address).status_code == 200


def test_a_declared_record_without_a_trigger_has_the_one_that_the_scenario_suggests():
    declared = {"fields": {"name": ["first_name"]}}
    assert propose(survey_of(older_steps(), metadata={"staff_record": declared}), []).trigger == Trigger(is_finish=True)


def test_a_name_of_three_parts_keeps_the_third_until_another_is_chosen(older, owner, address):
    parts = ["first_name", "last_name", "citizenship"]
    older.declare(OLDER_RULE | {"fields": {"name": parts}})
    kept = "SELECT fields->'name' AS parts FROM getinn_ops.bot_intake_rule WHERE bot_id = %s"
    sent = {"trigger": "finish", "name": parts[0], "is_on": "y"}
    for last, expected in ((parts[1], parts), ("", parts[:1])):
        assert owner.post(address, sent | {"last_name": last}).status_code == 303
        assert older.sql(kept, [older.chain.bot_id])[0].parts == expected


@pytest.fixture
def owner(browse, world):
    return browse(world.pelmenya.owner)


@pytest.fixture
def address(owner, world):
    return owner.account(f"bots/{world.pelmenya.bot_id}/staff-record")


def buttons(*values):
    return [{"text": value.capitalize(), "value": value} for value in values]


def with_choices():
    steps = older_steps()
    steps["ask_project"]["buttons"] = buttons("pyatnitskaya", "luna", "city1", "city2")
    return steps


def test_values_that_lead_nowhere_are_warned_of(older, owner, address):
    older.traffic.publish(with_choices())
    page = owner.get(address).text
    assert "3 of 4 values of project lead to no restaurant: Luna, City1, City2." in page
    assert "/staff/codes" in page


def test_a_republished_version_without_a_variable_is_told_on_the_bots_page_and_the_rules(older, owner, address, world):
    steps = older_steps()
    del steps["ask_citizenship"]
    steps["ask_shift"]["next_step"] = "ask_confirmed"
    older.traffic.publish(steps)
    told = "The live version no longer asks for citizenship."
    assert told in owner.get(address).text
    assert told in owner.get(owner.account(f"bots/{world.pelmenya.bot_id}")).text


def test_the_bots_page_shows_what_came_of_the_latest_conversations(older, owner, world):
    older.hires(CHAT, "/start", "Ivan", "Petrov", "food-guide", "pyatnitskaya", "10.08 10:00", "rf", "yes")
    page = owner.get(owner.account(f"bots/{world.pelmenya.bot_id}")).text
    assert "Ivan Petrov" in page
    assert "Record created" in page


def test_an_owner_saves_what_is_proposed_and_the_log_tells_it(hiring, owner, address):
    hiring.sql("DELETE FROM getinn_ops.bot_intake_rule WHERE bot_id = %s", [hiring.chain.bot_id])
    document = json.loads(DEMO.read_text("utf-8"))
    hiring.traffic.publish(document["steps"], document["start_step"])
    page = owner.get(address).text
    assert "This is proposed from the names in the scenario." in page
    sent = dict.fromkeys(("position", "email", "birthday", "uniform_size"), "")
    sent |= {"trigger": "answer:confirmation=confirmed", "name": "full_name", "phone": "phone", "is_on": "y"}
    assert owner.post(address, sent).status_code == 303
    [rule] = hiring.sql("SELECT * FROM getinn_ops.bot_intake_rule WHERE bot_id = %s", [hiring.chain.bot_id])
    assert rule.trigger == {"variable": "confirmation", "equals": "confirmed"}
    assert (rule.fields, rule.is_on) == ({"name": ["full_name"], "phone": "phone"}, True)
    [line] = hiring.sql(
        "SELECT * FROM getinn_ops.audit_event WHERE entity = 'bot_intake_rule' ORDER BY at DESC LIMIT 1"
    )
    assert (line.action, line.after["fields"]) == ("created", "name: full_name, phone: phone")


def test_a_trigger_or_variable_that_is_not_on_offer_is_refused(older, owner, address):
    before = older.sql("SELECT * FROM getinn_ops.bot_intake_rule")
    for told in ({"trigger": "answer:nothing"}, {"trigger": "finish", "phone": "nobody_asks"}):
        answer = owner.post(address, {"name": "first_name", "is_on": "y"} | told)
        assert answer.status_code == 422
    assert older.sql("SELECT * FROM getinn_ops.bot_intake_rule") == before


def test_nobody_but_owners_sets_it_up(browse, world, older):
    for role in ("manager", "viewer"):
        browser = browse(getattr(world.pelmenya, role))
        assert browser.get(browser.account(f"bots/{world.pelmenya.bot_id}/staff-record")).status_code == 403
    stranger = browse(world.vareniki.owner)
    assert stranger.get(stranger.account(f"bots/{world.pelmenya.bot_id}/staff-record")).status_code == 404
