"""Pages of papers: adding and checking them, what is refused, who sees what and whose looks are noted."""

import html
import io
import re
from datetime import date, timedelta

import pytest

from portal.db.base import db
from portal.media.files import BotFile
from portal.staff.models import StaffMember
from portal.staff.papers.models import DocumentType
from portal.staff.papers.retention import forget_photos
from portal.staff.papers.validity import months_later
from portal.staff.papers.verbs import receive_paper
from tests.media.samples import PDF, PNG

TODAY = date.today()  # noqa: DTZ011
YESTERDAY = TODAY - timedelta(days=1)


def typed(day):
    return day.strftime("%d/%m/%Y")


def told(answer):
    return html.unescape(re.sub(r"\s+", " ", answer.text))


@pytest.fixture
def chain(world):
    return world.pelmenya


@pytest.fixture
def contract(chain):
    """A kind that is no health paper."""
    return str(chain.id_of("document_type", 2))


@pytest.fixture
def add(chain):
    """``add(browser, kind=…, message=…, **fields)`` sends the form of a new paper of the first employee."""

    def send(browser, message=None, **fields):
        query = f"?message={message}" if message else ""
        return browser.post(browser.account(f"staff/{chain.id_of('staff_member')}/papers/new{query}"), fields)

    return send


@pytest.fixture
def paper(chain):
    """The address of the first employee's health paper."""
    return f"staff/papers/{chain.id_of('staff_document')}"


@pytest.fixture
def newest(superuser_sql):
    def read(**where):
        return superuser_sql("SELECT * FROM getinn_ops.staff_document ORDER BY created_at DESC, id LIMIT 1")[0]

    return read


def looks(sql):
    return sql("SELECT * FROM getinn_ops.audit_event WHERE action = 'paper_opened' ORDER BY at")


def test_the_end_follows_from_the_issue_without_a_script(browse, chain, add, contract, newest):
    answer = add(browse(chain.manager), kind_id=contract, issued_on=typed(YESTERDAY), number_tail="12Aб")
    assert answer.status_code == 303
    row = newest()
    assert (row.state, row.issued_on, row.number_tail) == ("accepted", YESTERDAY, "12Aб")
    assert row.expires_on == months_later(YESTERDAY, 12)
    assert (row.checked_by_id, row.file_id) == (chain.manager.id, None)


def test_a_typed_end_stands_against_the_reckoned_one(browse, chain, add, contract, newest):
    until = TODAY + timedelta(days=40)
    add(browse(chain.manager), kind_id=contract, issued_on=typed(YESTERDAY), expires_on=typed(until))
    assert newest().expires_on == until


def test_the_end_is_reckoned_while_somebody_types(browse, chain, contract):
    browser = browse(chain.manager)
    fields = {"kind_id": contract, "issued_on": "15.03.2026", "_validate": "issued_on"}
    url = browser.account(f"staff/{chain.id_of('staff_member')}/papers/new")
    answer = browser.post(url, fields, htmx=True)
    assert 'id="paper-dates"' in answer.text
    assert 'value="15/03/2027"' in answer.text
    assert "<html" not in answer.text


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"issued_on": "02.03.2026", "expires_on": "01.03.2026"}, "does not end before it was issued"),
        ({"expires_on": "31.02.2027"}, "Write a day, such as"),
        ({"issued_on": typed(TODAY + timedelta(days=3))}, "still to come"),
        ({"expires_on": "01.01.2126"}, "Check the year"),
        ({}, "Write the day of issue, or until when it is valid."),
        ({"expires_on": "01.03.2030", "number_tail": "4510 123456"}, "the full number is not kept"),
        ({"kind_id": "", "expires_on": "01.03.2030"}, "Choose what it is"),
        ({"expires_on": "01.03.2030", "file": (io.BytesIO(PDF), "book.jpg")}, "book.jpg is a PDF inside"),
        ({"expires_on": "01.03.2030", "file": (io.BytesIO(PNG + b"\0" * 40 * 2**20), "book.png")}, "at most 10 MB"),
        ({"expires_on": "01.03.2030", "file": (io.BytesIO(b"GIF89a" + b"\0" * 90), "book.gif")}, "or a PDF"),
        ({"expires_on": "01.03.2030", "file": (io.BytesIO(b"<html>"), "book.pdf")}, "cannot show this kind"),
    ],
    ids=["before", "31.02", "future", "2126", "no day", "number", "no kind", "pdf as jpg", "40 MB", "gif", "markup"],
)
def test_what_cannot_be_is_refused_beside_its_field_and_stays_typed(
    browse, chain, add, contract, superuser_sql, fields, reason
):
    before = superuser_sql("SELECT count(*) AS n FROM getinn_ops.staff_document")[0].n
    answer = add(browse(chain.manager), **{"kind_id": contract, **fields})
    assert answer.status_code == 422
    assert reason in told(answer)
    for name in ("issued_on", "expires_on", "number_tail"):
        assert html.escape(fields.get(name, "")).replace(".", "/") in answer.text.replace(".", "/")
    assert superuser_sql("SELECT count(*) AS n FROM getinn_ops.staff_document")[0].n == before


