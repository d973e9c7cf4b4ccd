"""What a colleague decides is written into the record, once, whoever decides first."""

import threading
from datetime import UTC, datetime

import pytest

from portal.db.base import db
from portal.onboarding.intake.answering import (
    AlreadyAnswered,
    answer_date,
    answer_position,
    answer_restaurant,
    make_position,
)
from portal.onboarding.intake.identity import answer_identity
from portal.onboarding.intake.models import StaffQuestion
from portal.onboarding.intake.offers import OfferRefused, decide
from portal.staff.models import StaffField
from tests.onboarding.intake.hiring import ANNA, IVAN

CHAT, OTHER_CHAT = "42", "43"
LUNA = (*IVAN[:4], "luna", *IVAN[5:])
PJOTR = ("/start", "Пётр Иванов", "cook", "8 900 123-45-67", "pjotr@example.ru", "01.01.2000", *ANNA[6:])


@pytest.fixture
def answering(hiring, scoped):
    """``answering("restaurant", answer_restaurant, …)``: the open question of that kind is answered."""

    def answer(kind, verb, *told, **options):
        [question] = [each for each in hiring.questions() if each.kind == kind]
        with scoped(hiring.chain.account_id):
            verb(db.session.get(StaffQuestion, question.id), *told, **options)
            db.session.commit()
        return question.id

    return answer


def test_an_unknown_code_leaves_a_person_without_a_restaurant_and_is_asked_about_once(older, answering):
    """L4."""
    older.hires(CHAT, *LUNA)
    [member] = older.members()
    assert member.restaurant_id is None
    [question] = older.questions()
    assert (question.kind, question.details["value"]) == ("restaurant", "luna")
    answering("restaurant", answer_restaurant, older.chain.restaurant_id, remember=True)
    assert older.members()[0].restaurant_id == older.chain.restaurant_id
    assert older.questions() == []
    other = ("/start", "Olga", "Sidorova", *LUNA[3:])
    older.hires(OTHER_CHAT, *other)
    assert [each.restaurant_id for each in older.members()] == [older.chain.restaurant_id] * 2
    assert older.questions() == []


def test_without_remembering_the_next_one_is_asked_about_again(older, answering):
    older.hires(CHAT, *LUNA)
    answering("restaurant", answer_restaurant, older.chain.restaurant_id, remember=False)
    older.hires(OTHER_CHAT, "/start", "Olga", "Sidorova", *LUNA[3:])
    assert [each.kind for each in older.questions()] == ["restaurant"]


def test_the_shift_is_meant_on_the_clocks_of_the_restaurant_that_is_chosen(older, answering):
    older.hires(CHAT, *LUNA)
    [engagement] = older.rows("staff_onboarding")
    assert engagement.first_shift_at == datetime(2026, 8, 10, 7)  # noqa: DTZ001
    older.sql(
        "UPDATE getinn_ops.restaurant SET timezone = 'Asia/Vladivostok' WHERE id = %s", [older.chain.restaurant_id]
    )
    answering("restaurant", answer_restaurant, older.chain.restaurant_id, remember=False)
    [engagement] = older.rows("staff_onboarding")
    assert engagement.first_shift_at == datetime(2026, 8, 10, 0)  # noqa: DTZ001
    assert engagement.restaurant_id == older.chain.restaurant_id


def test_an_unknown_position_becomes_one_of_the_chain(older, answering):
    older.hires(CHAT, *IVAN[:3], "hostess", *IVAN[4:])
    assert [each.kind for each in older.questions()] == ["position"]
    answering("position", answer_position, None, "Хостес")
    position = older.rows("staff_position", "code = 'hostess'")[0]
    assert position.name == "Хостес"
    assert older.members()[0].position_id == position.id
    assert older.rows("staff_onboarding")[0].position == "Хостес"


def test_the_date_that_somebody_types_beats_what_the_chat_told(older, answering):
    older.hires(CHAT, *IVAN[:5], "31.02 10:00", *IVAN[6:])
    [question] = older.questions()
    assert (question.kind, question.details) == ("date", {"reason": "impossible", "value": "31.02 10:00", "kept": None})
    assert older.members()[0].starts_on is None
    answering("date", answer_date, datetime(2026, 8, 12, 7, tzinfo=UTC))
    assert older.rows("staff_onboarding")[0].first_shift_at == datetime(2026, 8, 12, 7)  # noqa: DTZ001
    [field] = older.rows("staff_field", "field = 'first_shift_at' AND is_current")
    assert field.source == "hand"


