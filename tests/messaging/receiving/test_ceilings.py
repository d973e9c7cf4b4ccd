"""Of one bot so much is taken in; beyond it the messenger comes again, and nobody else notices."""

import pytest

from portal.messaging.receiving import ceilings
from portal.messaging.receiving.ceilings import MAX_PENDING, REFUSED_SECONDS

WAITING = (
    "INSERT INTO getinn_ops.bot_inbound_update (account_id, bot_id, credential_id, dedupe_key, kind, chat_id, payload)"
    " SELECT %s, %s, %s, 'waiting ' || n, 'message', n::text, '{}' FROM generate_series(1, %s) n"
)
LAST_DONE = "UPDATE getinn_ops.bot_inbound_update SET state = 'done' WHERE dedupe_key = 'waiting 1'"


@pytest.fixture
def crowded(hook_of, world, superuser_sql, monkeypatch):
    """The hook of a bot of which one update less than allowed waits; it is counted with every delivery."""
    monkeypatch.setattr(ceilings, "_taken", {})
    monkeypatch.setattr(ceilings, "COUNTED_EVERY", 1)
    chain, hook = world.pelmenya, hook_of(world.pelmenya)
    superuser_sql(WAITING, [chain.account_id, chain.bot_id, hook.credential_id, MAX_PENDING - 1])
    return hook


def told(superuser_sql):
    return superuser_sql("SELECT account_id, repetitions FROM getinn_ops.notice WHERE kind = 'bot_crowded'")


def test_a_bot_that_is_full_puts_its_messenger_off_and_no_other_one(
    crowded, hook_of, world, deliver, superuser_sql, monkeypatch
):
    assert deliver(crowded, crowded.message(1)).status_code == 200
    for number in (2, 3):
        answer = deliver(crowded, crowded.message(number))
        assert (answer.status_code, answer.data) == (503, b"503\n")
        assert int(answer.headers["Retry-After"]) >= REFUSED_SECONDS
    stored = "SELECT count(*) AS n FROM getinn_ops.bot_inbound_update WHERE state = 'pending' AND credential_id = %s"
    assert superuser_sql(stored, [crowded.credential_id])[0].n == MAX_PENDING
    # The chain's bot on other messengers, and the bot of another chain.
    neighbours = [hook_of(world.pelmenya, "whatsapp"), hook_of(world.pelmenya, "viber"), hook_of(world.vareniki)]
    assert [deliver(hook, hook.message(1)).status_code for hook in neighbours] == [200, 200, 200]
    assert [superuser_sql(stored, [hook.credential_id])[0].n for hook in neighbours] == [1, 1, 1]
    assert [(row.account_id, row.repetitions) for row in told(superuser_sql)] == [(world.pelmenya.account_id, 1)]
    # Once something was worked off, and the messenger has come again.
    superuser_sql(LAST_DONE)
    ceilings._taken[crowded.credential_id].refused_until = 0.0
    assert deliver(crowded, crowded.message(2)).status_code == 200


def test_while_a_bot_is_full_nobody_counts(crowded, deliver, statements):
    deliver(crowded, crowded.message(1))
    assert deliver(crowded, crowded.message(2)).status_code == 503
    with statements() as counted:
        assert deliver(crowded, crowded.message(3)).status_code == 503
    # Who it is for is looked up, and that is all.
    assert counted.total == 1


def test_what_is_forged_is_refused_as_ever(crowded, deliver):
    deliver(crowded, crowded.message(1))
    assert deliver(crowded, crowded.message(2)).status_code == 503
    assert deliver(crowded, crowded.message(3), headers={}).status_code == 403
