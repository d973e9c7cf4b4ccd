"""Pages of questions: a list, one at a time with two buttons, and who may answer what."""

import re
from datetime import datetime

import pytest

from tests.onboarding.intake.hiring import ANNA, IVAN

CHAT, OTHER_CHAT = "42", "43"
LUNA = (*IVAN[:4], "luna", *IVAN[5:])
QUESTIONS = "questions"


@pytest.fixture
def owner(browse, world):
    return browse(world.pelmenya.owner)


@pytest.fixture
def luna(older):
    """Somebody whose restaurant nobody knows."""
    older.hires(CHAT, *LUNA)
    [question] = older.questions()
    return question


def page_of(question):
    return f"questions/{question.id}"


def test_a_manager_answers_with_one_choice_and_one_button(older, owner, luna):
    page = owner.get(owner.account(page_of(luna))).text
    assert "“luna” is none of the chain&#39;s restaurants." in page
    assert "Save and remember “luna”" in page
    answer = owner.post(
        owner.account(page_of(luna)), {"restaurant_id": str(older.chain.restaurant_id), "choice": "remember"}
    )
    assert answer.status_code == 303
    assert older.members()[0].restaurant_id == older.chain.restaurant_id
    assert [row.code for row in older.rows("restaurant_code", "code = 'luna'")] == ["luna"]


def test_whoever_comes_second_sees_who_answered_and_when(older, browse, world, owner, luna):
    second = browse(world.pelmenya.manager)
    for browser in (second, owner):
        answer = browser.post(
            browser.account(page_of(luna)), {"restaurant_id": str(older.chain.restaurant_id), "choice": "once"}
        )
    page = answer.text if answer.status_code == 200 else owner.get(owner.account(page_of(luna))).text
    assert "This is answered." in page
    assert "Manager Zqpelmenya" in page
    assert 'name="choice"' not in page


def test_a_restaurant_that_was_not_chosen_is_asked_for_beside_the_field(older, owner, luna):
    answer = owner.post(owner.account(page_of(luna)), {"restaurant_id": "", "choice": "once"})
    assert answer.status_code == 422
    assert "Choose the restaurant." in answer.text
    assert older.questions() != []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Write the day and the time, such as 10.08 10:00."),
        ("soon", "Write the day and the time, such as 10.08 10:00."),
        ("31.02 10:00", "There is no such day or time within a year from now."),
        ("01.09.1926 10:00", "There is no such day or time within a year from now."),
        ("01.09.2126 10:00", "There is no such day or time within a year from now."),
    ],
)
def test_a_date_that_cannot_be_is_refused_and_stays_typed(older, owner, typed, said):
    older.hires(CHAT, *IVAN[:5], "later", *IVAN[6:])
    [question] = older.questions()
    answer = owner.post(owner.account(page_of(question)), {"first_shift": typed})
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{typed}"' in answer.text


def test_a_typed_date_is_on_the_clocks_of_the_restaurant(older, owner):
    older.hires(CHAT, *IVAN[:5], "later", *IVAN[6:])
    [question] = older.questions()
    day = datetime.now().strftime("%d.%m.%Y")  # noqa: DTZ005
    assert owner.post(owner.account(page_of(question)), {"first_shift": f"{day} 23:30"}).status_code == 303
    shift = older.rows("staff_onboarding")[0].first_shift_at
    assert (shift.hour, shift.minute) == (20, 30)


def test_two_people_are_shown_side_by_side_and_kept_apart(demo, owner):
    demo.hires(CHAT, *ANNA)
    demo.hires(OTHER_CHAT, "/start", "Пётр Иванов", "cook", "8 900 123-45-67", "p@example.ru", "01.01.2000", *ANNA[6:])
    [question] = [each for each in demo.questions() if each.kind == "identity"]
    page = owner.get(owner.account(page_of(question))).text
    for told in ("Анна Смирнова", "Пётр Иванов", "1 January 2000", "25 April 1998"):
        assert told in page
    owner.post(owner.account(page_of(question)), {"choice": "other", "phone": "moves"})
    assert [each.phone for each in demo.members()] == [None, "+79001234567"]