def test_the_second_of_two_answers_is_refused(older, answering, scoped):
    older.hires(CHAT, *LUNA)
    question_id = answering("restaurant", answer_restaurant, older.chain.restaurant_id, remember=False)
    with scoped(older.chain.account_id):
        question = db.session.get(StaffQuestion, question_id)
        with pytest.raises(AlreadyAnswered):
            answer_restaurant(question, older.chain.assigned_restaurant_id, remember=True)
    assert older.members()[0].restaurant_id == older.chain.restaurant_id
    assert older.rows("restaurant_code", "code = 'luna'") == []


def test_the_same_person_after_all_gets_what_waited(demo, answering):
    demo.hires(CHAT, *ANNA)
    demo.hires(OTHER_CHAT, *PJOTR)
    answering("identity", answer_identity, is_same=True, phone_moves=False)
    [member] = demo.members()
    assert (member.name, member.email) == ("Пётр Иванов", "pjotr@example.ru")
    assert demo.counts()["staff_chat"] == 2
    assert [row.outcome for row in demo.rows("staff_intake")] == ["created", "updated"]


@pytest.mark.parametrize("moves", [True, False])
def test_somebody_else_is_a_new_person_and_the_phone_is_one_persons(demo, answering, moves):
    demo.hires(CHAT, *ANNA)
    demo.hires(OTHER_CHAT, *PJOTR)
    answering("identity", answer_identity, is_same=False, phone_moves=moves)
    anna, pjotr = demo.members()
    assert (anna.name, pjotr.name) == ("Анна Смирнова", "Пётр Иванов")
    phones = [None, "+79001234567"]
    assert [anna.phone, pjotr.phone] == (phones if moves else phones[::-1])
    assert demo.counts()["staff_onboarding"] == 2
    [link] = demo.rows("staff_chat", f"platform_chat_id = '{OTHER_CHAT}'")
    assert link.staff_member_id == pjotr.id


@pytest.fixture
def offered(demo):
    """Anna's record with a phone by a hand, and the chat's word on it."""
    demo.hires(CHAT, *ANNA)
    [member] = demo.members()
    demo.sql("UPDATE getinn_ops.staff_field SET source = 'hand', value = '+79009999999' WHERE field = 'phone'")
    demo.sql("UPDATE getinn_ops.staff_member SET phone = '+79009999999' WHERE id = %s", [member.id])
    demo.hires(CHAT, *ANNA)
    [offer] = demo.rows("staff_field", "held")
    return offer


@pytest.mark.parametrize(("is_taken", "phone"), [(True, "+79001234567"), (False, "+79009999999")])
def test_an_offer_is_taken_or_what_is_there_is_kept(demo, offered, scoped, is_taken, phone):
    for expected in (True, False):
        with scoped(demo.chain.account_id):
            assert decide(db.session.get(StaffField, offered.id), is_taken=is_taken) is expected
            db.session.commit()
    assert demo.members()[0].phone == phone
    assert [each.kind for each in demo.questions()] == ["date", "restaurant"]
    demo.hires(CHAT, *ANNA)
    assert demo.members()[0].phone == phone
    assert demo.rows("staff_field", "held") == []


def test_a_number_of_somebody_else_is_not_taken(demo, scoped):
    demo.hires(CHAT, *ANNA)
    for phone in ("8 900 765-43-21", "8 900 123-45-67"):
        demo.hires(OTHER_CHAT, "/start", "Ольга Ли", "cook", phone, "olga@example.ru", *ANNA[5:])
    anna, olga = demo.members()
    assert (anna.phone, olga.phone) == ("+79001234567", "+79007654321")
    [offer] = demo.rows("staff_field", "held")
    with scoped(demo.chain.account_id), pytest.raises(OfferRefused) as refused:
        decide(db.session.get(StaffField, offer.id), is_taken=True)
    assert refused.value.holder.id == anna.id


@pytest.mark.parametrize("is_open", [True, False])
def test_a_code_of_another_restaurant_that_is_open_stays_with_it(older, answering, is_open):
    older.hires(CHAT, *LUNA)
    other, chosen = older.chain.restaurant_id, older.chain.assigned_restaurant_id
    older.sql(
        "INSERT INTO getinn_ops.restaurant_code (account_id, restaurant_id, code) VALUES (%s, %s, 'Luna')",
        [older.chain.account_id, other],
    )
    older.sql("UPDATE getinn_ops.restaurant SET is_active = %s WHERE id = %s", [is_open, other])
    answering("restaurant", answer_restaurant, chosen, remember=True)
    [code] = older.rows("restaurant_code", "lower(code) = 'luna'")
    assert code.restaurant_id == (other if is_open else chosen)
    assert older.members()[0].restaurant_id == chosen