def test_a_patent_is_not_valid_longer_than_its_kind_may_be(browse, chain, add, contract, superuser_sql):
    superuser_sql(
        "UPDATE getinn_ops.document_type SET months_valid = NULL, months_at_most = 12 WHERE id = %s", [contract]
    )
    late = months_later(YESTERDAY, 12) + timedelta(days=1)
    answer = add(browse(chain.manager), kind_id=contract, issued_on=typed(YESTERDAY), expires_on=typed(late))
    assert answer.status_code == 422
    assert "At most until" in answer.text


def test_a_paper_that_is_over_is_asked_about_and_then_noted(browse, chain, add, contract, newest):
    browser = browse(chain.manager)
    fields = {"kind_id": contract, "expires_on": typed(YESTERDAY)}
    asked = add(browser, **fields)
    assert (asked.status_code, "has not been valid since" in asked.text) == (422, True)
    sure = re.search(r'name="_sure" value="(\w+)"', asked.text)[1]
    assert add(browser, **fields, _sure=sure).status_code == 303
    assert newest().expires_on == YESTERDAY


def test_an_uploaded_photo_is_handed_out_to_those_who_may_see_papers(browse, chain, add, contract, newest):
    browser = browse(chain.manager)
    add(browser, kind_id=contract, expires_on="01.03.2030", file=(io.BytesIO(PNG), "photo.png"))
    answer = browser.get(browser.account(f"staff/papers/{newest().id}/file"))
    assert (answer.status_code, answer.data) == (200, PNG)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.fixture
def sent_photo(chain, superuser_sql):
    """A photo that the first employee sent in the chat."""
    message = chain.image_message_id
    superuser_sql(
        "UPDATE getinn_ops.bot_message SET direction = 'in', author = 'guest', kind = 'image', file_state = 'stored',"
        ' state = \'received\', file_id = %s, content = \'{"file": {"name": "book.png"}}\' WHERE id = %s',
        [chain.file_id, message],
    )
    return message


def test_a_photo_of_the_chat_becomes_a_paper(browse, chain, add, contract, newest, sent_photo):
    browser = browse(chain.manager)
    person = browser.account(f"staff/{chain.id_of('staff_member')}")
    assert "Sent in the chat" in browser.get(person).text
    form = browser.get(f"{person}/papers/new?message={sent_photo}&kind={contract}").text
    assert f"files/{chain.file_id}" in form
    assert add(browser, message=sent_photo, kind_id=contract, issued_on=typed(YESTERDAY)).status_code == 303
    row = newest()
    assert (row.state, row.message_id, row.file_id) == ("accepted", sent_photo, chain.file_id)
    assert "Sent in the chat" not in browser.get(person).text


def test_a_message_that_is_not_there_is_no_paper_seen_in_the_original(browse, chain, add, contract, newest):
    browser = browse(chain.manager)
    before = newest()
    for message in (chain.message_id, "00000000-0000-0000-0000-000000000000", "nothing"):
        assert add(browser, message=message, kind_id=contract, issued_on=typed(YESTERDAY)).status_code == 404
    assert newest() == before


def test_a_message_of_somebody_else_is_no_paper(browse, chain, add, contract, newest, sent_photo, superuser_sql):
    other = chain.id_of("staff_member", 2)
    superuser_sql(
        "UPDATE getinn_ops.staff_chat SET staff_member_id = %s WHERE account_id = %s", [other, chain.account_id]
    )
    browser = browse(chain.manager)
    page = browser.account(f"staff/{chain.id_of('staff_member')}/papers/new?message={sent_photo}")
    assert browser.get(page).status_code == 404
    before = newest()
    assert add(browser, message=sent_photo, kind_id=contract, expires_on="01.03.2030").status_code == 404
    assert newest() == before


