"""Setting, changing and forgetting the credentials of a bot's platforms."""

import logging

import pytest
from sqlalchemy.exc import IntegrityError

from portal.bots.models import BotInstance
from portal.channels.models import BotPlatformCredential
from portal.db.base import db
from portal.db.secrets import is_sealed
from portal.messengers.registry import platform

TOKEN = "987654321:plantedTokenThatNobodyMaySee_0123456789"
WHATSAPP = {
    "phone_number_id": "106540352242922",
    "business_account_id": "",
    "access_token": "EAAGplantedAccessTokenThatNobodyMaySee",
    "app_secret": "0123456789abcdef0123456789abcdef",
    "verify_token": "planted-verify-token",
}
SECRETS = [TOKEN, *(WHATSAPP[name] for name in ("access_token", "app_secret", "verify_token"))]


def home_url(browser, chain, key, bot_id=None):
    return browser.account(f"bots/{bot_id or chain.bot_id}/platforms/{key}")


def platform_url(browser, chain, key, bot_id=None):
    return home_url(browser, chain, key, bot_id) + "/credentials"


def rows_of(superuser_sql, chain, key):
    return superuser_sql(
        "SELECT * FROM getinn_ops.bot_platform_credential WHERE bot_id = %s AND platform = %s"
        " ORDER BY superseded_at NULLS LAST",
        [chain.bot_id, key],
    )


def opened(app, chain, row_id):
    from portal.tenancy.scope import enter_account

    with app.app_context():
        enter_account(chain.account_id)
        return dict(db.session.get(BotPlatformCredential, row_id).stored.open())


@pytest.mark.parametrize("switch_on", [True, False])
def test_an_owner_connects_a_platform(app, browse, world, superuser_sql, switch_on):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    form = owner.get(platform_url(owner, chain, "whatsapp"))
    assert "Phone number ID" in form.text
    assert "checked" in form.text
    sent = WHATSAPP | ({"switch_on": "y"} if switch_on else {})
    answer = owner.post(platform_url(owner, chain, "whatsapp"), sent)
    assert answer.status_code == 303
    (row,) = rows_of(superuser_sql, chain, "whatsapp")
    assert row.is_active is switch_on
    assert is_sealed(row.credentials)
    assert opened(app, chain, row.id) == WHATSAPP
    page = owner.get(answer.location).text
    assert "106540352242922" in page
    assert "…cdef" in page


def test_a_pasted_message_is_freed_of_what_is_not_the_token(app, browse, world):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    pasted = f" Use this token to access the HTTP API: {TOKEN} Keep your token secure"
    assert owner.post(platform_url(owner, chain, "telegram"), {"token": pasted}).status_code == 303
    assert opened(app, chain, chain.telegram_id) == {"token": TOKEN}


def test_secrets_come_back_nowhere(browse, world, superuser_sql, caplog):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    with caplog.at_level(logging.DEBUG):
        answers = [
            owner.post(platform_url(owner, chain, "whatsapp"), WHATSAPP | {"phone_number_id": "wrong"}),
            owner.post(platform_url(owner, chain, "whatsapp"), WHATSAPP | {"_validate": "phone_number_id"}),
            owner.post(platform_url(owner, chain, "whatsapp"), WHATSAPP | {"switch_on": "y"}),
            owner.post(platform_url(owner, chain, "telegram"), {"token": TOKEN}),
        ]
        pages = [f"bots/{chain.bot_id}", "bots", "bots/export"]
        platforms = [f"bots/{chain.bot_id}/platforms/{key}" for key in ("telegram", "whatsapp", "viber")]
        pages += [*platforms, *(f"{path}/credentials" for path in platforms)]
        answers += [owner.get(owner.account(path)) for path in pages]
    log = superuser_sql("SELECT string_agg(to_jsonb(e)::text, ' ') AS told FROM getinn_ops.audit_event e")[0].told
    rows = superuser_sql("SELECT string_agg(to_jsonb(c)::text, ' ') AS told FROM getinn_ops.bot_platform_credential c")
    places = [*(answer.text for answer in answers), log, rows[0].told, caplog.text]
    for secret in [*SECRETS, *chain.secrets]:
        assert not any(secret in place for place in places)
    assert log.count("credentials_set") == 2


def test_a_wrong_value_is_named_and_the_public_ones_stay(browse, world, superuser_sql):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    answer = owner.post(platform_url(owner, chain, "whatsapp"), WHATSAPP | {"app_secret": "short"})
    assert answer.status_code == 422
    assert "106540352242922" in answer.text
    assert "An app secret has 32 characters" in answer.text
    assert "paste it once more" in answer.text
    assert rows_of(superuser_sql, chain, "whatsapp") == []


def test_an_empty_secret_keeps_the_stored_one(app, browse, world, superuser_sql):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    form = owner.get(platform_url(owner, chain, "viber"))
    assert "Leave it empty to keep the stored one" in form.text
    before = opened(app, chain, chain.viber_id)
    answer = owner.post(platform_url(owner, chain, "viber"), {"auth_token": "", "sender_name": "Kitchen"})
    assert answer.status_code == 303
    assert opened(app, chain, chain.viber_id) == before | {"sender_name": "Kitchen"}
    event = superuser_sql("SELECT before, after FROM getinn_ops.audit_event WHERE entity_id = %s", [chain.viber_id])[0]
    assert (event.before, event.after) == ({"identity": "zqpelmenya bot"}, {"identity": "Kitchen"})


