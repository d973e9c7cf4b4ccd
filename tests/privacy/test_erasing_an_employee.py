"""Erasing an employee leaves nothing of them in any column, file or object, and every count as it was."""

import html
import io
import json
import re
import zipfile
from datetime import date, timedelta
from types import SimpleNamespace

import psycopg
import pytest
from sqlalchemy import select

from portal.db.base import JOBS_SCHEMA, SCHEMA, db
from portal.db.types import utc_now
from portal.media.files import BotFile
from portal.onboarding.engagements import dismiss, latest_engagement
from portal.onboarding.messages.models import MessageKind
from portal.onboarding.messages.telling import tell, write_to
from portal.onboarding.models import steps_of
from portal.privacy.employee import Employee, ErasureReason, NotToBeErased
from portal.privacy.erased_files import remove_erased_files
from portal.privacy.expiry import expire_in_turns
from portal.privacy.imported import forget_imported
from portal.staff.models import StaffMember
from portal.staff.papers.models import StaffDocument
from tests.importing.conftest import importing as importing
from tests.importing.spreadsheets import csv_file
from tests.onboarding.intake.hiring import ANNA

CHAT, OTHER_CHAT = "7700665544", "7700665533"
NAME, EMAIL, MOTHER = "Zinaida Zqrhodon", "zq.rhodon@example.ru", "Zqmother of hers"
SAID = "zqwhatwassaid"
# As they are stored, and as they were typed.
TYPED_PHONE = "8 900 765-43-21"
PHONE = "9007654321"
PLANTED = ("zqrhodon", "Zqrhodon", EMAIL, "Zqmother", SAID, "zqphoto", "zqnote", "zqtold", PHONE, "765-43-21",
           "1997-05-26", "26.05.1997", CHAT, OTHER_CHAT, "zq77")  # fmt: skip
TALK = ("/start", NAME, "cook", TYPED_PHONE, EMAIL, "26.05.1997", *ANNA[6:])
COLUMNS = ("Имя", "Телефон", "E-mail")


@pytest.fixture
def member(demo):
    """L5, by that name, in two chats; with words that no scenario asked for."""
    demo.hires(CHAT, *TALK)
    demo.hires(OTHER_CHAT, *TALK)
    demo.says(CHAT, SAID)
    demo.traffic.send()
    (found,) = demo.members()
    demo.sql(f"UPDATE {SCHEMA}.staff_member SET restaurant_id = %s WHERE id = %s", [demo.chain.restaurant_id, found.id])
    return found


@pytest.fixture
def within(scoped, world):
    """``within(work, member.id)``: work on the person as a job does, and commit."""

    def run(work, member_id):
        with scoped(world.pelmenya.account_id):
            given = work(db.session.get_one(StaffMember, member_id))
            db.session.commit()
            return given

    return run


def plant(member):
    """What colleagues add: a photo of the paper, a second one by hand, notes, messages, a reason for leaving."""
    for number, paper in enumerate(
        db.session.scalars(select(StaffDocument).where(StaffDocument.staff_member_id == member.id))
    ):
        paper.file_id = BotFile.store(f"zqphoto {number}".encode(), "image/jpeg").id
        paper.number_tail, paper.reason = "zq77", "zqnote"
    engagement = latest_engagement(member)
    step = next(each for each in steps_of(engagement) if each.document_type_id is None and each.status.is_open)
    step.plan("zqnote")
    step.complete()
    step.reopen("zqnote: not after all")
    write_to(member, "zqtold {{name}}")
    tell(member, MessageKind.DONE, f"zqtold {NAME}")
    dismiss(member, date(2026, 10, 1), "zqnote: moved away")


