from uuid import UUID

import pytest
from flask_babel.speaklater import LazyString
from hypothesis import given
from hypothesis import strategies as st

from portal.messengers.registry import PLATFORM_KEYS, PLATFORMS, UnknownPlatform, platform

TOKEN = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"
VIBER_TOKEN = "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9"
GOOD = {
    "telegram": {"token": TOKEN},
    "whatsapp": {
        "phone_number_id": "106540352242922",
        "business_account_id": "",
        "access_token": "EAAG" + "x1" * 60,
        "app_secret": "0123456789abcdef0123456789abcdef",
        "verify_token": "our-own-word",
    },
    "viber": {"auth_token": VIBER_TOKEN, "sender_name": "Пельменья на Невском"},
}
BOTFATHER = f"""Done! Congratulations on your new bot. You will find it at t.me/pelmenya_staff_bot.

Use this token to access the HTTP API:
{TOKEN}
Keep your token secure and store it safely, it can be used by anyone to control your bot."""

every_platform = pytest.mark.parametrize("adapter", PLATFORMS.values(), ids=PLATFORM_KEYS)


def test_the_platforms_come_in_their_order():
    assert PLATFORM_KEYS == ("telegram", "whatsapp", "viber")
    assert [platform(key).key for key in PLATFORM_KEYS] == list(PLATFORM_KEYS)


@pytest.mark.parametrize("key", ["icq", "", "Telegram", "telegram ", None, [], {}, 5, "\ud800"])
def test_an_unknown_platform_is_refused(key):
    with pytest.raises(UnknownPlatform):
        platform(key)


@every_platform
def test_good_credentials_pass_and_are_told_apart_by_a_public_part(adapter):
    assert adapter.check(GOOD[adapter.key]) == {}
    handle = adapter.setup.identify(GOOD[adapter.key])
    assert (
        handle == {"telegram": "123456789", "whatsapp": "106540352242922", "viber": "Пельменья на Невском"}[adapter.key]
    )


@every_platform
def test_the_public_part_holds_no_secret(adapter):
    public = adapter.setup.identify(GOOD[adapter.key])
    secrets = [GOOD[adapter.key][name] for name in adapter.secret_fields]
    assert secrets
    assert not any(secret in public for secret in secrets)


@every_platform
def test_every_required_field_is_asked_for(adapter):
    required = {field.name for field in adapter.fields if field.required}
    assert set(adapter.check({})) == required
    assert all("Fill in" in str(message) for message in adapter.check({}).values())


@every_platform
def test_a_stored_field_may_stay_empty_but_not_be_replaced_by_nonsense(adapter):
    names = {field.name for field in adapter.fields}
    assert adapter.check({}, kept=names) == {}
    for name in adapter.secret_fields:
        assert set(adapter.check({name: "nonsense!"}, kept=names)) == {name}


@every_platform
def test_space_quotes_and_invisible_characters_of_pasting_are_taken_off(adapter):
    pasted = {name: f" \u200b«{value}»\n" if value else "" for name, value in GOOD[adapter.key].items()}
    assert adapter.normalise(pasted) == GOOD[adapter.key]
    assert adapter.check(pasted) == {}


@every_platform
def test_fields_that_the_platform_does_not_know_are_left_out(adapter):
    assert adapter.normalise(GOOD[adapter.key] | {"is_active": "1"}) == GOOD[adapter.key]


@every_platform
def test_every_text_is_translatable(adapter):
    texts = [*adapter.steps, *(text for f in adapter.fields for text in (f.label, f.help, f.problem))]
    assert texts
    assert all(isinstance(text, LazyString) and str(text) for text in texts)


@every_platform
def test_the_webhook_has_a_path_of_its_own(adapter):
    path = adapter.webhook_path(UUID(int=7))
    assert path == f"/hooks/{adapter.key}/00000000-0000-0000-0000-000000000007"


@every_platform
def test_limits_are_those_of_a_message_people_can_read(adapter):
    assert adapter.limits.text >= adapter.limits.caption > 0
    assert adapter.limits.buttons > 0
    assert adapter.limits.button_value_bytes >= 64


@pytest.mark.parametrize(
    "pasted",
    [
        BOTFATHER,
        f"token: {TOKEN}.",
        f"https://api.telegram.org/bot{TOKEN}/getMe",
        f'TOKEN="{TOKEN}"',
        f"`{TOKEN}`",
    ],
)
def test_the_token_is_found_in_what_was_pasted(pasted):
    assert platform("telegram").normalise({"token": pasted}) == {"token": TOKEN}


@pytest.mark.parametrize(
    "wrong",
    [
        "123456789",
        "12345:" + "A" * 35,
        "1234567890123:" + "A" * 35,
        "123456789:" + "A" * 29,
        "123456789:" + "A" * 65,
        "１２３４５６７８９:" + "A" * 35,
        "123456789:" + "Я" * 35,
        "123456789:AAAA AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ],
)
def test_what_is_no_token_is_refused_and_not_shown(wrong):
    assert list(platform("telegram").check({"token": wrong})) == ["token"]
    assert platform("telegram").setup.identify({"token": wrong}) == ""


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("phone_number_id", "+7 921 000-00-00"),
        ("business_account_id", "none"),
        ("access_token", "short"),
        ("access_token", "EAAG two words of it, together"),
        ("app_secret", "0123456789abcdef"),
        ("app_secret", "g" * 32),
        ("verify_token", "short"),
        ("verify_token", "with spaces in it"),
    ],
)
def test_a_wrong_whatsapp_value_is_named_by_its_field(name, wrong):
    assert list(platform("whatsapp").check(GOOD["whatsapp"] | {name: wrong})) == [name]


def test_an_app_secret_in_capitals_is_the_same():
    secret = GOOD["whatsapp"]["app_secret"]
    assert platform("whatsapp").normalise({"app_secret": secret.upper()})["app_secret"] == secret


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("auth_token", TOKEN),
        ("auth_token", VIBER_TOKEN[:-17]),
        ("sender_name", "щ" * 29),
        ("sender_name", "a\nb"),
    ],
)
def test_a_wrong_viber_value_is_named_by_its_field(name, wrong):
    assert list(platform("viber").check(GOOD["viber"] | {name: wrong})) == [name]


malformed = st.none() | st.integers() | st.lists(st.text()) | st.text() | st.just("\0") | st.just("\ud800" * 40)


@given(st.sampled_from(PLATFORM_KEYS), st.data())
def test_no_value_breaks_an_adapter(key, data):
    adapter = platform(key)
    values = {field.name: data.draw(malformed) for field in adapter.fields}
    adapter.check(values)
    adapter.setup.identify(values).encode()


@every_platform
@pytest.mark.parametrize("poison", ["nul\0", "\ud800", "\x1b[31m"])
def test_control_characters_never_pass(adapter, poison):
    for name, value in GOOD[adapter.key].items():
        middle = len(value) // 2
        values = GOOD[adapter.key] | {name: value[:middle] + poison + value[middle:]}
        assert name in adapter.check(values)
