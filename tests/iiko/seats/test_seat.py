"""A seat from before its log-in until after its log-out, whatever happens in between."""

import logging

import psycopg
import pytest

from portal.db.base import db
from portal.db.secrets import Place, is_sealed
from portal.iiko.client.answers import IikoFailure, Outcome
from portal.iiko.client.requests import DEPARTMENTS, STORES, SUPPLIERS
from portal.iiko.seats import seat as seats
from portal.iiko.seats.log_ins import LogIns


def names(iiko):
    return [call.name for call in iiko.calls]


def ask(seat, request=DEPARTMENTS):
    with seat.read(request) as answer:
        return answer.file.read()


def failure_of(run):
    with pytest.raises(IikoFailure) as caught:
        run()
    return caught.value


def enter(desk, **options):
    with desk.seat(**options) as seat:
        return ask(seat)


def test_one_log_in_serves_all_questions_and_the_seat_comes_back(desk, iiko):
    with desk.seat() as seat:
        assert b"corporateItemDtoes" in ask(seat)
        ask(seat, STORES)
        assert (len(iiko.seats.held), seat.requests, seat.returned_at) == (1, 3, None)
    assert names(iiko) == ["auth", "departments", "stores", "logout"]
    assert (iiko.seats.held, iiko.leaks, iiko.overlaps) == ([], 0, 0)
    (row,) = desk.rows
    assert (row.outcome, row.run_id) == ("returned", desk.run_id)
    assert row.closed_at >= row.token_at >= row.opened_at
    assert seat.returned_at >= seat.opened_at


def test_the_log_in_is_noted_before_it_is_tried_and_its_token_sealed_before_its_first_use(desk, iiko, app):
    seen = {}
    iiko.on_call = lambda call: seen.setdefault(call.name, (desk.rows, call.token))
    with desk.seat() as seat:
        ask(seat)
    (before,), _ = seen["auth"]
    assert (before.token, before.closed_at) == (None, None)
    (stored,), token = seen["departments"]
    assert is_sealed(stored.token)
    assert token not in str(stored.token)
    opened = app.config["KEYRING"].open(stored.token, Place("iiko_session", "token", stored.id, stored.account_id))
    assert (opened["token"], opened["base_url"]) == (token, iiko.base_url)
    assert stored.token["hints"] == {}


@pytest.mark.parametrize("error", [LookupError, KeyboardInterrupt, SystemExit, IikoFailure(Outcome.CANCELLED)])
def test_the_seat_comes_back_however_its_work_ends(desk, iiko, error):
    def work():
        with desk.seat() as seat:
            ask(seat)
            raise error

    with pytest.raises((LookupError, KeyboardInterrupt, SystemExit, IikoFailure)):
        work()
    assert iiko.seats.held == []
    assert desk.open_rows == []


def test_a_token_that_cannot_be_noted_is_given_back_and_never_used(desk, iiko, monkeypatch):
    def fail(*args, **options):
        raise psycopg.OperationalError

    monkeypatch.setattr(LogIns, "keep_token", fail)
    with pytest.raises(psycopg.OperationalError):
        enter(desk)
    assert names(iiko) == ["auth", "logout"]
    assert iiko.seats.held == []


def test_a_refused_log_in_leaves_nothing_open_and_is_not_tried_again(desk, iiko):
    assert failure_of(lambda: enter(desk, password="wrong")).outcome is Outcome.REFUSED
    assert names(iiko) == ["auth"]
    assert [row.outcome for row in desk.rows] == ["refused"]
    assert desk.open_rows == []


def test_a_seat_that_is_taken_by_others_is_asked_for_once(desk, iiko):
    iiko.seats.taken_by_others = 1
    assert failure_of(lambda: enter(desk)).outcome is Outcome.NO_SEAT
    assert names(iiko) == ["auth"]
    assert desk.open_rows == []