@pytest.fixture
def planted(member, within, demo, browse, importing):
    """The person with all that anybody could have said of them, who has left."""
    owner = browse(demo.chain.owner)
    page = owner.get(owner.account(f"staff/{member.id}/edit")).text
    fields = dict(re.findall(r'<input[^>]*? name="([a-z_]+)"[^>]*? value="([^"]*)"', page))
    fields |= {"name": f"{NAME} ", "phone": TYPED_PHONE, "emergency_contact": MOTHER}
    fields |= {"restaurant_id": str(demo.chain.restaurant_id), "position_id": ""}
    del fields["csrf_token"]
    owner.post(owner.account(f"staff/{member.id}/edit"), fields)
    assert demo.members()[0].emergency_contact == MOTHER
    for row in ((NAME, TYPED_PHONE, EMAIL), ("Zqrhodon again", f"+7{PHONE}", "")):
        staff = importing(demo.chain.owner, "staff")
        staff.url = staff.browser.account("staff/imports")
        staff.send(csv_file([COLUMNS, row, ("Somebody else", "8 900 111-22-33", "")]), f"{NAME}.csv")
        staff.apply() if row[0] == NAME else None
    within(plant, member.id)
    return member


def figures(browser):
    """Every number that the pages of people show, but for the times in the log."""
    told = {}
    for path in ("staff", "staff?standing=all", "staff?standing=left", "staff/today", "restaurants"):
        page = browser.get(browser.account(path)).text
        page = re.sub(r"(?s)<script.*?</script>|<svg.*?</svg>|<option.*?</option>", "", page)
        words = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())
        told[path] = re.findall(r"\d+(?= (?:employee|people|person|restaurant|of \d))", words)
    return told


def erase(browser, member, name=NAME, why="request"):
    return browser.post(browser.account(f"staff/{member.id}/data"), {"name": name, "why": why, "_method": "DELETE"})


def jobs_of(demo, task):
    query = f"SELECT args FROM {JOBS_SCHEMA}.procrastinate_jobs WHERE task_name = %s ORDER BY id"
    return [row.args for row in demo.sql(query, [task])]


def test_nothing_of_an_erased_employee_is_left_and_who_comes_back_is_somebody_new(
    planted, demo, browse, places, bucket, within, run_job
):
    in_bucket = within(lambda _member: BotFile.store(b"zqphoto in the bucket", "image/jpeg").id, planted.id)
    demo.sql(
        f"UPDATE {SCHEMA}.bot_message SET file_id = %s WHERE kind = 'image' AND direction = 'in' AND dialog_id = %s",
        [in_bucket, demo.traffic.dialog(CHAT).id],
    )
    found = {word: places(word) for word in PLANTED}
    assert all(found.values()), f"not planted: {[word for word, where in found.items() if not where]}"
    assert set().union(*found.values()) >= WHERE
    assert any(b"zqphoto" in data for data in bucket.objects.values())
    owner, others = browse(demo.chain.owner), demo.rows("import_row", "label = 'Somebody else'")
    before = figures(owner)
    assert before["staff?standing=left"], "no number was found to compare"
    assert erase(owner, planted).status_code == 303
    for args in jobs_of(demo, "remove_erased_files"):
        run_job(remove_erased_files, **args)
    left = {word: where for word in PLANTED if (where := places(word))}
    assert left == {}
    assert bucket.objects == {}
    assert figures(owner) == before
    assert demo.rows("import_row", "label = 'Somebody else'") == others != [], "what a file told of others stays"
    check_what_remains(demo, planted, owner)
    check_log(demo, planted)
    # L10.
    demo.hires(CHAT, *TALK)
    (new,) = [row for row in demo.members() if row.name == NAME]
    assert new.id != planted.id
    assert (new.phone, new.birthday, new.status) == (f"+7{PHONE}", date(1997, 5, 26), "active")
    assert [each.spell for each in demo.rows("staff_onboarding") if each.staff_member_id == new.id] == [1]
    assert [each.staff_member_id for each in demo.rows("staff_chat")] == [new.id]


