from datetime import date

import pytest

from portal.db.base import SCHEMA, db
from portal.onboarding import bringing_along
from portal.onboarding.bringing_along import RunningChecklists, bring_along, bring_checklists_along
from portal.onboarding.engagements import hire
from portal.onboarding.models import steps_of
from portal.onboarding.templates import OnboardingTemplate


def url_of(chain, rest=""):
    return f"/accounts/{chain.slug}/staff/checklists{rest}"


def rows(*steps, **head):
    """What the form sends for these steps."""
    data = {"name": "Cooks", "position_id": "", "restaurant_id": "", "lines-stamp": "none", "lines": [], **head}
    for number, step in enumerate(steps):
        data["lines"].append(f"n{number}")
        usual = {
            "counts": "calendar",
            "anchor": "first_shift",
            "who": "manager",
            "completed_by": "hand",
            "required": "y",
        }
        data |= {f"lines-n{number}-{key}": value for key, value in {**usual, **step}.items()}
    return data


@pytest.fixture
def place(world):
    """A position that has no checklist of its own yet."""
    return {"position_id": str(world.pelmenya.id_of("staff_position"))}


def stored_steps(superuser_sql, name="Cooks"):
    return superuser_sql(
        f"SELECT s.code, s.name, s.offset_days, s.required FROM {SCHEMA}.onboarding_template_step s"
        f" JOIN {SCHEMA}.onboarding_template t ON t.id = s.template_id WHERE t.name = %s ORDER BY s.position",
        [name],
    )


def test_an_owner_adds_a_checklist_with_its_steps(browse, world, place, superuser_sql):
    owner = browse(world.pelmenya.owner)
    steps = rows({"name": "Knives", "offset_days": "−2"}, {"name": "Медкнижка", "code": "Book"}, **place)
    answer = owner.post(url_of(world.pelmenya, "/new"), steps)
    assert answer.status_code == 303
    assert [(row.code, row.offset_days) for row in stored_steps(superuser_sql)] == [("knives", -2), ("book", 0)]
    page = owner.get(f"{answer.location}?first_shift=10.08.2026").text
    assert "8 Aug" in page


def test_a_step_whose_name_makes_no_code_is_numbered(browse, world, place, superuser_sql):
    steps = rows({"name": "✓"}, {"name": "ნაბიჯი"}, {"name": "C", "code": "step_2"}, **place)
    assert browse(world.pelmenya.owner).post(url_of(world.pelmenya, "/new"), steps).status_code == 303
    assert [row.code for row in stored_steps(superuser_sql)] == ["step_1", "step_3", "step_2"]


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([{"name": "A", "code": "same"}, {"name": "B", "code": "SAME"}], "Another step has this code."),
        ([{"name": "A", "offset_days": "soon"}], "Write a whole number of days"),
        ([{"name": "A", "offset_days": "400"}], "Write a whole number of days"),
        ([{"name": "A", "completed_by": "document"}], "Choose the paper that completes it."),
        ([{"name": "A", "message_when_done": "Hello {{phone}}"}], "Nothing fills in “phone”."),
        ([{"name": "A", "code": "two words"}], "A code has no spaces."),
        ([{"name": "", "description": "x"}], "Fill this in."),
        ([], "There are no steps"),
    ],
)
def test_what_cannot_be_kept_is_told_beside_it_and_nothing_is_lost(browse, world, place, superuser_sql, steps, told):
    answer = browse(world.pelmenya.owner).post(url_of(world.pelmenya, "/new"), rows(*steps, **place))
    assert answer.status_code == 422
    assert told in answer.text
    assert all(step.get("description", step["name"]) in answer.text for step in steps)
    assert stored_steps(superuser_sql) == []


def test_a_checklist_without_steps_is_allowed_once_it_is_meant(browse, world, place, superuser_sql):
    owner, data = browse(world.pelmenya.owner), rows(**place)
    page = owner.post(url_of(world.pelmenya, "/new"), data).text
    sure = page.partition('name="_sure" value="')[2].partition('"')[0]
    assert owner.post(url_of(world.pelmenya, "/new"), data | {"_sure": sure}).status_code == 303


def test_two_of_one_position_and_restaurant_are_not_in_use_at_once(browse, world, superuser_sql):
    owner = browse(world.pelmenya.owner)
    answer = owner.post(url_of(world.pelmenya, "/new"), rows({"name": "A"}))
    assert answer.status_code == 422
    assert "is in use for the same position and restaurant" in answer.text


def test_the_checklist_for_everybody_else_stays(browse, world, place, superuser_sql):
    owner, template = browse(world.pelmenya.owner), world.pelmenya.id_of("onboarding_template")
    owner.post(url_of(world.pelmenya, "/archival"), {"ids": str(template), "sure": "1"})
    [row] = superuser_sql(f"SELECT is_active FROM {SCHEMA}.onboarding_template WHERE id = %s", [template])
    assert row.is_active
    answer = owner.post(url_of(world.pelmenya, f"/{template}/edit"), rows({"name": "A"}, **place))
    assert "Everybody gets this one who has no other" in answer.text


def test_a_step_that_goes_leaves_its_code_to_one_that_comes(browse, world, place, superuser_sql):
    owner = browse(world.pelmenya.owner)
    url = owner.post(url_of(world.pelmenya, "/new"), rows({"name": "Old", "code": "code"}, **place)).location
    page = owner.get(f"{url}/edit").text
    stamp = page.partition('name="lines-stamp" value="')[2].partition('"')[0]
    answer = owner.post(f"{url}/edit", rows({"name": "New", "code": "code"}, **place) | {"lines-stamp": stamp})
    assert answer.status_code == 303
    assert [(row.code, row.name) for row in stored_steps(superuser_sql)] == [("code", "New")]


