"""One bot of a messenger answers in one place, whoever else has its credentials."""

import threading

import pytest

from portal.channels.attachment import Claim, identity_digest
from portal.channels.webhook_health.jobs import check_webhook, renew_webhook
from portal.db.base import db
from portal.messaging.failures import Failure
from portal.messaging.receiving.polling import bots_to_poll
from portal.messengers.errors import Rejected, Unavailable
from portal.tenancy.scope import enter_account


class Twin:
    """A second bot of the chain, to be connected to what the first one has."""

    def __init__(self, office, sql):
        self.office, self.sql = office, sql
        answer = office.owner.post(office.owner.account("bots/new"), {"name": "Twin bot"})
        assert answer.status_code == 303, answer.text
        self.bot_id = sql("SELECT id FROM getinn_ops.bot_instance WHERE name = 'Twin bot'")[0].id

    def url(self, path=""):
        return self.office.owner.account(f"bots/{self.bot_id}/platforms/telegram{path}")

    def connect(self, token, **data):
        return self.office.owner.post(self.url("/credentials"), {"token": token, "switch_on": "y"} | data)

    def press(self, path, method="POST"):
        assert self.office.owner.post(self.url(path), {"_method": method}).status_code == 303

    @property
    def page(self):
        return self.office.owner.get(self.url()).text

    @property
    def row(self):
        rows = self.sql(
            "SELECT c.id, c.is_active, k.state, k.problem, k.detail, k.identity_digest"
            " FROM getinn_ops.bot_platform_credential c JOIN getinn_ops.bot_connection k ON k.credential_id = c.id"
            " WHERE c.bot_id = %s AND c.superseded_at IS NULL",
            [self.bot_id],
        )
        return rows[0] if rows else None


@pytest.fixture
def twin(office, superuser_sql):
    return Twin(office, superuser_sql)


@pytest.fixture
def live(office, bot):
    office.switch_off_and_on()
    return office


def test_credentials_that_another_bot_of_the_chain_has_are_asked_about_by_its_name(live, twin, bot):
    answer = twin.connect(live.chain.secrets[0])
    assert answer.status_code == 422
    assert f"already has these credentials: {live.chain.marker} bot 1" in answer.text
    assert 'name="take_over"' in answer.text
    assert live.chain.secrets[0] not in answer.text
    assert twin.row is None
    live.work()
    assert bot.webhook.url == live.address


def test_taken_over_the_other_bot_is_switched_off_and_says_why(live, twin, bot, fake):
    before = len(fake.calls_of("deleteWebhook"))
    assert twin.connect(live.chain.secrets[0], take_over="y").status_code == 303
    live.work()
    assert bot.webhook.url.endswith(f"/hooks/telegram/{twin.row.id}")
    assert len(fake.calls_of("deleteWebhook")) == before
    assert (twin.row.state, twin.row.problem) == ("live", None)
    assert not live.credential.is_active
    assert (live.connection.state, live.connection.problem) == ("off", "moved_to_another_bot")
    assert live.connection.identity_digest is None
    assert live.timeline[-1] == ("moved", "moved_to_another_bot", None, "off")
    page = live.page()
    assert "has taken over its credentials" in page
    assert "It is called “Twin bot”." in page
    # The rounds leave it so.
    live.visit()
    assert bot.webhook.url.endswith(f"/hooks/telegram/{twin.row.id}")


def test_another_token_of_the_same_bot_is_the_same_bot(live, twin, bot):
    token = f"{live.chain.secrets[0].partition(':')[0]}:anotherTokenOfTheVeryBot_0123456789abcdef"
    assert twin.connect(token).status_code == 422
    assert twin.row is None


def test_what_is_taken_over_and_left_off_has_its_webhook_removed(live, twin, bot):
    twin.connect(live.chain.secrets[0], take_over="y", switch_on="")
    live.work()
    assert bot.webhook.url == ""
    assert (live.connection.state, live.connection.identity_digest) == ("off", None)
    assert ("moved", "moved_to_another_bot", None, "off") in live.timeline


def test_an_archived_bot_that_comes_back_takes_nothing_from_the_one_that_answers(live, twin, bot):
    ids = {"ids": str(live.chain.bot_id)}
    live.owner.post(live.owner.account("bots/archival"), {**ids, "sure": "1"})
    live.work()
    answer = twin.connect(live.chain.secrets[0])
    assert f"{live.chain.marker} bot 1 (archived)" in answer.text
    twin.connect(live.chain.secrets[0], take_over="y")
    live.work()
    live.owner.delete(live.owner.account("bots/archival"), ids)
    live.work()
    assert bot.webhook.url.endswith(f"/hooks/telegram/{twin.row.id}")
    assert (live.credential.is_active, live.connection.state) == (False, "off")


