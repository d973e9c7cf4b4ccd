"""After a new SECRET_KEY what was signed under the former one still counts, as long as that is kept."""

import dataclasses
import re

import pytest

from portal import create_app
from portal.channels.credentials import webhook_secret
from portal.channels.open_channel import open_channel
from portal.channels.webhook_health.jobs import renew_webhook
from portal.db.base import db
from portal.media.outgoing import read_token, seal_token
from portal.messengers.registry import PLATFORMS
from portal.tenancy.scope import enter_account
from portal.users.models import User
from portal.users.sessions import PasswordReset
from tests.browsing import BASE_URL, Browser
from tests.conftest import SECRET_KEY

NEW_KEY = "a new secret key for tests, of more than 32 letters"


@pytest.fixture
def renewed(config, world):
    """``renewed(keeps)`` is the portal under a new key, which keeps the former one or has lost it."""
    opened = []

    def run(keeps):
        fallbacks = (SECRET_KEY,) if keeps else ()
        app = create_app(dataclasses.replace(config, secret_key=NEW_KEY, secret_key_fallbacks=fallbacks))
        opened.append(app)
        return app

    yield run
    for app in opened:
        with app.app_context():
            db.engine.dispose()


@pytest.mark.parametrize("keeps", [True, False])
def test_a_form_that_was_open_meanwhile_can_be_sent(app, renewed, world, database, keeps):
    before = Browser(app, database, world.pelmenya.owner)
    after = renewed(keeps)
    page = before.get("/profile")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    cookies = "; ".join(f"{each.key}={each.value}" for each in before.client._cookies.values())
    client = after.test_client(use_cookies=False)
    answer = client.post(
        "/logout", data={"csrf_token": token}, headers={"Cookie": cookies, "Referer": BASE_URL}, base_url=BASE_URL
    )
    assert (answer.status_code == 303) is keeps, answer.text


@pytest.mark.parametrize("keeps", [True, False])
def test_an_address_of_a_file_can_be_fetched(renewed, world, keeps):
    token = seal_token(SECRET_KEY, world.pelmenya.account_id, world.pelmenya.bot_id)
    keys = [NEW_KEY, SECRET_KEY] if keeps else [NEW_KEY]
    assert (read_token(keys, token) is not None) is keeps


@pytest.mark.parametrize("keeps", [True, False])
def test_a_link_that_is_shown_again_is_the_one_that_was_made(app, renewed, world, keeps):
    with app.test_request_context(base_url=BASE_URL):
        enter_account(world.pelmenya.account_id)
        reset = PasswordReset.offer(db.session.get_one(User, world.pelmenya.owner.id))
        link, reset_id = reset.link, reset.id
        db.session.commit()
    with renewed(keeps).test_request_context(base_url=BASE_URL):
        enter_account(world.pelmenya.account_id)
        assert (db.session.get_one(PasswordReset, reset_id).link == link) is keeps


@pytest.mark.parametrize("keeps", [True, False])
def test_a_platform_that_carries_the_former_secret_is_heard_and_told_the_new_one(
    app, renewed, world, database, superuser_sql, keeps
):
    after = renewed(keeps)
    path = f"/hooks/telegram/{world.pelmenya.telegram_id}"
    [row] = superuser_sql("SELECT count(*) AS n FROM getinn_ops.bot_inbound_update")
    answers = [deliver(after, path, secret_of(app, world), number) for number in (1, 2)]
    [now] = superuser_sql("SELECT count(*) AS n FROM getinn_ops.bot_inbound_update")
    asked = superuser_sql("SELECT args FROM getinn_ops_jobs.procrastinate_jobs WHERE task_name = 'renew_webhook'")
    assert (answers, now.n - row.n, len(asked)) == (([200, 200], 2, 1) if keeps else ([403, 403], 0, 0))


def secret_of(app, world):
    with app.app_context():
        opened = open_channel(world.pelmenya.telegram_id)
        return webhook_secret(SECRET_KEY, world.pelmenya.telegram_id, opened.external_id)


def deliver(app, path, secret, number):
    person = {"id": 5, "first_name": "Ann", "is_bot": False}
    message = {
        "message_id": number,
        "date": 1700000000,
        "text": "hi",
        "chat": {"id": 5, "type": "private"},
        "from": person,
    }
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
    return (
        app.test_client()
        .post(path, json={"update_id": number, "message": message}, headers=headers, base_url=BASE_URL)
        .status_code
    )


def test_the_renewal_sets_the_webhook_under_the_present_key(renewed, world, monkeypatch, superuser_sql):
    app = renewed(keeps=True)
    app.config["PUBLIC_URL"] = "https://portal.example"
    told = []
    hook = PLATFORMS["telegram"].webhook
    monkeypatch.setattr(hook, "set_webhook", lambda call, address, secret: told.append((address, secret)))
    superuser_sql("UPDATE getinn_ops.bot_connection SET state = 'live'")
    superuser_sql("UPDATE getinn_ops.bot_platform_credential SET is_active = true")
    with app.test_request_context(base_url=BASE_URL):
        renew_webhook.function(credential_id=str(world.pelmenya.telegram_id), account_id=str(world.pelmenya.account_id))
    external = told[0][1]
    assert told[0][0].endswith(str(world.pelmenya.telegram_id))
    assert external == webhook_secret(NEW_KEY, world.pelmenya.telegram_id, identity(app, world))


def identity(app, world):
    with app.app_context():
        return open_channel(world.pelmenya.telegram_id).external_id