def test_an_offer_is_taken_by_a_button_and_the_next_question_follows(demo, owner):
    demo.hires(CHAT, *ANNA)
    demo.sql("UPDATE getinn_ops.staff_field SET source = 'hand', value = 'x' WHERE field = 'uniform_size'")
    demo.sql("UPDATE getinn_ops.staff_member SET uniform_size = 'x' WHERE name = 'Анна Смирнова'")
    demo.hires(CHAT, *ANNA)
    [question] = [each for each in demo.questions() if each.kind == "values"]
    page = owner.get(owner.account(page_of(question))).text
    assert "Uniform size" in page
    [address] = re.findall('action="([^"]*questions/offers/[^"]*)"', page)
    answer = owner.post(address, {"choice": "take"})
    assert answer.status_code == 303
    assert "/questions/" in answer.location
    assert demo.members()[0].uniform_size == "44"


def test_an_offer_that_cannot_be_taken_stays_to_be_decided(demo, owner):
    demo.hires(CHAT, *ANNA)
    for phone in ("8 900 765-43-21", "8 900 123-45-67"):
        demo.hires(OTHER_CHAT, "/start", "Ольга Ли", "cook", phone, "olga@example.ru", *ANNA[5:])
    [question] = [each for each in demo.questions() if each.kind == "values"]
    [address] = re.findall('action="([^"]*questions/offers/[^"]*)"', owner.get(owner.account(page_of(question))).text)
    assert owner.post(address, {"choice": "take"}).status_code == 303
    assert len(demo.rows("staff_field", "held")) == 1
    assert address in owner.get(owner.account(page_of(question))).text
    owner.post(address, {"choice": "keep"})
    assert [each for each in demo.questions() if each.kind == "values"] == []


@pytest.mark.parametrize(("phone", "is_asked"), [("8 900 123-45-67", True), ("8 900 765-43-21", False)])
def test_whose_the_phone_is_is_asked_where_both_have_it_however_they_were_matched(demo, owner, phone, is_asked):
    demo.hires(CHAT, *ANNA)
    demo.hires(CHAT, "/start", "Борис Ли", "cook", phone, "b@example.ru", "01.01.2000", *ANNA[6:])
    [question] = [each for each in demo.questions() if each.kind == "identity"]
    assert question.details["by"] == "chat"
    assert ('name="phone"' in owner.get(owner.account(page_of(question))).text) is is_asked


def test_nothing_waits_for_you(browse, world, hiring):
    hiring.sql("UPDATE getinn_ops.staff_question SET answered_at = now()")
    browser = browse(world.pelmenya.manager)
    assert "Nothing waits for you" in browser.get(browser.account(QUESTIONS)).text


@pytest.mark.parametrize("role", ["chef", "viewer"])
def test_chefs_and_viewers_see_no_questions(browse, world, older, luna, role):
    browser = browse(getattr(world.pelmenya, role))
    assert browser.get(browser.account(QUESTIONS)).status_code == 403
    assert browser.get(browser.account(page_of(luna))).status_code == 403
    assert browser.post(browser.account(page_of(luna)), {"choice": "once"}).status_code == 403