def test_who_is_switched_on_beside_the_one_that_answers_is_refused_by_its_name(live, twin, bot):
    twin.connect(live.chain.secrets[0], take_over="y")
    live.work()
    live.press("/activation")
    live.work()
    assert bot.webhook.url.endswith(f"/hooks/telegram/{twin.row.id}")
    assert (live.connection.state, live.connection.problem) == ("failing", "in_use_by_another_bot")
    page = live.page()
    assert "Another bot of the chain answers with the same credentials" in page
    assert "It is called “Twin bot”." in page
    # Once the other one is off it comes up by itself.
    twin.press("/activation", "DELETE")
    live.work()
    live.visit()
    assert (live.connection.state, bot.webhook.url) == ("live", live.address)


@pytest.fixture
def neighbour(world, superuser_sql, app):
    """A bot of another chain whose platform is switched on with the first chain's token."""
    chain = world.vareniki
    keyring = app.config["KEYRING"]
    from psycopg.types.json import Jsonb

    from portal.db.secrets import Place

    place = Place("bot_platform_credential", "credentials", chain.telegram_id, chain.account_id)
    envelope = keyring.seal({"token": world.pelmenya.secrets[0]}, place)
    superuser_sql(
        "UPDATE getinn_ops.bot_platform_credential SET credentials = %s, is_active = true WHERE id = %s",
        [Jsonb(envelope), chain.telegram_id],
    )
    superuser_sql(
        "UPDATE getinn_ops.bot_connection SET state = 'connecting', generation = 5 WHERE credential_id = %s",
        [chain.telegram_id],
    )
    return chain


def connection_of(sql, chain):
    return sql("SELECT * FROM getinn_ops.bot_connection WHERE credential_id = %s", [chain.telegram_id])[0]


def test_of_another_chains_bot_nothing_is_told_but_that_it_is_in_use(live, bot, neighbour, app, superuser_sql):
    with app.app_context():
        enter_account(neighbour.account_id)
        check_webhook(neighbour.telegram_id)
        db.session.commit()
    row = connection_of(superuser_sql, neighbour)
    assert (row.state, row.problem, row.detail, row.identity_digest) == ("failing", "in_use_elsewhere", None, None)
    assert bot.webhook.url == live.address
    told = superuser_sql(
        "SELECT row_to_json(e)::text AS line FROM getinn_ops.bot_platform_event e WHERE e.account_id = %s",
        [neighbour.account_id],
    )
    assert not any(live.chain.marker in each.line for each in told)


def test_a_bot_is_held_only_by_who_proved_its_credentials(live, bot, neighbour, app, superuser_sql):
    bot.revoke()
    live.visit()
    assert live.connection.problem == "token_revoked"
    assert live.connection.identity_digest is None
    with app.app_context():
        enter_account(neighbour.account_id)
        check_webhook(neighbour.telegram_id)
        db.session.commit()
    row = connection_of(superuser_sql, neighbour)
    assert (row.problem, row.identity_digest) == ("token_revoked", None)


def test_two_that_ask_at_once_are_told_apart_by_the_database(live, twin, neighbour, app, superuser_sql):
    superuser_sql("UPDATE getinn_ops.bot_connection SET identity_digest = NULL")
    told, ready = [], threading.Barrier(2)

    def ask(chain):
        with app.app_context():
            enter_account(chain.account_id)
            generation = (
                db.session.connection()
                .exec_driver_sql(
                    "SELECT generation FROM getinn_ops.bot_connection WHERE credential_id = %s", (chain.telegram_id,)
                )
                .scalar()
            )
            db.session.rollback()
            ready.wait()
            try:
                Claim(chain.telegram_id, generation, "telegram").take("4711")
                told.append(None)
            except Rejected as refusal:
                told.append((refusal.code, refusal.detail))

    threads = [threading.Thread(target=ask, args=[chain]) for chain in (live.chain, neighbour)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told, key=str) == [(Failure.IN_USE_ELSEWHERE, ""), None]
    with app.app_context():
        wanted = identity_digest("telegram", "4711")
    held = superuser_sql("SELECT identity_digest FROM getinn_ops.bot_connection WHERE identity_digest IS NOT NULL")
    assert [bytes(row.identity_digest) for row in held] == [wanted]


def test_a_wish_that_is_out_of_date_holds_nothing(live, app, superuser_sql):
    superuser_sql("UPDATE getinn_ops.bot_connection SET identity_digest = NULL")
    with app.app_context():
        enter_account(live.chain.account_id)
        with pytest.raises(Unavailable):
            Claim(live.chain.telegram_id, live.connection.generation - 1, "telegram").take("4711")
    assert live.connection.identity_digest is None


