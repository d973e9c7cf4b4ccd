"""Reminders of papers that end: on which days, once each, and who is told of them."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.db.base import db
from portal.db.types import utc_now
from portal.notices.models import Notice
from portal.onboarding.messages.models import StaffMessage
from portal.onboarding.paper_reminders import remind_batch, remind_in_turns
from portal.staff.models import StaffMember
from portal.staff.papers.conditions import expired_condition, expiring_condition
from portal.staff.papers.models import DocumentType, StaffDocument
from portal.staff.papers.reminding import claim_reminders
from portal.staff.papers.verbs import accept_original
from portal.web.times import in_zone

KINDS_DAYS = [30, 14, 7, 1]


@pytest.fixture
def chain(world):
    return world.pelmenya


@pytest.fixture
def paper(chain, superuser_sql):
    """``paper(left, entered=…, zone=…)``: the contract of the chain's first employee is all that the chain has.

    It ends in ``left`` days of the restaurant's zone and was accepted when ``entered`` days were left.
    """

    def make(left, entered=300, zone="Europe/Moscow", days=KINDS_DAYS):
        superuser_sql("DELETE FROM getinn_ops.staff_document WHERE id <> %s", [chain.id_of("staff_document")])
        superuser_sql("DELETE FROM getinn_ops.document_reminder")
        superuser_sql("UPDATE getinn_ops.document_type SET remind_days = %s", [days])
        superuser_sql("UPDATE getinn_ops.restaurant SET timezone = %s", [zone])
        end = in_zone(utc_now(), zone).date() + timedelta(days=left)
        superuser_sql(
            "UPDATE getinn_ops.staff_document SET expires_on = %s, checked_at = timezone('utc', now()) - %s",
            [end, timedelta(days=entered - left)],
        )
        return chain.id_of("staff_document")

    return make


@pytest.fixture
def claim(scoped, chain):
    """What is reminded of now: days before the end."""

    def ask():
        with scoped(chain.account_id):
            days = [each.days_before for each in claim_reminders()]
            db.session.commit()
        return days

    return ask


@pytest.mark.parametrize(
    ("left", "due"),
    [
        (31, []), (30, [30]), (29, [30]), (15, [30]), (14, [14]), (8, [14]), (7, [7]), (3, [7]), (1, [1]), (0, [0]),
        (-1, [0]), (-6, [0]), (-7, [-7]), (-13, [-7]), (-14, [-14]), (-100, [-98]),
    ],
)  # fmt: skip
def test_of_days_that_were_missed_the_nearest_alone_counts(paper, claim, left, due):
    paper(left)
    assert claim() == due
    assert claim() == []


def test_a_paper_that_is_entered_ten_days_before_its_end_is_reminded_of_at_seven(paper, claim):
    paper(10, entered=10)
    assert claim() == []
    paper(8, entered=10)
    assert claim() == []
    paper(7, entered=7)
    assert claim() == []
    paper(7, entered=10)
    assert claim() == [7]


def test_kinds_have_days_of_their_own(paper, claim):
    paper(11, days=[10, 5])
    assert claim() == []
    paper(10, days=[10, 5])
    assert claim() == [10]
    paper(0, days=[])
    assert claim() == [0]


def test_days_are_those_of_the_restaurant(paper, claim, superuser_sql):
    for zone in ("Pacific/Kiritimati", "Pacific/Niue", "No/Zone"):
        paper(14, zone=zone)
        assert claim() == [14], zone
        paper(15, days=[14], zone=zone)
        assert claim() == [], zone


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE getinn_ops.staff_member SET status = 'left', left_on = current_date",
        "UPDATE getinn_ops.restaurant SET is_active = false",
        "UPDATE getinn_ops.staff_document SET state = 'replaced'",
        "UPDATE getinn_ops.staff_document SET state = 'sent'",
        "UPDATE getinn_ops.staff_document SET expires_on = NULL",
    ],
    ids=["left", "closed", "replaced", "unchecked", "no end"],
)
def test_of_some_papers_nobody_is_reminded(paper, claim, superuser_sql, change):
    paper(7)
    superuser_sql(change)
    assert claim() == []


def test_a_person_of_no_restaurant_is_reminded_of_as_well(paper, claim, superuser_sql):
    paper(7, zone="UTC")
    superuser_sql("UPDATE getinn_ops.staff_member SET restaurant_id = NULL")
    assert claim() == [7]


def test_managers_get_one_notice_with_a_number_and_no_paper(paper, scoped, chain, superuser_sql):
    paper(14)
    with scoped(chain.account_id):
        assert remind_batch() == 1
        db.session.commit()
    with scoped(chain.account_id):
        notices = db.session.scalars(select(Notice).where(Notice.kind.like("papers%"))).all()
        told = [(each.kind, each.restaurant_id, each.parameters) for each in notices]
    restaurant = chain.restaurant_id
    assert told == [("papers_end", restaurant, {"people": 1, "restaurant_id": str(restaurant)})]
    assert f"{chain.marker} exam" not in str([vars(each) for each in notices])


def test_an_expired_paper_is_a_problem_until_it_is_replaced(paper, scoped, chain, superuser_sql):
    def open_notices():
        with scoped(chain.account_id):
            remind_batch()
            db.session.commit()
            query = select(Notice).where(Notice.kind == "papers_expired", Notice.resolved_at.is_(None))
            return [each.parameters["people"] for each in db.session.scalars(query)]

    document = paper(-1)
    assert open_notices() == [1]
    assert open_notices() == [1]
    superuser_sql("UPDATE getinn_ops.staff_document SET expires_on = current_date + 300 WHERE id = %s", [document])
    assert open_notices() == []


def test_the_round_goes_through_all_chains_and_finds_nothing_the_second_time(app, world, superuser_sql):
    superuser_sql("DELETE FROM getinn_ops.document_reminder")
    superuser_sql("UPDATE getinn_ops.staff_document SET checked_at = timezone('utc', now()) - interval '300 days'")
    ids = [each.account_id for each in world.chains]
    with app.app_context():
        assert remind_in_turns(ids) == dict.fromkeys(ids, 2)
        assert remind_in_turns(ids) == {}
    rows = superuser_sql("SELECT account_id, days_before FROM getinn_ops.document_reminder")
    assert sorted(row.days_before for row in rows) == [30] * 4


def test_the_person_is_told_where_the_checklist_says_so(paper, scoped, chain, superuser_sql):
    document = paper(7)
    superuser_sql(
        "UPDATE getinn_ops.onboarding_step SET message_reminder = '{{name}}: {{step}} {{date}}', document_type_id ="
        " (SELECT document_type_id FROM getinn_ops.staff_document WHERE id = %s) WHERE account_id = %s",
        [document, chain.account_id],
    )
    with scoped(chain.account_id):
        remind_batch()
        db.session.commit()
        messages = db.session.scalars(select(StaffMessage).where(StaffMessage.kind == "reminder")).all()
        assert [each.staff_member_id for each in messages] == [chain.id_of("staff_member")]
        assert messages[0].text.startswith(f"{chain.marker} employee 1: {chain.marker} step ")
        assert "{{" not in messages[0].text


def test_lists_know_whose_papers_end_by_the_day_of_each_restaurant(paper, scoped, chain, superuser_sql):
    def found():
        with scoped(chain.account_id):
            query = select(StaffMember.id)
            return tuple(
                len(db.session.scalars(query.where(each)).all())
                for each in (expiring_condition(30), expired_condition())
            )

    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
        for left, expected in ((31, (0, 0)), (30, (1, 0)), (0, (1, 0)), (-1, (0, 1))):
            paper(left, zone=zone)
            assert found() == expected, (zone, left)
    superuser_sql("UPDATE getinn_ops.restaurant SET is_active = false")
    assert found() == (0, 0)


def test_a_newer_paper_ends_the_reminders_of_the_former(paper, claim, scoped, chain):
    document_id = paper(7)
    with scoped(chain.account_id):
        former = db.session.get_one(StaffDocument, document_id)
        kind = db.session.get_one(DocumentType, former.document_type_id)
        member = db.session.get_one(StaffMember, former.staff_member_id)
        accept_original(member, kind, None, former.expires_on + timedelta(days=365))
        db.session.commit()
    assert claim() == []


def test_those_who_see_papers_find_the_notice_and_its_link_leads_to_the_people(paper, scoped, chain, browse):
    paper(-7)
    with scoped(chain.account_id):
        remind_batch()
        db.session.commit()
    manager, chef = browse(chain.manager), browse(chain.chef)
    told = manager.get(manager.account("notices")).text
    assert "1 employee works with an expired paper" in told
    assert "1 employee works with an expired paper" not in chef.get(chef.account("notices")).text
    listed = manager.get(manager.account(f"staff?papers=expired&restaurant_id={chain.restaurant_id}")).text
    assert f"{chain.marker} employee 1" in listed
    form = re.compile(r'action="([^"]+/[0-9a-f-]{36}[^"]*)">(?:(?!</form>).)*works with an expired paper', re.DOTALL)
    answer = manager.post(form.search(told)[1])
    assert answer.headers["Location"].endswith(f"/staff?papers=expired&restaurant_id={chain.restaurant_id}")
