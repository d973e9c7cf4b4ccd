"""Rounds through the accounts."""

from uuid import UUID

from portal.jobs.rounds import in_turns
from portal.tenancy.scope import require_scope

A, B, C = (UUID(int=number) for number in (1, 2, 3))


def test_accounts_take_turns_and_what_goes_wrong_in_one_is_nobody_elses(app, caplog):
    left = {A: 3, B: 1, C: 2}

    def batch():
        account = require_scope().account_id
        left[account] -= 1
        if account == C:
            raise ZeroDivisionError("zqsecret")
        return left[account]

    with app.app_context():
        assert list(in_turns([A, C, B], batch, bool)) == [(A, 2), (B, 0), (A, 1), (A, 0)]
    assert f"{C}: " in caplog.text
    assert "ZeroDivisionError at tests/jobs/test_rounds.py" in caplog.text
    assert "zqsecret" not in caplog.text