# Some of the places that the search has to reach.
WHERE = {
    "staff_member.name", "staff_field.value", "bot_message.text", "bot_inbound_update.payload",
    "audit_event.entity_label", "audit_event.after", "import_row.values", "import_batch.grid", "import_batch.columns",
    "staff_message.text", "staff_onboarding.name", "onboarding_step.notes", "search_entry.content",
    "bot_dialog_state.collected_data", "staff_intake.details", "import_batch.file_name", "bot_file.data",
    "staff_document.reason",
}  # fmt: skip


def check_what_remains(demo, planted, owner):
    (row,) = [each for each in demo.members() if each.id == planted.id]
    assert (row.name, row.restaurant_id, row.left_on, row.status) == (
        "", demo.chain.restaurant_id, date(2026, 10, 1), "left",
    )  # fmt: skip
    (engagement,) = [each for each in demo.rows("staff_onboarding") if each.staff_member_id == planted.id]
    assert (engagement.spell, engagement.steps_done, engagement.status) == (1, 1, "terminated")
    assert owner.get(owner.account(f"staff/{planted.id}")).status_code == 200
    assert owner.get(owner.account(f"staff/{planted.id}/data")).status_code == 404


def check_log(demo, planted):
    lines = demo.sql(f"SELECT * FROM {SCHEMA}.audit_event WHERE entity_id = %s ORDER BY at", [planted.id])
    note = lines[-1]
    assert (note.action, note.actor_email) == ("person_erased", demo.chain.owner.email)
    assert {"erased_why": "request", "chats": 2, "papers": 1, "engagements": 1}.items() <= note.after.items()
    assert {line.entity_label for line in lines} <= {"erased person", "удалённый человек"}
    assert {"hired", "step_done", "left"} <= {line.action for line in lines}, "what was done stays"
    (hired,) = [line for line in lines if line.action == "hired"]
    assert hired.after["hired_on"]


# Rules, on somebody of the cast.


@pytest.fixture
def former(world, within):
    """The second employee, who has left."""
    member_id = world.pelmenya.id_of("staff_member", 2)
    within(lambda member: dismiss(member, date(2026, 10, 1), "over"), member_id)
    return SimpleNamespace(id=member_id, name=f"{world.pelmenya.marker} employee 2")


def name_of(superuser_sql, member_id):
    return superuser_sql(f"SELECT name FROM {SCHEMA}.staff_member WHERE id = %s", [member_id])[0].name


def test_the_note_of_an_erasure_is_kept_for_three_years(former, world, browse, app, superuser_sql):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    assert erase(owner, former, former.name).status_code == 303
    age = f"UPDATE {SCHEMA}.audit_event SET at = at - interval '%s months'"
    superuser_sql(f"UPDATE {SCHEMA}.retention_policy SET log_months = 12 WHERE account_id = %s", [chain.account_id])
    for months, is_kept in ((35, True), (2, False)):
        superuser_sql(f"SET session_replication_role = replica; {age % months}; SET session_replication_role = origin")
        with app.app_context():
            expire_in_turns([chain.account_id])
        found = superuser_sql(f"SELECT action FROM {SCHEMA}.audit_event WHERE entity_id = %s", [former.id])
        assert [line.action for line in found] == (["person_erased"] if is_kept else [])


def test_nobody_is_erased_by_a_wrong_name_or_without_a_reason_of_an_owners(former, world, browse, superuser_sql):
    owner = browse(world.pelmenya.owner)
    for sent in ({"name": "Somebody"}, {"why": ""}, {"why": "term"}, {"why": "x"}):
        assert erase(owner, former, **{"name": former.name} | sent).status_code == 422
    assert name_of(superuser_sql, former.id) == former.name