def test_what_became_a_paper_is_private_in_the_chat_as_well(browse, chain, add, contract, sent_photo, superuser_sql):
    chat_file = f"bots/{chain.bot_id}/files/{chain.file_id}"
    dialog = f"bots/{chain.bot_id}/dialogs/{chain.dialog_id}"
    viewer, manager, elsewhere = (browse(each) for each in (chain.viewer, chain.manager, chain.assigned_manager))
    assert viewer.get(viewer.account(chat_file)).status_code == 200
    assert f'<img src="{viewer.account(chat_file)}"' in viewer.get(viewer.account(dialog)).text
    add(manager, message=sent_photo, kind_id=contract, expires_on="01.03.2030")
    superuser_sql("UPDATE getinn_ops.document_type SET is_health = true WHERE id = %s", [contract])
    assert viewer.get(viewer.account(chat_file), follow_redirects=True).status_code == 403
    assert f'<img src="{viewer.account(chat_file)}"' not in viewer.get(viewer.account(dialog)).text
    assert elsewhere.get(elsewhere.account(chat_file), follow_redirects=True).status_code == 404
    assert looks(superuser_sql) == []
    shown = manager.get(manager.account(dialog)).text
    assert (f'<img src="{manager.account(chat_file)}"' in shown, f'href="{manager.account(chat_file)}"' in shown) == (
        False,
        True,
    )
    opened = manager.get(manager.account(chat_file), follow_redirects=True)
    assert (opened.status_code, opened.headers["Cache-Control"]) == (200, "no-store")
    assert [each.actor_id for each in looks(superuser_sql)] == [chain.manager.id]


def test_a_photo_whose_place_a_second_one_took_is_that_paper_still(browse, chain, scoped, sent_photo, superuser_sql):
    second = chain.message_id
    superuser_sql("UPDATE getinn_ops.staff_document SET message_id = NULL")
    with scoped(chain.account_id):
        member = db.session.get_one(StaffMember, chain.id_of("staff_member"))
        exam = db.session.get_one(DocumentType, chain.id_of("document_type"))
        exam.is_health = True
        receive_paper(member, exam, sent_photo, chain.file_id)
        paper = receive_paper(member, exam, second, BotFile.store(PNG, "image/png").id).id
        db.session.commit()
    chat_file = f"bots/{chain.bot_id}/files/{chain.file_id}"
    viewer, manager = browse(chain.viewer), browse(chain.manager)
    assert viewer.get(viewer.account(chat_file), follow_redirects=True).status_code == 403
    assert looks(superuser_sql) == []
    opened = manager.get(manager.account(chat_file), follow_redirects=True)
    assert (opened.status_code, len(opened.data)) == (200, int(opened.headers["Content-Length"]))
    assert [(each.actor_id, each.entity_id) for each in looks(superuser_sql)] == [(chain.manager.id, paper)]
    elsewhere = f"staff/papers/{chain.id_of('staff_document', 2)}/file?former={chain.file_id}"
    assert manager.get(manager.account(elsewhere)).status_code == 404
    superuser_sql("UPDATE getinn_ops.staff_document SET state = 'refused', checked_at = now() - interval '31 days'"
                  " WHERE id = %s", [paper])  # fmt: skip
    with scoped(chain.account_id):
        forget_photos(100, 30)
        db.session.commit()
    (message,) = superuser_sql("SELECT file_id, file_state FROM getinn_ops.bot_message WHERE id = %s", [sent_photo])
    assert tuple(message) == (None, "removed")


def test_an_answer_that_a_rule_takes_for_a_paper_is_one_before_it_is_in_the_record(
    browse, chain, sent_photo, superuser_sql
):
    superuser_sql("UPDATE getinn_ops.bot_message SET variable = 'book' WHERE id = %s", [sent_photo])
    superuser_sql(
        'UPDATE getinn_ops.bot_intake_rule SET documents = \'{"medical_exam": "book"}\' WHERE bot_id = %s',
        [chain.bot_id],
    )
    chat_file, dialog = f"bots/{chain.bot_id}/files/{chain.file_id}", f"bots/{chain.bot_id}/dialogs/{chain.dialog_id}"
    viewer, manager = browse(chain.viewer), browse(chain.manager)
    assert viewer.get(viewer.account(chat_file)).status_code == 403
    assert viewer.account(chat_file) not in viewer.get(viewer.account(dialog)).text
    assert f'<img src="{manager.account(chat_file)}"' not in manager.get(manager.account(dialog)).text
    assert looks(superuser_sql) == []
    assert manager.get(manager.account(chat_file)).status_code == 200
    assert [(each.actor_id, each.entity_id) for each in looks(superuser_sql)] == [(chain.manager.id, chain.dialog_id)]