def test_the_buttons_of_the_rows_keep_what_was_typed(browse, world, place):
    owner = browse(world.pelmenya.owner)
    data = rows({"name": "Typed"}, **place) | {"lines-command": "add"}
    answer = owner.post(url_of(world.pelmenya, "/new"), data, htmx=True)
    assert answer.status_code == 200
    assert 'value="Typed"' in answer.text
    assert answer.text.count("lines__") == 0
    assert answer.text.count('class="line"') == 2


@pytest.mark.parametrize(("role", "status"), [("manager", 403), ("chef", 403), ("viewer", 403)])
def test_only_owners_set_checklists_up(browse, world, role, status):
    person = browse(getattr(world.pelmenya, role))
    assert person.get(url_of(world.pelmenya, "/new")).status_code == status
    assert person.get(url_of(world.pelmenya)).status_code == (200 if role == "manager" else 403)


def test_an_archived_checklist_asks_about_what_runs_and_leaves_it(browse, world, place, superuser_sql):
    owner, template = browse(world.pelmenya.owner), world.pelmenya.id_of("onboarding_template")
    superuser_sql(
        f"UPDATE {SCHEMA}.onboarding_template SET position_id = %s WHERE id = %s",
        [world.pelmenya.id_of("staff_position"), template],
    )
    question = owner.post(url_of(world.pelmenya, "/archival"), {"ids": str(template)}).text
    assert "2 checklists run that were made of it." in question
    owner.post(url_of(world.pelmenya, "/archival"), {"ids": str(template), "sure": "1"})
    [row] = superuser_sql(f"SELECT is_active FROM {SCHEMA}.onboarding_template WHERE id = %s", [template])
    assert not row.is_active
    steps = (
        f"SELECT s.id FROM {SCHEMA}.onboarding_step s JOIN {SCHEMA}.staff_onboarding o ON o.id = s.staff_onboarding_id"
    )
    assert len(superuser_sql(f"{steps} WHERE o.template_id = %s AND o.status = 'in_progress'", [template])) == 2


@pytest.fixture
def cooks(chain):
    """A checklist of three steps."""
    template = OnboardingTemplate(name="cooks")
    db.session.add(template)
    db.session.flush()
    template.put_steps([], [(None, filled(name)) for name in ("knives", "stove", "floor")])
    db.session.flush()
    return template


def filled(code, **values):
    usual = {
        "name": code, "code": code, "description": None, "anchor": "hired", "offset_days": 1, "counts": "calendar",
        "who": "manager", "required": True, "document_type_id": None, "completed_by": "hand", "for_foreigners": False,
        "message_when_done": None, "message_reminder": None,
    }  # fmt: skip
    return usual | values


def edited(template, *steps):
    lines = {line.code: line for line in template.steps}
    template.put_steps(list(lines.values()), [(getattr(lines.get(step["code"]), "id", None), step) for step in steps])
    db.session.flush()


def test_running_checklists_come_along_and_nothing_is_undone(cooks, person):
    done, begun, fresh = (hire(person(name=name), hired_on=date(2026, 8, 3)) for name in ("done", "begun", "fresh"))
    by_code = {id(each): {step.code: step for step in steps_of(each)} for each in (done, begun, fresh)}
    by_code[id(done)]["floor"].complete()
    by_code[id(begun)]["floor"].fail()
    by_code[id(begun)]["knives"].set_due(date(2026, 9, 1))
    edited(cooks, filled("knives", name="Sharp knives", offset_days=3), filled("stove"), filled("fridge"))
    running = RunningChecklists(cooks)
    assert (running.count, running.behind) == (3, 3)
    told = {each.name: (each.new, each.changed, each.gone, each.kept) for each in running.changes()}
    assert told == {"Sharp knives": (0, 3, 0, 0), "fridge": (3, 0, 0, 0), "floor": (0, 0, 1, 1)}
    assert running.bring_along()
    assert RunningChecklists(cooks).behind == 0
    assert {step.code: str(step.status) for step in steps_of(done)} == {
        "knives": "pending", "stove": "pending", "floor": "completed", "fridge": "pending",
    }  # fmt: skip
    assert [step.code for step in steps_of(fresh)] == ["knives", "stove", "fridge"]
    [knives] = [step for step in steps_of(fresh) if step.code == "knives"]
    assert (knives.name, knives.due_date) == ("Sharp knives", date(2026, 8, 6))
    [knives] = [step for step in steps_of(begun) if step.code == "knives"]
    assert (knives.name, knives.due_date) == ("Sharp knives", date(2026, 9, 1))


def test_what_is_done_as_a_whole_is_not_brought_along(cooks, person):
    engagement = hire(person())
    for step in steps_of(engagement):
        step.complete()
    edited(cooks, filled("knives"), filled("stove"), filled("floor"), filled("fridge"))
    assert RunningChecklists(cooks).count == 0
    bring_along(engagement, cooks)
    assert (engagement.status, len(steps_of(engagement))) == ("completed", 3)


def test_many_are_brought_along_by_the_worker(cooks, person, monkeypatch, chain):
    from portal.db.base import db

    monkeypatch.setattr(bringing_along, "AT_ONCE", 1)
    for name in ("one", "two", "three"):
        hire(person(name=name))
    edited(cooks, filled("knives"), filled("fridge"))
    assert not RunningChecklists(cooks).bring_along()
    monkeypatch.setattr(db.session, "commit", db.session.flush)
    bring_checklists_along.function(account_id=str(chain.account_id), template_id=str(cooks.id))
    assert RunningChecklists(cooks).behind == 0