def test_whoever_works_here_is_not_erased_and_the_page_leads_to_the_end(world, browse, within, superuser_sql):
    owner, member_id = browse(world.pelmenya.owner), world.pelmenya.id_of("staff_member")
    here, name = f"staff/{member_id}", name_of(superuser_sql, member_id)
    page = owner.get(owner.account(f"{here}/data")).text
    leave = owner.account(here) + "/leaving"
    assert re.search(rf'href="{re.escape(owner.account(here))}/[a-z]+"', page), leave
    assert 'value="DELETE"' not in page
    assert erase(owner, SimpleNamespace(id=member_id), name).status_code == 303
    assert name_of(superuser_sql, member_id) == name
    with pytest.raises(NotToBeErased):
        within(lambda member: Employee(member).erase(ErasureReason.REQUEST), member_id)


def test_nobody_is_erased_while_a_chat_waits_to_be_told_whose_it_is(former, world, browse, superuser_sql):
    chain = world.pelmenya
    superuser_sql(
        f"INSERT INTO {SCHEMA}.staff_question (account_id, kind, staff_member_id, details)"
        " VALUES (%s, 'identity', %s, '{}')",
        [chain.account_id, former.id],
    )
    owner = browse(chain.owner)
    assert "/questions/" in owner.get(owner.account(f"staff/{former.id}/data")).text
    assert erase(owner, former, former.name).status_code == 303
    assert name_of(superuser_sql, former.id) == former.name


@pytest.mark.parametrize(
    ("chain", "role", "status"),
    [("pelmenya", "manager", 403), ("pelmenya", "chef", 403), ("pelmenya", "viewer", 403), ("vareniki", "owner", 404)],
)
def test_owners_alone_see_export_and_erase_what_is_held(former, world, browse, chain, role, status):
    person = browse(getattr(getattr(world, chain), role))
    here = person.account(f"staff/{former.id}/data")
    answers = [person.get(here), person.get(f"{here}/export"), erase(person, former, former.name)]
    assert {answer.status_code for answer in answers} == {status}


def test_erasing_the_guest_keeps_the_record_and_lets_go_of_its_sources(member, demo, browse):
    dialog = demo.traffic.dialog(CHAT)
    owner = browse(demo.chain.owner)
    page = owner.account(f"bots/{demo.chain.bot_id}/dialogs/{dialog.id}/guest")
    assert owner.post(page, {"chat": CHAT, "_method": "DELETE"}).status_code == 303
    (row,) = demo.members()
    assert (row.name, row.phone) == (NAME, f"+7{PHONE}")
    assert [each.platform_chat_id for each in demo.rows("staff_chat")] == [OTHER_CHAT]
    kept = {message.id for message in demo.traffic.messages(OTHER_CHAT)}
    assert {each.message_id for each in demo.rows("staff_field")} <= kept | {None}
    assert not [each for each in demo.rows("staff_field") if each.message_id is None and each.more_message_ids]


def test_the_export_holds_the_record_and_the_chats_and_no_paper_about_health(planted, demo, browse, within):
    demo.sql(f"UPDATE {SCHEMA}.document_type SET is_health = true WHERE code = 'medical_exam'")
    (of_health,) = demo.sql(
        f"UPDATE {SCHEMA}.onboarding_step s SET document_type_id = k.id FROM {SCHEMA}.document_type k,"
        f" {SCHEMA}.staff_onboarding e WHERE k.code = 'medical_exam' AND k.account_id = s.account_id"
        " AND s.code = 'medical_book' AND e.id = s.staff_onboarding_id AND e.staff_member_id = %s RETURNING s.id",
        [planted.id],
    )
    told = f"UPDATE {SCHEMA}.staff_message SET onboarding_step_id = %s WHERE staff_member_id = %s"
    demo.sql(told, [of_health.id, planted.id])
    owner = browse(demo.chain.owner)
    answer = owner.get(owner.account(f"staff/{planted.id}/data/export"))
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    told = json.loads(archive.read("record.json"))
    assert (told["employee"]["name"], told["employee"]["phone"]) == (NAME, f"+7{PHONE}")
    assert {"name", "phone", "email"} <= {each["field"] for each in told["values"]}
    assert SAID in archive.read("chats/1/messages.jsonl").decode() + archive.read("chats/2/messages.jsonl").decode()
    assert json.loads(archive.read("about.json"))["health_papers_left_out"] == 1
    assert told["papers"] == []
    assert not [each for each in told["intakes"] if each["details"]["told"]["documents"]]
    assert "medical_book" not in {each["code"] for each in told["steps"]} != set()
    assert not [each for each in told["messages"] if each["onboarding_step_id"] == str(of_health.id)]
    assert b"zqphoto" not in b"".join(archive.read(name) for name in archive.namelist())
    (line,) = demo.sql(
        f"SELECT after FROM {SCHEMA}.audit_event WHERE action = 'exported' AND entity_id = %s", [planted.id]
    )
    assert NAME not in json.dumps(line.after)


