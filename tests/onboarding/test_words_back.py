"""What people are told by the bot: joined, within the messenger's time, never at night, or held with its reason."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.bots.models import BotInstance
from portal.channels.models import BotPlatformCredential
from portal.conversations.models import BotDialogState
from portal.db.base import JOBS_SCHEMA, SCHEMA, db
from portal.db.cursor import scalars
from portal.db.types import utc_now
from portal.messaging.messages import BotMessage
from portal.messengers.registry import PLATFORMS
from portal.onboarding.engagements import hire, set_shift
from portal.onboarding.messages import delivering, reminding, telling
from portal.onboarding.messages.delivering import MAX_JOINED, Delivery
from portal.onboarding.messages.models import HeldReason, MessageKind, MessageStanding, StaffMessage
from portal.onboarding.messages.queries import chats_of
from portal.onboarding.messages.quiet import after_quiet
from portal.onboarding.messages.reminding import remind_batch, remind_of_steps_in_turns
from portal.onboarding.messages.telling import drop_waiting, tell, write_to
from portal.onboarding.models import steps_of
from portal.onboarding.templates import OnboardingTemplate, OnboardingTemplateStep
from portal.staff.models import StaffChat

NOON = datetime(2026, 8, 3, 9, tzinfo=UTC)
MOSCOW = "Europe/Moscow"


@pytest.fixture
def clock(monkeypatch):
    """``clock(moment)`` is what asking sees as the present."""
    return lambda moment: monkeypatch.setattr(telling, "utc_now", lambda: moment)


@pytest.fixture
def chat(chain):
    """``chat(member, "whatsapp", heard=…)`` is a conversation of theirs with the chain's bot."""

    def begin(member, platform="telegram", heard=NOON, state="running"):
        is_known = BotPlatformCredential.bot_id == chain.bot_id, BotPlatformCredential.platform == platform
        credential = db.session.scalar(select(BotPlatformCredential).where(*is_known))
        credential = credential or BotPlatformCredential(bot_id=chain.bot_id, platform=platform, credentials={})
        credential.is_active = True
        db.session.add(credential)
        number = uuid4().hex
        dialog = BotDialogState(
            bot_id=chain.bot_id, platform=platform, platform_chat_id=number, current_step="a", turn=3, state=state,
            last_interaction_at=heard, last_inbound_at=heard,
        )  # fmt: skip
        db.session.add(dialog)
        db.session.flush()
        of_chat = {"bot_id": chain.bot_id, "platform": platform, "platform_chat_id": number}
        db.session.add(StaffChat(staff_member_id=member.id, dialog_id=dialog.id, **of_chat))
        db.session.flush()
        return dialog

    return begin


def told(member):
    return db.session.scalars(
        select(StaffMessage).where(StaffMessage.staff_member_id == member.id).order_by(StaffMessage.created_at)
    ).all()


def said(dialog):
    return db.session.scalars(
        select(BotMessage).where(BotMessage.dialog_id == dialog.id).order_by(BotMessage.seq)
    ).all()


def deliver(member, at):
    return Delivery(member.id, at).make()


def checklist(member, *steps, shift=None):
    template = OnboardingTemplate(name="test")
    db.session.add(template)
    db.session.flush()
    for position, values in enumerate(steps, start=1):
        values = {"code": f"step{position}", "name": f"step{position}"} | values
        db.session.add(OnboardingTemplateStep(template_id=template.id, position=position, **values))
    db.session.flush()
    return hire(member, first_shift_at=shift)


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        ("2026-08-03T20:30Z", "2026-08-04T06:00Z"),
        ("2026-08-03T19:00Z", "2026-08-04T06:00Z"),
        ("2026-08-03T18:59:59Z", "2026-08-03T18:59:59Z"),
        ("2026-08-04T05:59:59Z", "2026-08-04T06:00Z"),
        ("2026-08-04T06:00Z", "2026-08-04T06:00Z"),
    ],
)
def test_nobody_is_told_anything_at_night_of_the_restaurant(moment, due):
    assert after_quiet(datetime.fromisoformat(moment), MOSCOW) == datetime.fromisoformat(due)


def test_done_at_half_past_eleven_is_due_at_nine(person, clock):
    clock(datetime(2026, 8, 3, 20, 30, tzinfo=UTC))
    assert tell(person(), MessageKind.DONE, "done").due_at == datetime(2026, 8, 4, 6, tzinfo=UTC)


