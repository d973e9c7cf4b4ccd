"""Papers of people: until when they are valid, who takes whose place, and what the log tells."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.audit.models import Action, AuditEvent
from portal.db.base import db
from portal.db.states import MoveRefused
from portal.onboarding.seeds import seed_default_template
from portal.staff.models import StaffMember
from portal.staff.papers.models import DocumentReminder, DocumentType, PaperState, StaffDocument
from portal.staff.papers.seeds import SEEDS, seed_document_types
from portal.staff.papers.validity import last_valid_day, months_later
from portal.staff.papers.verbs import accept, accept_original, receive_paper, refuse, valid_paper


@pytest.fixture
def chain(world):
    return world.pelmenya


@pytest.fixture
def within(scoped, chain):
    """The account of the first chain."""
    with scoped(chain.account_id):
        yield


@pytest.fixture
def member(within, chain):
    return db.session.get_one(StaffMember, chain.id_of("staff_member"))


@pytest.fixture
def contract(within, chain):
    return db.session.get_one(DocumentType, chain.id_of("document_type", 2))


@pytest.fixture
def exam(within, chain):
    return db.session.get_one(DocumentType, chain.id_of("document_type", 1))


def lines(action):
    return db.session.scalars(select(AuditEvent).where(AuditEvent.action == action)).all()


@pytest.mark.parametrize(
    ("issued", "months", "until"),
    [
        (date(2026, 3, 15), 12, date(2027, 3, 15)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 8, 31), 1, date(2026, 9, 30)),
    ],
)
def test_a_paper_is_valid_for_months_and_no_longer_than_its_last_month(issued, months, until):
    assert months_later(issued, months) == until
    assert last_valid_day(issued, DocumentType(months_valid=months)) == until


def test_where_no_months_or_no_day_of_issue_are_known_no_end_is_made_up():
    assert last_valid_day(date(2026, 3, 15), DocumentType()) is None
    assert last_valid_day(None, DocumentType(months_valid=12)) is None


def test_the_last_valid_day_counts_and_the_next_does_not(member, contract):
    paper = accept_original(member, contract, "5678", date(2027, 3, 15))
    assert valid_paper(member, contract, date(2027, 3, 15)) is paper
    assert valid_paper(member, contract, date(2027, 3, 16)) is None


def test_a_paper_without_an_end_is_valid(member, contract):
    paper = accept_original(member, contract, None, None)
    assert valid_paper(member, contract, date(2099, 1, 1)) is paper


def test_the_same_message_brings_one_paper_however_often(member, contract, chain):
    papers = {receive_paper(member, contract, chain.message_id, None).id for _ in range(3)}
    assert len(papers) == 1
    assert len(lines(Action.PAPER_RECEIVED)) == 1


def test_what_came_later_takes_the_place_of_what_nobody_has_looked_at(member, contract, chain):
    first = receive_paper(member, contract, chain.message_id, None)
    second = receive_paper(member, contract, chain.image_message_id, chain.file_id)
    assert second is first
    assert (second.message_id, second.file_id) == (chain.image_message_id, chain.file_id)


def test_what_came_after_a_refusal_is_a_paper_of_its_own(member, contract, chain):
    first = receive_paper(member, contract, chain.message_id, None)
    refuse(first, "Blurred")
    second = receive_paper(member, contract, chain.image_message_id, None)
    assert second.id != first.id
    assert (first.state, second.state) == (PaperState.REFUSED, PaperState.SENT)


def test_a_newer_paper_replaces_the_accepted_one(member, exam, chain):
    former = db.session.get_one(StaffDocument, chain.id_of("staff_document"))
    newer = receive_paper(member, exam, chain.message_id, None)
    accept(newer, date(2026, 3, 15), date(2027, 3, 15), "9911")
    assert (former.state, newer.state, newer.number_tail) == (PaperState.REPLACED, PaperState.ACCEPTED, "9911")
    db.session.refresh(member)
    assert member.papers_until == date(2027, 3, 15)


def test_what_a_newer_one_has_replaced_is_accepted_no_more(member, exam, chain):
    former = db.session.get_one(StaffDocument, chain.id_of("staff_document"))
    accept_original(member, exam, None, date(2027, 3, 15))
    with pytest.raises(MoveRefused):
        accept(former, None, date(2030, 1, 1), None)


def test_another_end_of_an_accepted_paper_is_reminded_of_anew(member, chain):
    paper = db.session.get_one(StaffDocument, chain.id_of("staff_document"))
    reminders = select(DocumentReminder).where(DocumentReminder.staff_document_id == paper.id)
    accept(paper, None, paper.expires_on, "0000")
    assert len(db.session.scalars(reminders).all()) == 1
    accept(paper, None, paper.expires_on + timedelta(days=300), "0000")
    assert db.session.scalars(reminders).all() == []


def test_what_was_checked_is_not_refused(member, chain):
    with pytest.raises(MoveRefused):
        refuse(db.session.get_one(StaffDocument, chain.id_of("staff_document")), "Blurred")


def test_the_log_tells_of_a_paper_and_nothing_of_a_health_paper(member, contract, exam):
    accept_original(member, contract, None, date(2027, 3, 15))
    accept_original(member, exam, None, date(2027, 3, 15))
    db.session.flush()
    told = {str(line.after): line.entity_id for line in lines(Action.PAPER_ACCEPTED)}
    assert told == {str({"paper": contract.name, "papers_until": "2027-03-15"}): member.id, "None": member.id}


def test_seeds_speak_the_language_of_the_chain(within):
    assert seed_document_types("ru")["medical_exam"].name == "Личная медкнижка, осмотр"


def test_the_step_of_the_usual_checklist_needs_the_seeded_medical_book(within, superuser_sql):
    superuser_sql("UPDATE getinn_ops.onboarding_template SET is_active = false")
    template = seed_default_template()
    (step,) = (each for each in template.steps if each.code == "medical_book")
    assert db.session.get_one(DocumentType, step.document_type_id).code == "medical_exam"


def test_seeds_come_once_and_leave_what_people_changed(within):
    seeded = seed_document_types()
    assert {seed.code for seed in SEEDS} <= set(seeded)
    seeded["medical_exam"].edit(months_valid=6)
    seeded["work_patent"].archive()
    db.session.flush()
    again = seed_document_types()
    assert {code: row.id for code, row in again.items()} == {code: row.id for code, row in seeded.items()}
    assert again["medical_exam"].months_valid == 6
    assert again["work_patent"].is_active is False
    assert again["medical_exam"].remind_days == [30, 14, 7, 1]