def test_a_position_that_is_told_at_length_is_made_once_and_found_again(older, scoped):
    at_length = (*IVAN[:3], "I cook " * 20 + "and bake", *IVAN[4:])
    for chat in (CHAT, OTHER_CHAT):
        older.hires(chat, "/start", f"Ivan {chat}", *at_length[2:])
    asked = [each for each in older.questions() if each.kind == "position"]
    assert len(asked) == 2
    for question in asked:
        with scoped(older.chain.account_id):
            answer_position(db.session.get(StaffQuestion, question.id), None, "Cook")
            db.session.commit()
    [position] = older.rows("staff_position", "name = 'Cook'")
    older.hires("44", "/start", "Ivan 44", *at_length[2:])
    assert [each.position_id for each in older.members()] == [position.id] * 3
    assert older.questions() == []


def test_two_who_make_a_position_at_once_make_one(older, scoped):
    made = []

    def make(after=lambda: None):
        with scoped(older.chain.account_id):
            made.append(make_position("baker", "Baker").id)
            after()
            db.session.commit()

    other = threading.Thread(target=make)

    def wait_for_the_other():
        other.start()
        other.join(0.3)

    make(wait_for_the_other)
    other.join()
    assert made == [older.rows("staff_position", "code = 'baker'")[0].id] * 2


@pytest.mark.parametrize("moves", [True, False])
@pytest.mark.parametrize("in_her_chat", [True, False])
def test_somebody_else_with_a_number_of_their_own_has_it_and_hers_stays_hers(demo, answering, moves, in_her_chat):
    """They write in her chat, or tell her e-mail."""
    demo.hires(CHAT, *ANNA)
    told = ("/start", "Борис Ли", "cook", "8 900 765-43-21", "anna@example.ru", "01.01.2000", *ANNA[6:])
    demo.hires(CHAT if in_her_chat else OTHER_CHAT, *told)
    answering("identity", answer_identity, is_same=False, phone_moves=moves)
    assert [(each.name, each.phone) for each in demo.members()] == [
        ("Анна Смирнова", "+79001234567"), ("Борис Ли", "+79007654321"),
    ]  # fmt: skip


def test_an_offer_of_somebody_who_was_erased_meanwhile_is_decided_by_nobody(demo, offered, scoped):
    with scoped(demo.chain.account_id):
        offer = db.session.get(StaffField, offered.id)
        demo.sql("DELETE FROM getinn_ops.staff_field WHERE id = %s", [offered.id])
        demo.sql("UPDATE getinn_ops.staff_member SET erased_at = now() WHERE id = %s", [offered.staff_member_id])
        assert decide(offer, is_taken=True) is False


def test_the_log_tells_of_a_doubt_on_the_row_of_the_person_whom_the_chat_may_be(demo):
    demo.hires(CHAT, *ANNA)
    demo.hires(OTHER_CHAT, *PJOTR)
    [anna] = demo.members()
    lines = demo.sql(
        "SELECT entity, entity_id, actor_name, after FROM getinn_ops.audit_event WHERE entity_label = %s"
        " ORDER BY at DESC, id LIMIT 1", [anna.name],
    )  # fmt: skip
    assert [(each.entity, each.entity_id) for each in lines] == [("staff_member", anna.id)]
    assert lines[0].after["open_questions"] in ("The same person?", "Тот же человек?")
    assert lines[0].actor_name


def test_a_chat_that_tells_the_number_of_somebody_who_is_held_waits_for_nobody(demo, database):
    demo.hires(CHAT, *ANNA)
    demo.hires(OTHER_CHAT, "/start", "Ольга Ли", "cook", "8 900 765-43-21", "olga@example.ru", *ANNA[5:])
    demo.says(OTHER_CHAT, "/start", "Ольга Ли", "cook", "8 900 123-45-67", "olga@example.ru", *ANNA[5:])
    anna, _olga = demo.members()
    with database.connection.transaction():
        demo.sql("SELECT FROM getinn_ops.staff_member WHERE id = %s FOR NO KEY UPDATE", [anna.id])
        worker = threading.Thread(target=demo.work)
        worker.start()
        worker.join(5)
        has_waited = worker.is_alive()
    worker.join()
    assert not has_waited