def test_what_happens_within_two_minutes_is_one_message_of_no_turn(person, chat, clock):
    member = person()
    dialog = chat(member)
    for seconds in (0, 119):
        clock(NOON + timedelta(seconds=seconds))
        tell(member, MessageKind.DONE, f"after {seconds}")
    deliver(member, NOON + timedelta(seconds=119))
    assert said(dialog) == []
    deliver(member, NOON + timedelta(seconds=120))
    (message,) = said(dialog)
    assert message.text == "after 0\n\nafter 119"
    assert (message.author, message.turn, message.state, message.content["notice"]) == ("bot", None, "queued", True)
    assert {(each.state, each.message_id) for each in told(member)} == {(MessageStanding.QUEUED, message.id)}
    deliver(member, NOON + timedelta(hours=1))
    assert len(said(dialog)) == 1


def test_what_happens_later_is_another_message(person, chat, clock):
    member = person()
    dialog = chat(member)
    for seconds in (0, 121):
        clock(NOON + timedelta(seconds=seconds))
        tell(member, MessageKind.DONE, f"after {seconds}")
    following = deliver(member, NOON + timedelta(seconds=120))
    assert [each.text for each in said(dialog)] == ["after 0"]
    assert following == NOON + timedelta(seconds=241)


@pytest.mark.parametrize(("platform", "window"), [("whatsapp", 24), ("telegram", None), ("viber", None)])
def test_a_messengers_time_for_replies_is_kept_to_the_second(person, chat, platform, window):
    limit = PLATFORMS[platform].limits.reply_window
    assert limit == (timedelta(hours=window) if window else None)
    heard = datetime(2026, 8, 3, 10, tzinfo=UTC)
    for at, is_sent in (
        (datetime(2026, 8, 4, 9, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 8, 4, 10, tzinfo=UTC), window is None),
    ):
        member = person(name=f"{platform} {at}")
        dialog = chat(member, platform, heard=heard)
        tell(member, MessageKind.DONE, "done", at=at)
        deliver(member, at)
        (message,) = told(member)
        assert (message.state, len(said(dialog))) == ((MessageStanding.QUEUED, 1) if is_sent else ("held", 0))
        assert message.reason == (None if is_sent else HeldReason.WINDOW_OVER)


def test_a_night_that_ends_after_the_messengers_time_holds(person, chat):
    member = person()
    dialog = chat(member, "whatsapp", heard=datetime(2026, 8, 3, 5, tzinfo=UTC))
    tell(member, MessageKind.WRITTEN, "hello", at=datetime(2026, 8, 3, 18, 58, tzinfo=UTC))
    # The worker was late: by now it is night, and at nine the window is over.
    assert deliver(member, datetime(2026, 8, 3, 19, 30, tzinfo=UTC)) is None
    assert told(member)[0].reason == HeldReason.WINDOW_OVER
    assert said(dialog) == []


def test_a_late_worker_wakes_nobody(person, chat):
    member = person()
    dialog = chat(member)
    tell(member, MessageKind.WRITTEN, "hello", at=datetime(2026, 8, 3, 18, 58, tzinfo=UTC))
    assert deliver(member, datetime(2026, 8, 3, 19, 30, tzinfo=UTC)) == datetime(2026, 8, 4, 6, tzinfo=UTC)
    assert told(member)[0].due_at == datetime(2026, 8, 4, 6, tzinfo=UTC)
    assert said(dialog) == []


@pytest.mark.parametrize(
    ("obstacle", "reason"),
    [
        ("no chat", HeldReason.NO_CHAT),
        ("blocked", HeldReason.BLOCKED),
        ("taken_over", HeldReason.TAKEN_OVER),
        ("off", HeldReason.PLATFORM_OFF),
        ("archived", HeldReason.BOT_ARCHIVED),
    ],
)
def test_what_cannot_be_said_is_held_with_its_reason(chain, person, chat, obstacle, reason):
    member = person()
    if obstacle != "no chat":
        chat(member, state=obstacle if obstacle in ("blocked", "taken_over") else "running")
    if obstacle == "off":
        db.session.get_one(BotPlatformCredential, chain.telegram_id).is_active = False
    if obstacle == "archived":
        db.session.get_one(BotInstance, chain.bot_id).is_active = False
    tell(member, MessageKind.DONE, "done", at=NOON)
    deliver(member, NOON)
    (message,) = told(member)
    assert (message.state, message.reason) == (MessageStanding.HELD, reason)