def test_another_phone_number_demands_its_own_secrets(app, browse, world, superuser_sql):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    owner.post(platform_url(owner, chain, "whatsapp"), WHATSAPP)
    (row,) = rows_of(superuser_sql, chain, "whatsapp")
    other = {"phone_number_id": "5550001112223", "business_account_id": "102030405"}
    refused = owner.post(platform_url(owner, chain, "whatsapp"), other)
    assert refused.status_code == 422
    assert "belongs to the former values" in refused.text
    assert opened(app, chain, row.id) == WHATSAPP
    same = owner.post(platform_url(owner, chain, "whatsapp"), other | {"phone_number_id": WHATSAPP["phone_number_id"]})
    assert same.status_code == 303
    assert opened(app, chain, row.id) == WHATSAPP | {"business_account_id": "102030405"}


def test_clear_credentials_of_an_older_program_are_sealed_when_saved(app, browse, world, superuser_sql):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    superuser_sql(
        "UPDATE getinn_ops.bot_platform_credential SET credentials = jsonb_build_object('token', %s::text)"
        " WHERE id = %s",
        [TOKEN, chain.telegram_id],
    )
    page = owner.get(home_url(owner, chain, "telegram")).text
    assert "set by another program" in page
    assert TOKEN not in page
    assert owner.post(platform_url(owner, chain, "telegram"), {"token": ""}).status_code == 303
    assert is_sealed(rows_of(superuser_sql, chain, "telegram")[0].credentials)
    assert opened(app, chain, chain.telegram_id) == {"token": TOKEN}


def test_unreadable_credentials_can_be_replaced(app, browse, world, superuser_sql):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    superuser_sql(
        "UPDATE getinn_ops.bot_platform_credential SET credentials = jsonb_set(credentials, '{kid}', '\"lost\"')"
        " WHERE id = %s",
        [chain.telegram_id],
    )
    assert "cannot be read any more" in owner.get(platform_url(owner, chain, "telegram")).text
    assert owner.post(platform_url(owner, chain, "telegram"), {"token": ""}).status_code == 422
    assert owner.post(platform_url(owner, chain, "telegram"), {"token": TOKEN}).status_code == 303
    assert opened(app, chain, chain.telegram_id) == {"token": TOKEN}


def test_disconnecting_a_platform_that_never_could_work_forgets_the_secret_at_once(app, browse, world, superuser_sql):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    superuser_sql(
        'UPDATE getinn_ops.bot_platform_credential SET credentials = \'{"auth_token": "planted"}\' WHERE id = %s',
        [chain.telegram_id],
    )
    answer = owner.post(home_url(owner, chain, "telegram"), {"_method": "DELETE"})
    assert answer.status_code == 303
    (row,) = rows_of(superuser_sql, chain, "telegram")
    assert (row.is_active, bool(row.superseded_at)) == (False, True)
    assert opened(app, chain, row.id) == {}
    assert "Not connected" in owner.get(answer.location).text
    assert "Disconnected" in owner.get(answer.location).text
    owner.post(platform_url(owner, chain, "telegram"), {"token": TOKEN, "switch_on": "y"})
    former, current = rows_of(superuser_sql, chain, "telegram")
    assert (former.superseded_at is None, current.superseded_at, current.is_active) == (False, None, True)
    assert "1, no longer used" in owner.get(answer.location).text


def test_a_visiting_superuser_neither_sees_nor_sets_credentials(browse, world, superuser_sql):
    guest, chain = browse(world.superuser, visiting=world.pelmenya), world.pelmenya
    page = guest.get(home_url(guest, chain, "telegram")).text
    assert "a support visit cannot see or change them" in page
    assert "Change the credentials" not in page
    assert "…" + chain.secrets[0][-4:] not in page
    assert guest.get(platform_url(guest, chain, "telegram")).status_code == 403
    assert guest.post(platform_url(guest, chain, "telegram"), {"token": TOKEN}).status_code == 403
    assert guest.delete(home_url(guest, chain, "telegram")).status_code == 403
    assert not rows_of(superuser_sql, chain, "telegram")[0].superseded_at


def test_a_bot_of_another_chain_gets_no_credentials(browse, world, superuser_sql):
    owner = browse(world.pelmenya.owner)
    for key in ("telegram", "whatsapp"):
        url = platform_url(owner, world.pelmenya, key, world.vareniki.bot_id)
        assert owner.get(url).status_code == 404
        assert owner.post(url, WHATSAPP | {"token": TOKEN}).status_code == 404
    assert len(superuser_sql("SELECT 1 FROM getinn_ops.bot_platform_credential")) == 4


def test_who_comes_second_in_connecting_a_platform_is_told_so(browse, world, monkeypatch):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    owner.post(platform_url(owner, chain, "whatsapp"), WHATSAPP)
    monkeypatch.setattr("portal.channels.credential_routes.connected_platform", lambda *_, **__: None)
    answer = owner.post(platform_url(owner, chain, "whatsapp"), WHATSAPP)
    assert answer.status_code == 409


def test_two_rows_for_one_platform_are_refused_by_the_database(scoped, world):
    with scoped(world.pelmenya.account_id):
        bot = db.session.get(BotInstance, world.pelmenya.bot_id)
        second = BotPlatformCredential.connect(bot, platform("telegram"))
        with pytest.raises(IntegrityError):
            second.set_credentials({"token": TOKEN})
        db.session.rollback()


@pytest.mark.parametrize("poison", ["\0", "\ud800", "x" * 100_000, "٣" * 40, "' OR 1=1 --"])
def test_malformed_values_are_refused_in_words(browse, world, poison):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    for key, fields in (
        ("telegram", ["token"]),
        ("whatsapp", list(WHATSAPP)),
        ("viber", ["auth_token", "sender_name"]),
    ):
        data = {name: poison.encode("utf-8", "surrogatepass") for name in fields}
        assert owner.post(platform_url(owner, chain, key), data).status_code in (413, 422)