def test_no_export_of_a_guest_holds_a_health_paper_whoever_is_its_person(member, demo, browse, within, world):
    demo.sql(f"UPDATE {SCHEMA}.document_type SET is_health = true WHERE code = 'medical_exam'")
    dialog = demo.traffic.dialog(CHAT)
    photo, other, former = within(
        lambda _member: [BotFile.store(each, "image/jpeg").id for each in (b"zqbook", b"zqcat", b"zqformer")], member.id
    )
    pictures = demo.sql(
        f"SELECT id FROM {SCHEMA}.bot_message WHERE dialog_id = %s AND direction = 'in' ORDER BY seq DESC LIMIT 3",
        [dialog.id],
    )
    for message, file_id in zip(pictures, (photo, other, former), strict=True):
        told = f"UPDATE {SCHEMA}.bot_message SET file_id = %s, variable = NULL, content = '{{}}' WHERE id = %s"
        demo.sql(told, [file_id, message.id])
    (paper,) = demo.sql(f"UPDATE {SCHEMA}.staff_document SET file_id = %s, staff_member_id = %s"
                        " WHERE staff_member_id = %s RETURNING id",
                        [photo, world.pelmenya.id_of("staff_member", 2), member.id])  # fmt: skip
    mark = json.dumps({"file": {"paper": str(paper.id)}})
    demo.sql(f"UPDATE {SCHEMA}.bot_message SET content = %s WHERE file_id = %s", [mark, former])
    owner = browse(demo.chain.owner)
    for path in (f"bots/{demo.chain.bot_id}/dialogs/{dialog.id}/guest/export", f"staff/{member.id}/data/export"):
        archive = zipfile.ZipFile(io.BytesIO(owner.get(owner.account(path)).data))
        whole = b"".join(archive.read(name) for name in archive.namelist() if "/files/" in f"/{name}")
        assert [word in whole for word in (b"zqbook", b"zqformer", b"zqcat")] == [False, False, True]


# What goes by itself.


@pytest.fixture
def night(app, world):
    def run():
        with app.app_context():
            return expire_in_turns([world.pelmenya.account_id])

    return run


@pytest.mark.parametrize(
    ("days", "was_hired", "is_erased"), [(29, False, False), (31, False, True), (360, True, False), (367, True, True)]
)
def test_people_go_a_year_after_they_left_and_candidates_a_month_after_the_decision(
    world, within, night, superuser_sql, days, was_hired, is_erased
):
    left_on = (utc_now() - timedelta(days=days)).date()
    member_id = world.pelmenya.id_of("staff_member", 2)
    if not was_hired:
        superuser_sql(f"DELETE FROM {SCHEMA}.onboarding_step")
        superuser_sql(f"DELETE FROM {SCHEMA}.staff_onboarding")
    within(lambda member: dismiss(member, left_on, "over"), member_id)
    assert night()["former_employees"] == (1 if is_erased else 0)
    (row,) = superuser_sql(f"SELECT name, erased_at FROM {SCHEMA}.staff_member WHERE id = %s", [member_id])
    assert (row.name == "", row.erased_at is not None) == (is_erased, is_erased)
    notes = superuser_sql(f"SELECT after FROM {SCHEMA}.audit_event WHERE action = 'person_erased'")
    assert [note.after["erased_why"] for note in notes] == (["term"] if is_erased else [])