def test_the_chat_heard_last_gets_it_and_another_where_that_one_is_closed(person, chat):
    member = person()
    telegram, whatsapp = chat(member, heard=NOON - timedelta(days=9)), chat(member, "whatsapp", heard=NOON)
    tell(member, MessageKind.WRITTEN, "one", at=NOON)
    deliver(member, NOON)
    assert [len(said(dialog)) for dialog in (telegram, whatsapp)] == [0, 1]
    tell(member, MessageKind.WRITTEN, "two", at=NOON + timedelta(days=2))
    deliver(member, NOON + timedelta(days=2))
    assert [each.text for each in said(telegram)] == ["two"]


def test_nothing_is_said_past_a_colleague_who_speaks_with_the_person(person, chat):
    member = person()
    elsewhere = chat(member, heard=NOON - timedelta(days=1))
    chat(member, "whatsapp", heard=NOON, state="taken_over")
    tell(member, MessageKind.WRITTEN, "one", at=NOON)
    deliver(member, NOON)
    assert told(member)[0].reason == HeldReason.TAKEN_OVER
    assert said(elsewhere) == []


def test_what_was_held_is_one_summary_of_what_is_still_true(person, chat):
    member = person()
    dialog = chat(member, state="blocked")
    engagement = checklist(member, *[{"message_when_done": "{{step}} is done, {{left}} left"}] * 3, {}, shift=NOON)
    for step in steps_of(engagement)[:3]:
        step.complete()
    set_shift(engagement, NOON + timedelta(days=7))
    set_shift(engagement, NOON + timedelta(days=8))
    noon = utc_now().replace(hour=9) + timedelta(days=1)
    deliver(member, noon)
    assert {each.state for each in told(member)} == {MessageStanding.HELD, MessageStanding.DROPPED}
    steps_of(engagement)[1].reopen("not after all")
    dialog.state = "running"
    db.session.flush()
    deliver(member, noon)
    (message,) = said(dialog)
    first, *lines = message.text.split("\n\n")
    assert first in ("What has happened meanwhile:", "Что произошло за это время:")
    assert lines[:2] == ["step1 is done, 3 left", "step3 is done, 1 left"]
    assert len(lines) == 3, "of two moves of the shift the last one is true"
    assert "11 " in lines[2]
    assert sorted(each.state for each in told(member)) == ["dropped", "dropped", "queued", "queued", "queued"]


def test_leaving_takes_back_what_is_on_its_way(person, chat):
    member = person()
    dialog = chat(member)
    engagement = checklist(member, {})
    tell(member, MessageKind.WRITTEN, "one", at=NOON)
    deliver(member, NOON)
    tell(member, MessageKind.WRITTEN, "two", at=NOON)
    engagement.terminate(NOON.date(), "left")
    assert [each.state for each in told(member)] == [MessageStanding.QUEUED, MessageStanding.DROPPED]
    db.session.expire_all()
    assert [each.state for each in said(dialog)] == ["cancelled"]


def test_each_person_has_one_job_that_is_due_with_the_first_message(person, clock):
    member = person()
    tell(member, MessageKind.WRITTEN, "tomorrow", at=utc_now() + timedelta(days=3))
    tell(member, MessageKind.WRITTEN, "soon")
    tell(member, MessageKind.WRITTEN, "later", at=utc_now() + timedelta(days=2))
    due = scalars(
        f"SELECT scheduled_at FROM {JOBS_SCHEMA}.procrastinate_jobs WHERE task_name = 'hand_over_messages'"
        " AND args->>'member_id' = %(member)s".encode(),
        member=str(member.id),
    )
    assert len(due) == 1
    assert due[0] < utc_now() + timedelta(hours=12)


def test_a_step_is_told_of_once_when_it_is_due_and_once_when_that_is_over(chain, person, superuser_sql):
    member = person()
    # At 9 o'clock of Moscow the day begins.
    day = (utc_now() + timedelta(hours=3) - timedelta(hours=9)).date()
    engagement = checklist(member, {"message_reminder": "{{name}}: {{step}}"}, {}, {"message_reminder": "other"})
    step, _plain, other = steps_of(engagement)
    step.set_due(day)
    other.set_due(day + timedelta(days=1))
    db.session.flush()
    assert (remind_batch(), remind_batch()) == (1, 0)
    step.set_due(day - timedelta(days=1))
    db.session.flush()
    assert (remind_batch(), remind_batch()) == (1, 0)
    assert [each.occasion for each in told(member)] == [f"due {day}", f"overdue {day - timedelta(days=1)}"]
    assert {each.text for each in told(member)} == {"Анна Смирнова: step1"}
    step.complete()
    step.set_due(day - timedelta(days=2))
    assert remind_batch() == 0
    deliver(member, NOON.replace(year=2030))
    assert {each.state for each in told(member)} == {MessageStanding.DROPPED}