def test_a_wish_that_is_out_of_date_takes_nothing_from_who_is_off(live, twin, app, superuser_sql):
    twin.connect(live.chain.secrets[0], take_over="y")
    with app.app_context():
        held = identity_digest("telegram", "4711")
    superuser_sql("UPDATE getinn_ops.bot_connection SET identity_digest = NULL")
    off = "UPDATE getinn_ops.bot_connection SET state = 'off', identity_digest = %s WHERE credential_id = %s"
    superuser_sql(off, [held, twin.row.id])
    with app.app_context():
        enter_account(live.chain.account_id)
        with pytest.raises(Unavailable):
            Claim(live.chain.telegram_id, live.connection.generation - 1, "telegram").take("4711")
        db.session.commit()
    assert bytes(twin.row.identity_digest) == held


WHATSAPP = {
    "phone_number_id": "106540352242922",
    "access_token": "EAAGplantedAccessTokenThatNobodyMaySee",
    "app_secret": "0123456789abcdef0123456789abcdef",
    "verify_token": "planted-verify-token",
}
VIBER = {"auth_token": "4453b6ac12345678-4a1b2c3d4e5f6071-89abcdef01234567", "sender_name": "Twin"}


@pytest.mark.parametrize(
    ("key", "first", "second"),
    [
        ("whatsapp", WHATSAPP, WHATSAPP | {"access_token": "EAAGanotherTokenForTheSameNumber"}),
        ("viber", VIBER, VIBER | {"sender_name": "Another name"}),
    ],
)
def test_the_same_account_is_known_on_every_messenger(office, twin, key, first, second):
    def send(bot_id, values):
        return office.owner.post(office.owner.account(f"bots/{bot_id}/platforms/{key}/credentials"), values)

    assert send(twin.bot_id, first).status_code == 303
    answer = send(office.chain.bot_id, second)
    assert answer.status_code == 422
    assert "already has these credentials: Twin bot" in answer.text
    # Replacing what is connected already asks as well.
    assert send(office.chain.bot_id, second | {"take_over": "y"}).status_code == 303
    assert send(twin.bot_id, first).status_code == 422


def test_another_number_of_the_same_business_is_another_bot(office, twin):
    def send(bot_id, values):
        return office.owner.post(office.owner.account(f"bots/{bot_id}/platforms/whatsapp/credentials"), values)

    both = WHATSAPP | {"business_account_id": "102290129340398"}
    assert send(twin.bot_id, both).status_code == 303
    assert send(office.chain.bot_id, both | {"phone_number_id": "106540352242923"}).status_code == 303


def test_only_the_bot_that_answers_is_polled(live, twin, app, monkeypatch):
    monkeypatch.setitem(app.config, "PUBLIC_URL", "")
    twin.connect(live.chain.secrets[0], take_over="y")
    with app.app_context():
        assert twin.row.id not in bots_to_poll()
        live.work()
        assert bots_to_poll() & {twin.row.id, live.chain.telegram_id} == {twin.row.id}
        live.press("/activation")
        live.work()
        assert bots_to_poll() & {twin.row.id, live.chain.telegram_id} == {twin.row.id}


def test_what_another_chain_holds_is_neither_removed_nor_renewed(live, bot, neighbour, app, superuser_sql, run_job):
    """The neighbour's token was good once: its bot is known by its id, and held by the other chain by now."""
    superuser_sql(
        "UPDATE getinn_ops.bot_connection SET state = 'removing', external_id = %s WHERE credential_id = %s",
        [bot.public_id, neighbour.telegram_id],
    )
    superuser_sql(
        "UPDATE getinn_ops.bot_platform_credential SET is_active = false WHERE id = %s", [neighbour.telegram_id]
    )
    with app.app_context():
        enter_account(neighbour.account_id)
        check_webhook(neighbour.telegram_id)
        db.session.commit()
    assert connection_of(superuser_sql, neighbour).state == "off"
    assert bot.webhook.url == live.address
    superuser_sql(
        "UPDATE getinn_ops.bot_platform_credential SET is_active = true WHERE id = %s", [neighbour.telegram_id]
    )
    superuser_sql(
        "UPDATE getinn_ops.bot_connection SET state = 'live' WHERE credential_id = %s", [neighbour.telegram_id]
    )
    run_job(renew_webhook, credential_id=str(neighbour.telegram_id), account_id=str(neighbour.account_id))
    assert bot.webhook.url == live.address
    assert live.connection.identity_digest is not None