def test_a_conversation_that_never_confirmed_goes_after_ninety_days_and_others_stay(demo, night):
    demo.says("81", "/start", "Somebody", "cook")
    demo.says("82", "/start", "Somebody else")
    demo.hires("83", *TALK)
    demo.traffic.send()
    age = f"UPDATE {SCHEMA}.bot_dialog_state SET last_interaction_at = last_interaction_at - make_interval(days => %s)"
    demo.sql(f"{age} WHERE platform_chat_id = '81'", [91])
    demo.sql(f"{age} WHERE platform_chat_id = '82'", [89])
    demo.sql(f"{age} WHERE platform_chat_id = '83'", [200])
    assert night()["unconfirmed"] == 1
    assert [demo.traffic.dialog(chat) is None for chat in ("81", "82", "83")] == [True, False, False]
    assert demo.sql(f"SELECT FROM {SCHEMA}.bot_inbound_update WHERE chat_id = '81'") == []
    (line,) = demo.sql(f"SELECT after FROM {SCHEMA}.audit_event WHERE action = 'expired' ORDER BY at DESC LIMIT 1")
    assert line.after["unconfirmed"] == 1
    demo.sql(f"UPDATE {SCHEMA}.retention_policy SET unconfirmed_days = 60")
    assert night()["unconfirmed"] == 1, "the owner may shorten it"


def test_a_bot_whose_rule_is_off_keeps_the_conversations_of_its_guests(demo, night):
    demo.says("81", "/start", "Somebody", "cook")
    demo.traffic.send()
    demo.sql(f"UPDATE {SCHEMA}.bot_dialog_state SET last_interaction_at = last_interaction_at - interval '91 days'")
    demo.sql(f"UPDATE {SCHEMA}.bot_intake_rule SET is_on = false")
    night()
    assert demo.traffic.dialog("81") is not None


def test_a_conversation_in_which_something_has_just_come_is_left_for_another_night(demo, night, connect):
    demo.says("81", "/start", "Somebody", "cook")
    demo.says("82", "/start", "Somebody else")
    demo.traffic.send()
    demo.sql(f"UPDATE {SCHEMA}.bot_dialog_state SET last_interaction_at = last_interaction_at - interval '91 days'")
    demo.traffic.says("81", "Here I am")
    key = f"{demo.chain.telegram_id} 82"
    with connect() as worker, worker.transaction():
        worker.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
        night()
        assert [demo.traffic.dialog(chat) is None for chat in ("81", "82")] == [False, False]
    assert [each.state for each in demo.traffic.updates("pending")] == ["pending"]
    night()
    assert [demo.traffic.dialog(chat) is None for chat in ("81", "82")] == [False, True]


def test_files_forget_a_name_in_two_columns_and_nobody_who_shares_a_first_name(world, within, importing, superuser_sql):
    owner, ids = world.pelmenya.owner, [world.pelmenya.id_of("staff_member", number) for number in (1, 2)]
    staff = importing(owner, "staff")
    staff.url = staff.browser.account("staff/imports")
    rows = (("Zqanna", "", "8 900 111-22-33"), ("Zqrhodon", "Zqolga", ""), ("Zqolga", "Zqother", ""))
    staff.send(csv_file([("Имя", "Фамилия", "Телефон"), *rows]), "Zqanna of the kitchen.csv")
    for member_id, name in zip(ids, ("Zqanna", "Zqolga Zqrhodon"), strict=True):
        within(lambda member: dismiss(member, date(2026, 10, 1), "over"), member_id)
        superuser_sql(f"UPDATE {SCHEMA}.staff_member SET name = %s, phone = NULL WHERE id = %s", [name, member_id])
        within(lambda member: Employee(member).erase(ErasureReason.REQUEST), member_id)
    (batch,) = superuser_sql(f"SELECT grid, file_name FROM {SCHEMA}.import_batch ORDER BY created_at DESC LIMIT 1")
    assert [cells[0] for _number, cells in batch.grid] == ["Имя", "Zqanna", "Zqolga"]
    assert batch.file_name == "Zqanna of the kitchen.csv"


