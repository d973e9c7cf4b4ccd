"""Nothing forged is accepted, and whether an address exists cannot be told; nothing malformed is a fault of ours.

A sample: ``python -m bench.attacks`` makes thousands over a real server.
"""

import uuid
from collections import Counter

import pytest

from bench.forgeries import JSON, forgeries
from bench.malformed import malformed
from tests.browsing import BASE_URL

PLATFORMS = ("telegram", "whatsapp", "viber")


@pytest.fixture
def receivers(hook_of, world):
    return [hook_of(chain, platform) for chain in world.chains for platform in PLATFORMS]


@pytest.fixture
def send(app):
    client = app.test_client()

    def post(attack):
        return client.post(attack.path, data=attack.body, headers=dict(attack.headers), base_url=BASE_URL)

    return post


def test_nothing_forged_is_accepted_and_no_row_is_written(receivers, send, inbox, database):
    before = database.sql("SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS at")
    kinds = Counter()
    for attack in forgeries(receivers, 400):
        answer = send(attack)
        assert answer.status_code in attack.answers, attack
        assert answer.status_code == 405 or answer.data == f"{answer.status_code}\n".encode(), attack
        kinds[attack.kind] += 1
    assert len(kinds) == 7
    assert inbox() == []
    # Not even a transaction that could write was begun.
    assert database.sql("SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS at") == before


def test_every_refusal_is_the_same_answer_to_the_byte(receivers, app, world, superuser_sql, hook_of):
    hook = receivers[0]
    client = app.test_client()
    body = hook.message(1)
    disconnected, unreadable, unfinished, clear = (
        hook_of(world.vareniki, "viber"),
        hook_of(world.vareniki, "whatsapp"),
        hook_of(world.vareniki, "telegram"),
        hook_of(world.pelmenya, "viber"),
    )
    write = "UPDATE getinn_ops.bot_platform_credential SET"
    superuser_sql(f"{write} superseded_at = now() WHERE id = %s", [disconnected.credential_id])
    superuser_sql(
        f"{write} credentials = jsonb_set(credentials, '{{kid}}', '\"lost\"') WHERE id = %s", [unreadable.credential_id]
    )
    superuser_sql(f"{write} credentials = '{{}}' WHERE id = %s", [unfinished.credential_id])
    superuser_sql(f"{write} credentials = '[1]' WHERE id = %s", [clear.credential_id])
    asked = {
        "a wrong secret": (hook.path, body, {**JSON, "X-Telegram-Bot-Api-Secret-Token": "x" * 43}),
        "no secret": (hook.path, body, JSON),
        "an unknown id": (f"/hooks/telegram/{uuid.uuid4()}", body, hook.headers(body)),
        "an unknown platform": (f"/hooks/nowhere/{hook.credential_id}", body, hook.headers(body)),
        "another platform's id": (f"/hooks/viber/{hook.credential_id}", body, hook.headers(body)),
        "a disconnected platform": (disconnected.path, body, disconnected.headers(body)),
        "credentials that no key opens": (unreadable.path, body, unreadable.headers(body)),
        "credentials that were never set": (unfinished.path, body, unfinished.headers(body)),
        "credentials that make no sense": (clear.path, body, clear.headers(body)),
        "an id in capitals of nobody": (f"/hooks/telegram/{str(uuid.uuid4()).upper()}", body, hook.headers(body)),
    }
    answers = {}
    for told, (path, sent, headers) in asked.items():
        # Every answer bears the number of its request, which a proxy gives.
        answer = client.post(path, data=sent, headers={**headers, "X-Request-ID": "of-a-proxy"}, base_url=BASE_URL)
        answers[told] = (answer.status_code, answer.data, sorted(answer.headers.items()))
    assert len({str(answer) for answer in answers.values()}) == 1, answers
    assert answers["no secret"][:2] == (403, b"403\n")


def test_an_address_that_leads_nowhere_costs_the_database_what_a_real_one_costs(receivers, app, statements):
    hook, client = receivers[0], app.test_client()
    asked = []
    for path in (hook.path, f"/hooks/telegram/{uuid.uuid4()}", f"/hooks/nowhere/{uuid.uuid4()}"):
        with statements() as counted:
            client.post(path, data=b"{}", headers=JSON, base_url=BASE_URL)
        asked.append(counted.statements)
    assert asked[0] == asked[1] == asked[2]
    assert len(asked[0]) == 1


def test_an_address_that_leads_nowhere_is_verified_all_the_same(receivers, app, monkeypatch):
    hook, client = receivers[0], app.test_client()
    verified = []
    from portal.messengers.registry import PLATFORMS as ADAPTERS

    webhook = ADAPTERS["telegram"].webhook
    genuine = webhook.verify

    def verify(values, secret, headers, body):
        verified.append(len(secret))
        return genuine(values, secret, headers, body)

    monkeypatch.setattr(webhook, "verify", verify)
    for path in (hook.path, f"/hooks/telegram/{uuid.uuid4()}", f"/hooks/nowhere/{uuid.uuid4()}"):
        client.post(path, data=b"{}", headers=JSON, base_url=BASE_URL)
    assert verified == [43, 43, 43]


def test_what_would_prove_the_decoy_opens_nothing(app, inbox, monkeypatch, receivers):
    from portal.messengers.registry import PLATFORMS as ADAPTERS

    monkeypatch.setattr(ADAPTERS["viber"].webhook, "verify", lambda *told: True)
    client = app.test_client()
    answer = client.post(f"/hooks/viber/{uuid.uuid4()}", data=b"{}", headers=JSON, base_url=BASE_URL)
    assert answer.status_code == 403
    assert inbox() == []


def test_nothing_malformed_is_a_fault(receivers, send):
    statuses = Counter()
    for attack in malformed(receivers, 500):
        answer = send(attack)
        assert answer.status_code in attack.answers, (answer.status_code, attack)
        statuses[answer.status_code] += 1
    assert statuses[200] > 100
    assert statuses[400] > 50