def test_each_look_at_a_health_paper_is_noted_once_and_without_its_content(browse, chain, paper, superuser_sql):
    for person in (chain.owner, chain.manager):
        browser = browse(person)
        for _again in range(2):
            assert browser.get(browser.account(paper)).status_code == 200
            assert browser.get(browser.account(f"{paper}/file")).status_code == 200
    found = looks(superuser_sql)
    assert [(each.actor_id, each.entity_label, each.before, each.after) for each in found] == [
        (chain.owner.id, "Paper", None, None),
        (chain.manager.id, "Paper", None, None),
    ]
    owner = browse(chain.owner)
    assert "Who looked" in owner.get(owner.account(paper)).text
    log = owner.get(owner.account("audit")).text
    assert f"{chain.marker} exam" not in log


def test_a_later_look_is_one_of_its_own(browse, chain, paper, superuser_sql):
    browser = browse(chain.manager)
    browser.get(browser.account(paper))
    superuser_sql("ALTER TABLE getinn_ops.audit_event DISABLE TRIGGER USER")
    superuser_sql("UPDATE getinn_ops.audit_event SET at = at - interval '6 minutes' WHERE action = 'paper_opened'")
    superuser_sql("ALTER TABLE getinn_ops.audit_event ENABLE TRIGGER USER")
    browser.get(browser.account(f"{paper}/file"))
    assert len(looks(superuser_sql)) == 2


def test_a_look_at_any_other_paper_is_not_noted(browse, chain, superuser_sql):
    browser = browse(chain.manager)
    assert browser.get(browser.account(f"staff/papers/{chain.id_of('staff_document', 2)}")).status_code == 200
    assert looks(superuser_sql) == []


@pytest.mark.parametrize(
    ("person", "status"),
    [("owner", 200), ("manager", 200), ("assigned_manager", 404), ("chef", 403), ("viewer", 403)],
)
def test_papers_are_for_those_who_may_see_private_things_of_the_person(browse, chain, paper, person, status):
    browser = browse(getattr(chain, person))
    for page in (paper, f"{paper}/file"):
        assert browser.get(browser.account(page)).status_code == status
    assert browser.post(browser.account(f"{paper}/refusal"), {"reason": "x"}).status_code in (status, 303)


def test_another_chain_finds_no_paper(browse, world, paper):
    browser = browse(world.vareniki.owner)
    for page in (paper, f"{paper}/file"):
        assert browser.get(browser.account(page)).status_code == 404
    assert browser.post(browser.account(paper), {"expires_on": "01.03.2030"}).status_code == 404


def test_a_chef_learns_whether_papers_are_valid_and_a_viewer_nothing(browse, chain, superuser_sql):
    superuser_sql("UPDATE getinn_ops.document_type SET for_kitchen = is_health")
    superuser_sql("UPDATE getinn_ops.staff_position SET is_kitchen = true")
    page = f"staff/{chain.id_of('staff_member')}"
    manager, chef, viewer = (browse(each) for each in (chain.manager, chain.chef, chain.viewer))
    assert f"{chain.marker} exam" in manager.get(manager.account(page)).text
    seen = chef.get(chef.account(page)).text
    assert ("badge--good" in seen, f"{chain.marker} exam" in seen) == (True, False)
    assert 'id="papers"' not in viewer.get(viewer.account(page)).text
    superuser_sql("UPDATE getinn_ops.staff_document SET expires_on = %s", [YESTERDAY - timedelta(days=1)])
    assert "Not valid" in chef.get(chef.account(page)).text


def test_a_chef_learns_of_an_expired_paper_that_nobody_asked_for(browse, chain, superuser_sql):
    page = f"staff/{chain.id_of('staff_member')}"
    chef = browse(chain.chef)
    assert "Not valid" not in chef.get(chef.account(page)).text
    superuser_sql("UPDATE getinn_ops.staff_document SET expires_on = %s", [YESTERDAY - timedelta(days=1)])
    assert "Not valid" in chef.get(chef.account(page)).text