def test_the_log_forgets_a_name_of_which_the_question_and_the_file_are_gone(member, demo, within, importing, places):
    demo.hires("84", "/start", "Somebody else", "cook", TYPED_PHONE, "else@example.ru", "01.01.1990", *ANNA[6:])
    staff = importing(demo.chain.owner, "staff")
    staff.url = staff.browser.account("staff/imports")
    staff.send(csv_file([COLUMNS, ("Somebody new", "8 900 111-22-33", "")]), f"{NAME} 2.csv")
    staff.apply()
    asked = demo.sql(f"DELETE FROM {SCHEMA}.staff_question WHERE kind = 'identity' RETURNING id")
    assert asked
    demo.sql(f"DELETE FROM {SCHEMA}.import_batch")
    within(lambda person: dismiss(person, date(2026, 10, 1), "over"), member.id)
    within(lambda person: Employee(person).erase(ErasureReason.REQUEST), member.id)
    assert places("Zqrhodon") == set()


def test_one_night_reads_each_file_once_however_many_people_go(world, within, night, monkeypatch):
    for number in (1, 2):
        within(lambda member: dismiss(member, date(2020, 10, 1), "over"), world.pelmenya.id_of("staff_member", number))
    read = []
    monkeypatch.setattr(
        "portal.privacy.staff_expiry.forget_imported", lambda people: read.append(people) or forget_imported(people)
    )
    assert night()["former_employees"] == 2
    assert [len(people) for people in read] == [2]


def test_nobody_keeps_what_is_the_staffs_longer_than_sixty_months(world, browse, superuser_sql):
    owner = browse(world.pelmenya.owner)
    sent = {"conversation_months": "ever", "file_months": "ever", "log_months": "ever", "unconfirmed_days": "60",
            "candidate_days": "30", "left_months": "60", "paper_photo_days": "30"}  # fmt: skip
    url = owner.account("settings/retention")
    assert owner.post(url, sent | {"left_months": "61", "is_sure": "y"}).status_code == 422
    assert owner.post(url, sent | {"left_months": "ever", "is_sure": "y"}).status_code == 422
    assert owner.post(url, sent).status_code == 422, "shortening is said once more"
    assert owner.post(url, sent | {"is_sure": "y"}).status_code == 303
    account_id = world.pelmenya.account_id
    (row,) = superuser_sql(f"SELECT * FROM {SCHEMA}.retention_policy WHERE account_id = %s", [account_id])
    assert (row.unconfirmed_days, row.left_months) == (60, 60)


@pytest.mark.parametrize(
    "change",
    [
        "entity_label = 'somebody else'",
        "entity_label = 'erased person', after = '{\"name\": \"forged\"}'",
        "entity_label = 'erased person', after = after || '{\"phone\": \"1\"}'",
        "entity_label = 'erased person', actor_name = 'forged'",
    ],
)
def test_the_log_of_a_person_can_lose_what_it_tells_and_gain_nothing(world, within, connect, change):
    member_id = world.pelmenya.id_of("staff_member", 2)
    within(lambda member: dismiss(member, date(2026, 10, 1), "over"), member_id)
    update = f"UPDATE {SCHEMA}.audit_event SET {change} WHERE entity_id = '{member_id}'"
    with connect() as connection, connection.transaction(force_rollback=True):
        connection.execute("SELECT set_config('getinn.account_id', %s, true)", [str(world.pelmenya.account_id)])
        connection.execute("SELECT set_config('getinn.door', 'erasure', true)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(update)