def test_what_somebody_writes_is_filled_in_and_logged_without_its_words(person, chat):
    member = person()
    dialog = chat(member)
    checklist(member, {}, {})
    write_to(member, "{{name}}, {{left}} left").due_at = NOON
    deliver(member, NOON)
    assert said(dialog)[0].text == "Анна Смирнова, 2 left"
    lines = db.session.execute(
        select(db.Model.metadata.tables[f"{SCHEMA}.audit_event"].c.after).where(
            db.Model.metadata.tables[f"{SCHEMA}.audit_event"].c.action == "written_to"
        )
    ).all()
    assert lines == [(None,)]


def test_what_is_dropped_is_never_told(person, chat):
    member = person()
    dialog = chat(member)
    tell(member, MessageKind.WRITTEN, "one", at=NOON)
    drop_waiting(member)
    deliver(member, NOON + timedelta(hours=1))
    assert said(dialog) == []


@pytest.mark.parametrize("state", [MessageStanding.HELD, MessageStanding.WAITING])
def test_very_many_that_cannot_go_yet_keep_no_later_one_waiting(person, chat, state):
    member = person()
    dialog = chat(member, state="blocked" if state is MessageStanding.HELD else "running")
    for number in range(MAX_JOINED):
        message = tell(member, MessageKind.WRITTEN, f"{number}", at=NOON + timedelta(days=2))
        message.state = state
        message.reason = HeldReason.BLOCKED if state is MessageStanding.HELD else None
    tell(member, MessageKind.WRITTEN, "now", at=NOON)
    db.session.flush()
    following = deliver(member, NOON)
    if state is MessageStanding.HELD:
        assert following is None
        assert told(member)[-1].reason == HeldReason.BLOCKED
    else:
        assert following == NOON + timedelta(days=2)
        assert [each.text for each in said(dialog)] == ["now"]


def test_a_conversation_that_moves_meanwhile_is_looked_at_again_and_nothing_is_held(person, chat, monkeypatch):
    member = person()
    dialog = chat(member)
    tell(member, MessageKind.WRITTEN, "hello", at=NOON)

    def moves_then(account_id, member_id):
        found = chats_of(account_id, member_id)
        dialog.state = "finished"
        db.session.flush()
        return found

    monkeypatch.setattr(delivering, "chats_of", moves_then)
    assert deliver(member, NOON) == NOON + timedelta(minutes=1)
    assert (told(member)[0].state, said(dialog)) == (MessageStanding.WAITING, [])
    monkeypatch.undo()
    deliver(member, NOON + timedelta(minutes=1))
    assert [each.text for each in said(dialog)] == ["hello"]


def test_leaving_takes_back_every_part_of_a_long_text(person, chat):
    member = person()
    dialog = chat(member)
    engagement = checklist(member, {})
    for letter in "abcdef":
        tell(member, MessageKind.WRITTEN, letter * 1000, at=NOON)
    deliver(member, NOON)
    first, *more = said(dialog)
    # A colleague's word in between is none of them.
    first.author = "person"
    db.session.flush()
    engagement.terminate(NOON.date(), "left")
    db.session.expire_all()
    assert first.state == "queued"
    assert {each.state for each in more} == {"cancelled"}


def test_what_fails_in_one_chain_leaves_the_others_reminded(app, world, monkeypatch, caplog):
    ids, in_turn = [world.pelmenya.account_id, world.vareniki.account_id], iter([ZeroDivisionError("zqsecret"), 1])

    def remind():
        told = next(in_turn)
        if isinstance(told, Exception):
            raise told
        return told

    monkeypatch.setattr(reminding, "remind_batch", remind)
    with app.app_context():
        assert remind_of_steps_in_turns(ids) == {ids[1]: 1}
    assert str(ids[0]) in caplog.text
    assert "zqsecret" not in caplog.text