def test_a_checked_paper_is_accepted_with_its_days(browse, chain, paper, superuser_sql):
    superuser_sql("UPDATE getinn_ops.staff_document SET state = 'sent', expires_on = NULL, number_tail = NULL")
    browser = browse(chain.manager)
    assert "Accept the paper" in browser.get(browser.account(paper)).text
    answer = browser.post(
        browser.account(paper), {"issued_on": typed(YESTERDAY), "expires_on": "", "number_tail": "77"}
    )
    assert answer.status_code == 303
    (row,) = superuser_sql("SELECT * FROM getinn_ops.staff_document WHERE state = 'accepted'")
    assert (row.id, row.expires_on, row.number_tail) == (
        chain.id_of("staff_document"),
        months_later(YESTERDAY, 12),
        "77",
    )


def test_a_refusal_says_why(browse, chain, paper, superuser_sql):
    superuser_sql("UPDATE getinn_ops.staff_document SET state = 'sent'")
    browser = browse(chain.manager)
    refusal = browser.account(f"{paper}/refusal")
    silent = browser.post(refusal, {"reason": " "})
    assert (silent.status_code, "Fill this in." in silent.text) == (422, True)
    assert browser.post(refusal, {"reason": "Blurred"}).status_code == 303
    (row,) = superuser_sql("SELECT * FROM getinn_ops.staff_document WHERE state = 'refused'")
    assert (row.reason, row.checked_by_id) == ("Blurred", chain.manager.id)
    browser.post(refusal, {"reason": "Again"})
    assert superuser_sql("SELECT reason FROM getinn_ops.staff_document WHERE state = 'refused'")[0].reason == "Blurred"


def test_nobody_accepts_their_own_paper(browse, chain, paper, add, contract, superuser_sql):
    superuser_sql("UPDATE getinn_ops.staff_document SET state = 'sent'")
    superuser_sql("UPDATE getinn_ops.staff_member SET email = upper(%s)", [chain.manager.email])
    browser = browse(chain.manager)
    assert "Nobody accepts their own papers" in browser.get(browser.account(paper)).text
    browser.post(browser.account(paper), {"expires_on": "01.03.2030"})
    add(browser, kind_id=contract, expires_on="01.03.2030")
    assert superuser_sql("SELECT id FROM getinn_ops.staff_document WHERE state = 'accepted'") == []


def test_nothing_is_noted_of_an_erased_person(browse, chain, add, contract, superuser_sql):
    superuser_sql("UPDATE getinn_ops.staff_member SET erased_at = now(), name = ''")
    assert add(browse(chain.manager), kind_id=contract, expires_on="01.03.2030").status_code == 404


def test_support_accepts_as_nobody_of_the_chain(browse, world, add, contract, newest):
    browser = browse(world.superuser, visiting=world.pelmenya)
    assert add(browser, kind_id=contract, expires_on="01.03.2030").status_code == 303
    assert newest().checked_by_id is None


@pytest.fixture
def need(chain, superuser_sql):
    """``need(kind)``: both checklists of the chain have a step that such a paper completes."""
    needed = (
        "UPDATE getinn_ops.onboarding_step SET document_type_id = %s, completed_by = 'document' WHERE account_id = %s"
    )
    return lambda kind: superuser_sql(needed, [kind, chain.account_id])


def test_an_accepted_paper_completes_the_step_that_needs_it(browse, chain, add, contract, need, superuser_sql):
    need(contract)
    add(browse(chain.manager), kind_id=contract, expires_on=typed(TODAY + timedelta(days=100)))
    steps = "SELECT status, completed_by_id FROM getinn_ops.onboarding_step WHERE id = %s"
    (step,) = superuser_sql(steps, [chain.id_of("onboarding_step")])
    assert (step.status, step.completed_by_id) == ("completed", chain.manager.id)
    (other,) = superuser_sql(steps, [chain.id_of("onboarding_step", 2)])
    assert other.status == "pending"


def test_a_paper_that_is_over_completes_nothing(browse, chain, add, contract, need, newest, superuser_sql):
    need(contract)
    browser = browse(chain.manager)
    fields = {"kind_id": contract, "expires_on": typed(YESTERDAY - timedelta(days=1))}
    sure = re.search(r'name="_sure" value="(\w+)"', add(browser, **fields).text)[1]
    add(browser, **fields, _sure=sure)
    assert newest().expires_on == YESTERDAY - timedelta(days=1)
    steps = superuser_sql("SELECT DISTINCT status FROM getinn_ops.onboarding_step")
    assert [each.status for each in steps] == ["pending"]
