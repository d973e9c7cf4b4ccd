"""Odd answers: kept as they were told where the record can hold them, else somebody has to look."""

from datetime import date

import pytest

from portal.onboarding.intake.answers import Answer, IntakeAnswers
from portal.onboarding.intake.values import read_values, shares_a_word
from tests.onboarding.intake.hiring import ANNA, IVAN, OLDER_RULE

CHAT, OTHER_CHAT = "42", "43"
MESSAGE = "00000000-0000-4000-8000-000000000001"


def read(**fields):
    told = {name: [Answer(value, MESSAGE, "2026-08-03T07:00:00+00:00")] for name, value in fields.items()}
    answers = IntakeAnswers(fields=told, at="2026-08-03T07:00:00+00:00")
    return {each.field: each for each in read_values(answers)}


@pytest.mark.parametrize(
    ("one", "other", "is_shared"),
    [
        ("Анна Смирнова", "смирнова анна", True),
        ("Пётр", "Петр Иванов", True),
        ("Анна-Мария", "Мария Ли", True),
        ("Анна Смирнова", "Пётр Иванов", False),
        ("Ivan Petrov", "Иван Петров", False),
        ("🙂", "🙂", True),
        ("🙂", "Анна", False),
    ],
)
def test_names_of_one_person_have_a_word_in_common(one, other, is_shared):
    assert shares_a_word(one, other) is is_shared


@pytest.mark.parametrize(
    ("told", "value", "is_fit"),
    [
        ("8 900 123-45-67", "+79001234567", True),
        ("+7 (900) 123-45-67", "+79001234567", True),
        ("+375 29 123-45-67", "+375291234567", True),
        ("позвоните мне", "позвоните мне", False),
        ("+7 900 12", "+7 900 12", False),
    ],
)
def test_a_phone_that_is_none_is_kept_as_it_was_told(told, value, is_fit):
    found = read(phone=told)["phone"]
    assert (found.value, found.is_fit, found.is_doubtful) == (value, is_fit, not is_fit)


@pytest.mark.parametrize(
    ("told", "value", "is_doubtful"),
    [
        ("1998-04-25", date(1998, 4, 25), False),
        ("25.04.1998", date(1998, 4, 25), False),
        ("1998-04-25T00:00", date(1998, 4, 25), False),
        ("2012-08-03", date(2012, 8, 3), False),
        ("2012-08-04", date(2012, 8, 4), True),
        ("2027-01-01", date(2027, 1, 1), True),
        ("1899-01-01", date(1899, 1, 1), True),
    ],
)
def test_whoever_is_younger_than_fourteen_is_asked_about(told, value, is_doubtful):
    found = read(birthday=told)["birthday"]
    assert (found.value, found.is_doubtful) == (value, is_doubtful)


def test_a_name_in_one_answer_stays_whole_and_a_long_one_is_cut():
    assert read(name="  Анна   Мария\nСмирнова ")["name"].value == "Анна Мария Смирнова"
    assert len(read(name="я" * 300)["name"].value) == 200
    assert "name" not in read(name=" \u200b ")


@pytest.mark.parametrize("name", ["🙂", "<b>Bob</b> & Co"])
def test_a_name_of_signs_is_stored_as_text_and_escaped(older, browse, world, name):
    older.declare(OLDER_RULE | {"fields": OLDER_RULE["fields"] | {"name": ["first_name"]}})
    older.hires(CHAT, "/start", name, *IVAN[2:4], "luna", *IVAN[5:])
    [member] = older.members()
    assert member.name == name
    browser = browse(world.pelmenya.owner)
    [question] = older.questions()
    for page in (f"staff/{member.id}", "questions", f"questions/{question.id}", f"bots/{world.pelmenya.bot_id}"):
        text = browser.get(browser.account(page)).text
        assert "<b>Bob" not in text
        assert name.replace("<", "&lt;").replace(">", "&gt;").replace("&l", "&l").split(" ")[0] in text


def test_somebody_without_a_name_is_called_as_the_messenger_calls_them(older):
    older.declare(OLDER_RULE | {"fields": {"position": "position"}})
    older.hires(CHAT, *IVAN)
    assert [member.name for member in older.members()] == ["Ann"]
    assert older.rows("staff_field", "field = 'name'") == []


