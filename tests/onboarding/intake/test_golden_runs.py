"""Golden runs of the intake: from what a person tells the bot to the record, with the contract's numbers."""

import re
from datetime import date, datetime

from portal.db.base import db
from portal.privacy.employee import Employee, ErasureReason
from portal.staff.models import StaffMember
from tests.onboarding.intake.hiring import ANNA, IVAN

CHAT, OTHER_CHAT = "42", "43"


def test_a_scenario_of_the_older_platform_fills_the_record(older):
    """L1."""
    older.hires(CHAT, *IVAN)
    [member] = older.members()
    assert (member.name, member.citizenship) == ("Ivan Petrov", "rf")
    assert member.restaurant_id == older.chain.restaurant_id
    [position] = older.rows("staff_position")
    assert (position.code, member.position_id) == ("food-guide", position.id)
    [engagement] = older.rows("staff_onboarding")
    assert engagement.first_shift_at == datetime(2026, 8, 10, 7)  # noqa: DTZ001
    assert (engagement.start_date, engagement.hired_on) == (date(2026, 8, 10), date(2026, 8, 3))
    steps = older.rows("onboarding_step", order="ordinal")
    assert len(steps) == 5
    done = [step for step in steps if step.status == "completed"]
    assert [step.code for step in done] == ["information_collection"]
    assert older.members()[0].progress == 20
    assert older.sources() == {
        "name": "Ivan", "position": "food-guide", "restaurant": "pyatnitskaya", "first_shift_at": "10.08 10:00",
        "citizenship": "rf",
    }  # fmt: skip
    assert older.questions() == []
    before = older.counts()
    for _ in range(23):
        older.traffic.presses(CHAT, f"{older.traffic.dialog(CHAT).turn}.0")
        older.traffic.drain()
    assert older.work() == 0
    assert older.counts() == before
    assert before == {
        "staff_member": 1, "staff_onboarding": 1, "onboarding_step": 5, "staff_chat": 1, "staff_field": 5,
        "staff_document": 0, "staff_intake": 1, "staff_question": 0,
    }  # fmt: skip


def test_the_five_fields_are_linked_to_the_six_messages_they_came_from(older):
    """L1: a name in two parts has two messages."""
    older.hires(CHAT, *IVAN)
    [name] = older.rows("staff_field", "field = 'name'")
    assert len(name.more_message_ids) == 1
    linked = {row.message_id for row in older.rows("staff_field")} | set(name.more_message_ids)
    texts = [row.text for row in older.traffic.messages(CHAT) if row.id in linked]
    assert texts == ["Ivan", "Petrov", "food-guide", "pyatnitskaya", "10.08 10:00", "rf"]


def test_all_that_an_intake_does_is_the_bots_deed(older):
    older.hires(CHAT, *IVAN)
    of_staff = "entity IN ('staff_member', 'staff_onboarding', 'onboarding_step', 'staff_document')"
    lines = older.rows("audit_event", f"{of_staff} AND at > now() - interval '1 day' AND entity_label NOT LIKE 'zq%%'")
    assert {line.action for line in lines} >= {"created", "hired"}
    assert {line.actor_name for line in lines} == {f"{older.chain.marker} bot 1"}


def test_every_update_twice_comes_to_the_same(older):
    """L2."""
    older.hires(CHAT, *IVAN, twice=True)
    counts = older.counts()
    assert (counts["staff_member"], counts["staff_onboarding"], counts["onboarding_step"]) == (1, 1, 5)
    assert (counts["staff_field"], counts["staff_intake"], counts["staff_chat"]) == (5, 1, 1)


def test_what_was_told_again_before_the_confirmation_alone_counts(older):
    """L3."""
    older.knows(position="cook")
    older.sql(
        "INSERT INTO getinn_ops.restaurant_code (account_id, restaurant_id, code) VALUES (%s, %s, 'city1')",
        [older.chain.account_id, older.chain.assigned_restaurant_id],
    )
    second = ("Иван", "Петров", "cook", "city1", "11.08 09:00", "cis", "yes")
    older.hires(CHAT, *IVAN[:-1], "no", *second)
    [member] = older.members()
    assert (member.name, member.citizenship) == ("Иван Петров", "cis")
    assert member.restaurant_id == older.chain.assigned_restaurant_id
    assert older.sources() == {
        "name": "Иван", "position": "cook", "restaurant": "city1", "first_shift_at": "11.08 09:00", "citizenship": "cis"
    }  # fmt: skip
    assert older.counts()["staff_intake"] == 1


def test_the_demo_conversation_leaves_a_paper_and_two_questions(demo):
    """L5."""
    demo.hires(CHAT, *ANNA)
    [member] = demo.members()
    assert (member.name, member.phone, member.email) == ("Анна Смирнова", "+79001234567", "anna@example.ru")
    assert (member.birthday, member.uniform_size) == (date(1998, 4, 25), "44")
    [paper] = demo.rows("staff_document")
    photo = next(row for row in demo.traffic.messages(CHAT) if row.kind == "image" and row.direction == "in")
    assert (paper.state, paper.message_id) == ("sent", photo.id)
    assert [question.kind for question in demo.questions()] == ["date", "restaurant"]
    assert demo.members()[0].open_questions == 2
    [consent] = demo.rows("staff_field", "field = 'consent'")
    agreed = next(row for row in demo.traffic.messages(CHAT) if row.text == "agreed")
    assert consent.message_id == agreed.id
    assert consent.value.startswith("Прочитал(а), согласен(на) · ")