def test_an_expired_log_in_is_followed_by_one_more_and_the_question_asked_again(desk, iiko):
    with desk.seat() as seat:
        ask(seat)
        iiko.pass_time(minutes=61)
        assert b"corporateItemDtoes" in ask(seat, STORES)
    assert names(iiko) == ["auth", "departments", "stores", "logout", "auth", "stores", "logout"]
    assert (iiko.seats.held, iiko.seats.most) == ([], 1)
    assert len(desk.rows) == 2
    assert desk.open_rows == []


def test_a_second_401_stops_it(desk, iiko):
    iiko.faults.plan("unauthorized", "departments", times=None)
    assert failure_of(lambda: enter(desk)).outcome is Outcome.EXPIRED
    assert names(iiko) == ["auth", "departments", "logout", "auth", "departments", "logout"]
    assert iiko.seats.held == []


def test_a_server_that_ends_each_log_in_hands_out_a_bounded_number_of_them(desk, iiko):
    iiko.faults.plan("unauthorized", "departments", times=None)
    with desk.seat() as seat:
        for _ in range(10):
            failure_of(lambda: ask(seat))
    assert names(iiko).count("auth") == 1 + seats.MAX_EXPIRED
    assert (iiko.seats.held, iiko.seats.most) == ([], 1)


def test_after_fifty_minutes_it_logs_out_and_in_between_two_questions(desk, iiko):
    with desk.seat() as seat:
        ask(seat)
        desk.now = seats.RENEWED_AFTER_SECONDS - 1
        ask(seat)
        desk.now += 1
        ask(seat)
        desk.now += seats.RENEWED_AFTER_SECONDS - 1
        ask(seat)
    renewed = ["auth", "departments", "departments", "logout", "auth", "departments", "departments", "logout"]
    assert names(iiko) == renewed
    assert iiko.seats.most == 1


def test_no_new_log_in_is_made_where_the_old_one_could_not_be_ended(desk, iiko):
    with desk.seat() as seat:
        iiko.faults.plan("server_error", "logout", times=None)
        desk.now = seats.RENEWED_AFTER_SECONDS
        assert failure_of(lambda: ask(seat)).outcome is Outcome.EXPIRED
        assert failure_of(lambda: ask(seat)).outcome is Outcome.EXPIRED
    assert names(iiko).count("auth") == 1
    (row,) = desk.open_rows
    assert (row.outcome, row.tries, seat.returned_at) == ("server_error", 1, None)


def test_without_the_lock_nothing_is_asked_but_the_log_out_and_what_came_of_it_is_noted(desk, iiko, superuser_sql):
    with desk.scope(), desk.lock() as lock, desk.seat(lock) as seat:
        ask(seat)
        superuser_sql("SELECT pg_terminate_backend(%s)", [lock.connection.info.backend_pid])
        assert failure_of(lambda: ask(seat, STORES)).outcome is Outcome.LOCK_LOST
    assert names(iiko) == ["auth", "departments", "logout"]
    assert iiko.seats.held == []
    assert desk.open_rows == []


def test_after_a_time_out_it_logs_out_and_leaves_the_server_alone_for_every_account(
    desk, other_desk, iiko, monkeypatch
):
    monkeypatch.setattr("portal.iiko.client.exchange.SILENCE_SECONDS", 0.1)
    iiko.faults.plan("hang", "suppliers")
    with desk.seat() as seat:
        assert failure_of(lambda: ask(seat, SUPPLIERS)).outcome is Outcome.TIMED_OUT
        assert failure_of(lambda: ask(seat)).outcome is Outcome.RESTING
    assert names(iiko) == ["auth", "suppliers", "logout"]
    (row,) = desk.rows
    assert 25 < (row.rests_until - row.closed_at).total_seconds() < 35
    resting = failure_of(lambda: enter(other_desk))
    assert (resting.outcome, "until" in resting.details) == (Outcome.RESTING, True)
    assert names(iiko)[-1] == "logout"
    desk.age(minutes=1)
    iiko.faults.clear()
    enter(other_desk)