def test_an_unreadable_phone_never_loses_the_hire(older):
    older.declare(OLDER_RULE | {"fields": OLDER_RULE["fields"] | {"phone": "citizenship"}})
    older.hires(CHAT, *IVAN[:6], "позвоните", "yes")
    [member] = older.members()
    assert (member.name, member.phone) == ("Ivan Petrov", None)
    [offer] = older.rows("staff_field", "held")
    assert (offer.field, offer.value) == ("phone", "позвоните")
    assert [question.kind for question in older.questions()] == ["values"]


def test_the_same_e_mail_alone_only_raises_a_question(demo):
    demo.hires(CHAT, *ANNA)
    demo.hires(OTHER_CHAT, "/start", "Анна Смирнова", "cook", "8 900 765-43-21", *ANNA[4:])
    assert len(demo.members()) == 1
    [question] = [each for each in demo.questions() if each.kind == "identity"]
    assert question.details["by"] == "email"


def test_an_archived_restaurant_is_asked_about_by_its_name(older):
    older.sql("UPDATE getinn_ops.restaurant SET is_active = false WHERE id = %s", [older.chain.restaurant_id])
    older.hires(CHAT, *IVAN)
    [question] = older.questions()
    assert (question.kind, question.details["archived"]) == ("restaurant", "zqpelmenya on Main street")
    assert older.members()[0].restaurant_id is None


def test_a_bot_for_one_restaurant_needs_no_question(older):
    fields = {name: each for name, each in OLDER_RULE["fields"].items() if name != "restaurant"}
    older.declare(OLDER_RULE | {"fields": fields}, restaurant_id=older.chain.assigned_restaurant_id)
    older.hires(CHAT, *IVAN)
    assert older.members()[0].restaurant_id == older.chain.assigned_restaurant_id
    assert older.questions() == []


def test_the_code_of_a_restaurant_may_come_with_the_link(older):
    older.declare(OLDER_RULE | {"fields": OLDER_RULE["fields"] | {"restaurant": "start_payload"}})
    older.hires(CHAT, "/start PYATNITSKAYA", *IVAN[1:])
    assert older.members()[0].restaurant_id == older.chain.restaurant_id


def test_who_left_is_hired_again_with_a_spell_of_its_own(demo):
    """L9, as far as the intake goes: the first engagement is untouched, an accepted paper completes its step."""
    demo.hires(CHAT, *ANNA)
    [first] = demo.rows("staff_onboarding")
    demo.sql(
        "UPDATE getinn_ops.staff_onboarding SET status = 'terminated', ended_on = '2026-10-01' WHERE id = %s",
        [first.id],
    )
    demo.sql(
        "UPDATE getinn_ops.staff_member SET status = 'left', left_on = '2026-10-01' WHERE id = %s",
        [first.staff_member_id],
    )
    demo.sql(
        "UPDATE getinn_ops.staff_document SET state = 'accepted', expires_on = '2027-03-15' WHERE staff_member_id = %s",
        [first.staff_member_id],
    )
    before = demo.rows("onboarding_step", f"staff_onboarding_id = '{first.id}'")
    demo.hires(CHAT, *ANNA, day="2026-11-29")
    assert [each.spell for each in demo.rows("staff_onboarding")] == [1, 2]
    [member] = demo.members()
    assert (member.status, member.left_on) == ("active", None)
    second = demo.rows("staff_onboarding")[1]
    steps = {step.code: step.status for step in demo.rows("onboarding_step", f"staff_onboarding_id = '{second.id}'")}
    assert (steps["medical_book"], steps["information_collection"]) == ("completed", "completed")
    assert demo.rows("onboarding_step", f"staff_onboarding_id = '{first.id}'") == before


def test_whoever_declines_has_not_agreed(demo):
    demo.sql("UPDATE getinn_ops.bot_intake_rule SET consent = 'has_medical_book'")
    no_book = [*ANNA[:7], "no", "agreed", "confirmed"]
    demo.hires(CHAT, *no_book)
    assert len(demo.members()) == 1
    assert demo.rows("staff_field", "field = 'consent'") == []


def test_a_birthday_that_cannot_be_is_offered_and_nobody_is_doubted_for_it(demo):
    demo.hires(CHAT, *ANNA)
    demo.sql('UPDATE getinn_ops.bot_intake_rule SET fields = fields || \'{"birthday": "email"}\'')
    demo.hires(CHAT, *ANNA)
    [offer] = demo.rows("staff_field", "held")
    assert (offer.field, offer.value) == ("birthday", "anna@example.ru")
    assert "identity" not in [question.kind for question in demo.questions()]