def test_what_a_hand_has_set_stays_and_the_chats_word_is_kept_as_an_offer(demo):
    """L6."""
    demo.hires(CHAT, *ANNA)
    [member] = demo.members()
    demo.sql(
        "UPDATE getinn_ops.staff_field SET is_current = false WHERE field = 'phone' AND staff_member_id = %s",
        [member.id],
    )
    demo.sql(
        "INSERT INTO getinn_ops.staff_field (account_id, staff_member_id, field, value, source, is_current)"
        " VALUES (%s, %s, 'phone', '+79009999999', 'hand', true)",
        [demo.chain.account_id, member.id],
    )
    demo.sql("UPDATE getinn_ops.staff_member SET phone = '+79009999999' WHERE id = %s", [member.id])
    demo.hires(CHAT, *ANNA)
    [member] = demo.members()
    assert member.phone == "+79009999999"
    [offer] = demo.rows("staff_field", "held")
    assert (offer.field, offer.value) == ("phone", "+79001234567")
    assert [question.kind for question in demo.questions()] == ["date", "restaurant", "values"]
    assert demo.counts()["staff_onboarding"] == 1
    assert len(demo.rows("staff_document")) == 1


def test_the_same_phone_in_whatsapp_is_the_same_person(demo, switch_on):
    """L7."""
    demo.hires(CHAT, *ANNA)
    demo.says_in_whatsapp("79001112233", *ANNA, credential_id=switch_on("whatsapp"))
    demo.work()
    counts = demo.counts()
    assert (counts["staff_member"], counts["staff_chat"], counts["staff_onboarding"]) == (1, 2, 1)
    assert sorted(link.platform for link in demo.rows("staff_chat")) == ["telegram", "whatsapp"]
    # The same photo sent once more is the paper that waits, with what came now.
    assert counts["staff_document"] == 1


def test_somebody_else_with_the_same_phone_is_asked_about_and_nobody_is_overwritten(demo):
    """L8."""
    demo.hires(CHAT, *ANNA)
    before = demo.members()
    pjotr = ("/start", "Пётр Иванов", "cook", "8 900 123-45-67", "pjotr@example.ru", "01.01.2000", *ANNA[6:])
    demo.hires(OTHER_CHAT, *pjotr)
    [member] = demo.members()
    assert (member.name, member.birthday, member.email) == (before[0].name, before[0].birthday, before[0].email)
    assert [question.kind for question in demo.questions()] == ["date", "identity", "restaurant"]
    assert [row.outcome for row in demo.rows("staff_intake")] == ["created", "held"]
    assert demo.counts()["staff_chat"] == 1


def test_nobody_is_hired_in_the_lab_or_by_a_replay(demo, browse, world):
    """The lab talks with the engine alone."""
    browser = browse(world.pelmenya.owner)
    [version] = demo.sql(
        "SELECT id FROM getinn_ops.bot_scenario WHERE is_live AND bot_id = %s", [world.pelmenya.bot_id]
    )
    path = browser.account(f"bots/{world.pelmenya.bot_id}/scenarios/{version.id}/lab")
    state = ""
    for text in ANNA:
        told = {"share": "file"} if text is None else {"text": text}
        page = browser.post(path, {"state": state} | told).text
        state = re.search(r'name="state" value="([^"]*)"', page)[1]
    assert "Готово, Анна Смирнова!" in page
    assert demo.jobs() == []
    demo.says(CHAT, *ANNA)
    replayed = browser.get(f"{path}?dialog_id={demo.traffic.dialog(CHAT).id}").text
    assert "Готово, Анна Смирнова!" in replayed
    assert len(demo.jobs()) == 1
    assert demo.members() == []


def test_who_was_erased_and_comes_again_is_somebody_new(demo, scoped):
    """L10."""
    demo.hires(CHAT, *ANNA)
    [first] = demo.members()
    demo.sql(
        "UPDATE getinn_ops.staff_onboarding SET status = 'terminated', ended_on = '2026-10-01'"
        " WHERE staff_member_id = %s",
        [first.id],
    )
    demo.sql("UPDATE getinn_ops.staff_member SET status = 'left', left_on = '2026-10-01' WHERE id = %s", [first.id])
    with scoped(demo.chain.account_id):
        Employee(db.session.get(StaffMember, first.id)).erase(next(iter(ErasureReason)))
        db.session.commit()
    assert demo.traffic.dialog(CHAT) is None
    demo.hires(CHAT, *ANNA)
    gone, anna = demo.members()
    assert (gone.id, gone.name, gone.phone) == (first.id, "", None)
    assert (anna.name, anna.phone) == ("Анна Смирнова", "+79001234567")
    assert [each.spell for each in demo.rows("staff_onboarding", f"staff_member_id = '{anna.id}'")] == [1]
    assert demo.rows("staff_field", f"staff_member_id = '{first.id}'") == []
    assert {each.staff_member_id for each in demo.rows("staff_chat")} == {anna.id}
