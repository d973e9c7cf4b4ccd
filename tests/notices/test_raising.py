"""Raising and resolving: one notice for one thing, whoever raises it how often."""

import threading
from dataclasses import replace

import pytest

from portal.access.permissions import Permission
from portal.db.base import db
from portal.integrations.notices import CONNECTION_FAILED, CONNECTION_RECOVERED
from portal.notices.raising import Subject, raise_notice, resolve_notice
from portal.users.notices import INVITATION_ACCEPTED


@pytest.fixture
def subject(world):
    return Subject("account_integration_credentials", world.pelmenya.integration_id, "iiko")


@pytest.fixture
def in_chain(world, scoped):
    """Does something in Pelmenya's account and commits."""

    def do(work):
        with scoped(world.pelmenya.account_id):
            work()
            db.session.commit()

    return do


def test_what_is_raised_again_is_counted_and_not_told_twice(notices, in_chain, subject):
    in_chain(lambda: raise_notice(CONNECTION_FAILED, subject, reason="first"))
    [first] = notices()
    in_chain(lambda: raise_notice(CONNECTION_FAILED, subject, reason="second"))
    [second] = notices()
    assert (second.id, second.opened_at, second.repetitions) == (first.id, first.opened_at, 2)
    assert second.at > first.at
    assert second.parameters == {"reason": "second"}


def test_two_who_raise_the_same_at_once_make_one_notice(app, world, notices, scoped, subject):
    begun, go_on = threading.Barrier(2), threading.Event()

    def raise_it(waits):
        with scoped(world.pelmenya.account_id):
            db.session.execute(db.text("SELECT 1"))
            begun.wait(10)
            if waits:
                go_on.wait(10)
            raise_notice(CONNECTION_FAILED, subject, reason="x")
            if not waits:
                go_on.set()
                # The other one stands before the unique index by now, or comes to it after the commit.
                threading.Event().wait(0.3)
            db.session.commit()

    raisers = [threading.Thread(target=raise_it, args=(waits,)) for waits in (False, True)]
    for each in raisers:
        each.start()
    for each in raisers:
        each.join(20)
    [row] = notices()
    assert row.repetitions == 2


def test_a_rolled_back_change_tells_nothing(world, notices, scoped, subject):
    with scoped(world.pelmenya.account_id):
        raise_notice(CONNECTION_FAILED, subject, reason="x")
        db.session.rollback()
    assert notices() == []


def test_healing_resolves_the_problem_and_is_told(notices, in_chain, subject):
    in_chain(lambda: raise_notice(CONNECTION_FAILED, subject, reason="x"))
    in_chain(lambda: resolve_notice(CONNECTION_FAILED, subject.id))
    problem, recovery = notices()
    assert problem.resolved_at is not None
    assert (recovery.kind, recovery.entity_label) == (CONNECTION_RECOVERED.key, "iiko")
    assert recovery.resolved_at is None


def test_nobody_is_told_of_healing_who_was_told_of_no_problem(notices, in_chain, subject):
    in_chain(lambda: resolve_notice(CONNECTION_FAILED, subject.id))
    assert notices() == []


def test_what_is_switched_off_is_resolved_without_a_word(notices, in_chain, subject):
    in_chain(lambda: raise_notice(CONNECTION_FAILED, subject, reason="x"))
    in_chain(lambda: resolve_notice(CONNECTION_FAILED, subject.id, quietly=True))
    [problem] = notices()
    assert problem.resolved_at is not None


def test_a_new_problem_ends_the_news_of_the_last_healing(notices, in_chain, subject):
    in_chain(lambda: raise_notice(CONNECTION_FAILED, subject, reason="x"))
    in_chain(lambda: resolve_notice(CONNECTION_FAILED, subject.id))
    in_chain(lambda: raise_notice(CONNECTION_FAILED, subject, reason="y"))
    resolved = {(row.kind, row.parameters["reason"]): row.resolved_at is not None for row in notices()}
    assert resolved == {
        ("connection_failed", "x"): True,
        ("connection_recovered", "x"): True,
        ("connection_failed", "y"): False,
    }


def test_news_of_another_day_begin_anew(world, notices, in_chain, superuser_sql):
    subject = Subject("user", world.pelmenya.chef.id, "Chef")
    in_chain(lambda: raise_notice(INVITATION_ACCEPTED, subject, role="chef"))
    superuser_sql("UPDATE getinn_ops.notice SET opened_at = opened_at - interval '25 hours'")
    in_chain(lambda: raise_notice(INVITATION_ACCEPTED, subject, role="chef"))
    old, new = notices()
    assert (old.repetitions, old.resolved_at is None) == (1, False)
    assert (new.repetitions, new.resolved_at) == (1, None)


def test_raising_and_resolving_cost_one_statement_each(world, notices, scoped, subject, statements):
    with scoped(world.pelmenya.account_id), statements() as counted:
        raise_notice(CONNECTION_FAILED, subject, reason="x")
        assert counted.total == 1
        resolve_notice(CONNECTION_FAILED, subject.id)
        assert counted.total == 2
        db.session.rollback()


def test_another_accounts_notice_is_neither_raised_again_nor_resolved(world, scoped, superuser_sql, subject):
    with scoped(world.vareniki.account_id):
        resolve_notice(CONNECTION_FAILED, subject.id)
        raise_notice(CONNECTION_FAILED, subject, reason="x")
        db.session.commit()
    [row] = superuser_sql("SELECT * FROM getinn_ops.notice WHERE id = %s", [world.pelmenya.notice_id])
    assert (row.repetitions, row.resolved_at) == (1, None)


def test_a_kind_that_the_bell_would_not_count_is_refused():
    with pytest.raises(ValueError, match=r"must be among NOTIFIED in portal/access/permissions\.py"):
        replace(CONNECTION_FAILED, permission=Permission.AUDIT_SEE)