def test_a_time_out_of_the_log_in_itself_lets_the_server_rest_too(desk, iiko, monkeypatch):
    monkeypatch.setattr("portal.iiko.client.exchange.SILENCE_SECONDS", 0.1)
    iiko.faults.plan("hang", "auth")
    assert failure_of(lambda: enter(desk)).outcome is Outcome.TIMED_OUT
    (row,) = desk.open_rows
    assert (row.token, row.outcome) == (None, "unknown")
    assert row.rests_until is not None
    assert failure_of(lambda: enter(desk)).outcome is Outcome.RESTING


@pytest.mark.parametrize("fault", ["server_error", "no_right", "restart", "page"])
def test_a_seat_whose_log_out_is_not_confirmed_stays_open_and_is_told(desk, iiko, fault, caplog):
    with caplog.at_level(logging.WARNING), desk.seat() as seat:
        token = iiko.seats.held[0]
        iiko.faults.plan(fault, "logout", times=None)
    (row,) = desk.open_rows
    assert (row.tries, is_sealed(row.token), seat.returned_at) == (1, True, None)
    assert "was not given back" in caplog.text
    assert token not in caplog.text


def test_the_next_run_gives_back_what_was_left_before_it_logs_in(desk, iiko):
    with desk.seat():
        iiko.faults.plan("server_error", "logout", times=None)
    iiko.faults.clear()
    assert len(iiko.seats.held) == 1
    enter(desk)
    assert (iiko.seats.held, iiko.seats.most, iiko.seats.refused) == ([], 1, 0)
    assert desk.open_rows == []


def test_a_lost_answer_to_a_log_in_is_noted_and_no_third_is_tried_within_the_hour(desk, iiko):
    iiko.seats.total = 5
    iiko.faults.plan("cut_accepted", "auth", times=None)
    for _ in range(2):
        assert failure_of(lambda: enter(desk)).outcome is Outcome.BROKE_OFF
    refused = failure_of(lambda: enter(desk))
    assert refused.outcome is Outcome.SEATS_UNKNOWN
    assert "until" in refused.details
    assert names(iiko) == ["auth", "auth"]
    assert [(row.token, row.outcome, row.tries) for row in desk.open_rows] == [(None, "unknown", 0)] * 2
    desk.age(minutes=61)
    iiko.faults.clear()
    enter(desk)
    assert desk.open_rows == []


def test_a_cookie_of_a_log_in_that_failed_is_kept_until_it_is_given_back(desk, iiko):
    iiko.faults.plan("page_for_token", "auth")
    iiko.faults.plan("server_error", "logout", times=2)
    assert failure_of(lambda: enter(desk)).outcome is Outcome.WRONG_ADDRESS
    (row,) = desk.open_rows
    assert is_sealed(row.token)
    enter(desk)
    assert (iiko.seats.held, desk.open_rows) == ([], [])


def test_what_another_chain_left_at_the_same_server_is_not_this_ones_to_touch(desk, other_desk, iiko):
    iiko.seats.total = 2
    with other_desk.seat():
        iiko.faults.plan("server_error", "logout", times=None)
    iiko.faults.clear()
    enter(desk)
    assert len(other_desk.open_rows) == 1
    assert {row.account_id for row in desk.rows} == {desk.chain.account_id}
    assert names(iiko).count("logout") == 3


def test_no_transaction_of_the_session_is_open_meanwhile(desk):
    with desk.seat() as seat:
        ask(seat)
        assert not db.session().in_transaction()


def test_a_log_out_that_cannot_be_noted_does_not_hide_what_the_work_came_to(desk, iiko, monkeypatch):
    def fail(*args):
        raise psycopg.OperationalError

    monkeypatch.setattr(LogIns, "close", fail)
    assert b"corporateItemDtoes" in enter(desk)
    assert iiko.seats.held == []
    assert len(desk.open_rows) == 1