def test_a_manager_of_some_restaurants_sees_how_many_have_none_and_takes_theirs(browse, world, older, luna):
    browser = browse(world.pelmenya.assigned_manager)
    page = browser.get(browser.account(QUESTIONS)).text
    assert "1 person has no restaurant yet." in page
    assert "Ivan Petrov" not in page
    assert browser.get(browser.account(page_of(luna))).status_code == 404
    [member] = older.members()
    page = browser.get(browser.account("questions/unassigned")).text
    assert "Ivan Petrov" in page
    other = {"restaurant_id": str(older.chain.restaurant_id), "person": str(member.id)}
    assert browser.post(browser.account("questions/unassigned"), other).status_code == 422
    own = other | {"restaurant_id": str(older.chain.assigned_restaurant_id)}
    assert browser.post(browser.account("questions/unassigned"), own).status_code == 303
    assert older.members()[0].restaurant_id == older.chain.assigned_restaurant_id
    assert older.questions() == []
    # Whoever has a restaurant is nobody's to take.
    assert browser.post(browser.account("questions/unassigned"), own).status_code == 303
    older.sql(
        "UPDATE getinn_ops.staff_member SET status = 'left', left_on = '2026-08-20', restaurant_id = NULL"
        " WHERE id = %s", [member.id],
    )  # fmt: skip
    assert "has left" in browser.get(browser.post(browser.account("questions/unassigned"), own).location).text
    assert older.members()[0].restaurant_id is None
    there = {"person": str(older.chain.id_of("staff_member")), "restaurant_id": own["restaurant_id"]}
    browser.post(browser.account("questions/unassigned"), there)
    [row] = older.sql("SELECT restaurant_id FROM getinn_ops.staff_member WHERE id = %s", [there["person"]])
    assert row.restaurant_id == older.chain.restaurant_id


def test_a_stranger_takes_nobody_in(browse, world, older, luna):
    browser = browse(world.vareniki.owner)
    [member] = older.members()
    told = {"restaurant_id": str(world.vareniki.restaurant_id), "person": str(member.id)}
    browser.post(browser.account("questions/unassigned"), told)
    assert older.members()[0].restaurant_id is None
    assert browser.post(browser.account(page_of(luna)), told | {"choice": "once"}).status_code == 404


def test_that_questions_wait_is_told_once_until_the_last_is_answered(older, owner, luna):
    told = "SELECT resolved_at, repetitions FROM getinn_ops.notice WHERE kind = 'staff_questions' AND account_id = %s"
    older.hires(OTHER_CHAT, "/start", "Olga", "Sidorova", *LUNA[3:])
    [notice] = older.sql(told, [older.chain.account_id])
    assert notice.resolved_at is None
    for question in older.questions():
        owner.post(
            owner.account(page_of(question)), {"restaurant_id": str(older.chain.restaurant_id), "choice": "once"}
        )
    [notice] = older.sql(told, [older.chain.account_id])
    assert notice.resolved_at is not None


def test_what_a_hand_sets_in_the_record_itself_is_asked_no_more(older, owner, luna):
    [member] = older.members()
    path = owner.account(f"staff/{member.id}")
    sent = {"name": member.name, "restaurant_id": str(older.chain.restaurant_id)}
    assert owner.post(f"{path}/edit", sent).status_code == 303
    assert older.questions() == []
    [question] = older.questions(is_open=False)
    assert question.answered_by_id == owner.person.id
    [notice] = older.sql(
        "SELECT resolved_at FROM getinn_ops.notice WHERE kind = 'staff_questions' AND account_id = %s",
        [older.chain.account_id],
    )
    assert notice.resolved_at is not None


def test_a_first_shift_that_is_over_is_kept_and_asked_about_with_what_was_told(older, owner):
    older.hires(CHAT, *IVAN, day="2026-08-12")
    [question] = older.questions()
    assert older.members()[0].starts_on is not None
    page = owner.get(owner.account(page_of(question))).text
    assert "The chat told “10.08 10:00”, which was over by then." in page
    assert 'value="10.08.2026 10:00"' in page


def test_the_questions_of_a_person_stand_on_their_page_and_lead_back_to_it(older, owner, luna):
    [member] = older.members()
    page = owner.get(owner.account(f"staff/{member.id}")).text
    assert f"questions/{luna.id}?of={member.id}" in page
    answer = owner.post(
        owner.account(f"{page_of(luna)}?of={member.id}"),
        {"restaurant_id": str(older.chain.restaurant_id), "choice": "once"},
    )
    assert answer.location.endswith(f"/staff/{member.id}")
