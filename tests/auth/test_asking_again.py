"""Before what is grave the portal asks once more, and what was typed goes on."""

import re
from html import unescape

import pytest

from portal.access.guards import asking_of
from tests.factors import PROTECTION, options_of, set_up_app, set_up_passkey
from tests.rules.site.targets import targets
from tests.world_rows import PASSWORD

STALE = "UPDATE getinn_ops.user_session SET confirmed_at = timezone('utc', now()) - interval '11 minutes'"
ASKED = "/profile/confirmation"
# What must ask again. A new grave address is added here, and ``@asks_again`` to its view.
GRAVE = {
    "POST /accounts/<slug:account_slug>/users/invitations/new": "invites an owner",
    "POST /accounts/<slug:account_slug>/users/invitations/<uuid:invitation_id>/renewal": "shows a link",
    "POST /accounts/<slug:account_slug>/users/<uuid:user_id>/edit": "changes a role",
    "DELETE /accounts/<slug:account_slug>/users/<uuid:user_id>/activation": "ends somebody's sessions",
    "POST /accounts/<slug:account_slug>/users/<uuid:user_id>/password-reset": "shows a link",
    "DELETE /accounts/<slug:account_slug>/users/<uuid:user_id>/second-factor": "takes a protection away",
    "POST /accounts/<slug:account_slug>/bots/<uuid:bot_id>/platforms/<word:platform>/credentials": "credentials",
    "DELETE /accounts/<slug:account_slug>/bots/<uuid:bot_id>/platforms/<word:platform>": "forgets credentials",
    "POST /accounts/<slug:account_slug>/integrations/new": "credentials",
    "POST /accounts/<slug:account_slug>/integrations/<uuid:integration_id>/edit": "credentials",
    "POST /accounts/<slug:account_slug>/integrations/<uuid:integration_id>/certificate": "who is given a password",
    "DELETE /accounts/<slug:account_slug>/integrations/<uuid:integration_id>/certificate": "who is given a password",
    "POST /accounts/<slug:account_slug>/settings/second-factor": "a rule for all",
    "DELETE /accounts/<slug:account_slug>/settings/second-factor": "a rule for all",
    "POST /accounts/<slug:account_slug>/settings/retention": "removes what is old",
    "GET /accounts/<slug:account_slug>/bots/<uuid:bot_id>/dialogs/<uuid:dialog_id>/guest/export": "hands out a person",
    "DELETE /accounts/<slug:account_slug>/bots/<uuid:bot_id>/dialogs/<uuid:dialog_id>/guest": "erases a person",
    "GET /accounts/<slug:account_slug>/staff/<uuid:staff_member_id>/data/export": "hands out an employee",
    "DELETE /accounts/<slug:account_slug>/staff/<uuid:staff_member_id>/data": "erases an employee",
    "POST /accounts/new": "invites an owner",
    "DELETE /accounts/<slug:edited_slug>/activation": "locks a chain out",
    "DELETE /profile/sessions": "ends sessions",
    "DELETE /profile/sessions/<uuid:session_id>": "ends sessions",
    "POST /profile/protection/app/proposal": "switches a factor on",
    "GET /profile/protection/app": "shows a secret",
    "POST /profile/protection/app": "switches a factor on",
    "DELETE /profile/protection/app": "switches a factor off",
    "GET /profile/protection/passkeys/new": "switches a factor on",
    "POST /profile/protection/passkeys/new": "switches a factor on",
    "DELETE /profile/protection/passkeys/<uuid:passkey_id>": "switches a factor off",
    "POST /profile/protection/recovery-codes": "shows codes",
}
# What asks in its own form, or is how one proves oneself.
NOT_ASKED = ("/login", "/logout", "/password", "/invitation", "/profile/password", "/profile/confirmation", "/hooks")
SOUNDS_GRAVE = re.compile(
    r"password|credential|second-factor|protection|/sessions|recovery|retention|/guest|_id>/data|certificate"
)


@pytest.fixture
def stale(browse, superuser_sql):
    """``stale(person)``: a browser that was signed in long ago."""

    def open_browser(person, **options):
        browser = browse(person, **options)
        superuser_sql(STALE)
        return browser

    return open_browser


def send_on(browser, page, **proof):
    """Send the form of the page that asks, with the proof."""
    [form] = [each for each in page.text.split("<form")[1:] if 'id="proof"' in each]
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    fields = {}
    for name, value in pairs:
        fields.setdefault(unescape(name), []).append(unescape(value))
    del fields["csrf_token"]
    return browser.post(page.request.path, fields | proof)


def test_every_grave_address_asks_and_no_other_does(app):
    asking = set()
    for target in targets(app):
        declared = asking_of(app, target.rule.endpoint)
        if declared is not None and (not target.is_safe or declared.on_reading):
            asking.add(str(target))
    assert asking == set(GRAVE)


def test_what_sounds_grave_asks_or_says_why_not(app):
    silent = {
        str(target)
        for target in targets(app)
        if SOUNDS_GRAVE.search(target.rule.rule)
        and not target.is_safe
        and not target.rule.rule.startswith(NOT_ASKED)
        and asking_of(app, target.rule.endpoint) is None
    }
    assert silent == set()


def test_the_form_that_was_sent_goes_on_after_the_password(stale, world, superuser_sql):
    owner, chef = stale(world.pelmenya.owner), world.pelmenya.chef
    url = owner.account(f"users/{chef.id}/edit")
    chosen = [str(world.pelmenya.restaurant_id), str(world.pelmenya.assigned_restaurant_id)]
    page = owner.post(url, {"role": "manager", "restaurant_ids": chosen, "_save": "1"})
    assert page.status_code == 403
    assert "Is it still you?" in page.text
    role = 'SELECT role FROM getinn_ops."user" WHERE id = %s'
    assert superuser_sql(role, [chef.id])[0].role == "chef"
    wrong = send_on(owner, page, _password="not the password")
    assert wrong.status_code == 403
    assert "This is not right" in wrong.text
    answer = send_on(owner, wrong, _password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, owner.account(f"users/{chef.id}"))
    assert superuser_sql(role, [chef.id])[0].role == "manager"
    assigned = "SELECT restaurant_id FROM getinn_ops.user_restaurant WHERE user_id = %s"
    assert {str(row.restaurant_id) for row in superuser_sql(assigned, [chef.id])} == set(chosen)


def test_what_was_proved_counts_for_ten_minutes_in_this_session_alone(stale, browse, world, superuser_sql):
    owner = stale(world.pelmenya.owner)
    page = owner.delete("/profile/sessions")
    assert send_on(owner, page, _password=PASSWORD).status_code == 303
    assert owner.post(f"{PROTECTION}/app/proposal").location == f"{PROTECTION}/app"
    third = browse(world.pelmenya.owner)
    superuser_sql(STALE + " WHERE token_hash = %s", [third.token_hash])
    assert third.post(f"{PROTECTION}/app/proposal").status_code == 403
    superuser_sql(STALE)
    assert owner.post(f"{PROTECTION}/app/proposal").status_code == 403


def test_a_verb_of_a_plain_form_stays_what_it_was(stale, world, superuser_sql):
    owner = stale(world.pelmenya.owner)
    here = owner.account(f"users/{world.pelmenya.chef.id}/activation")
    page = owner.delete(here)
    assert 'name="_method" value="DELETE"' in page.text
    assert send_on(owner, page, _password=PASSWORD, _method="DELETE").status_code == 303
    [chef] = superuser_sql('SELECT is_active FROM getinn_ops."user" WHERE id = %s', [world.pelmenya.chef.id])
    assert not chef.is_active


def test_credentials_wait_in_the_form_and_in_no_address(stale, world):
    owner = stale(world.pelmenya.owner)
    url = owner.account(f"bots/{world.pelmenya.bot_id}/platforms/telegram/credentials")
    page = owner.post(url, {"token": "123456789:a-new-token-of-thirty-five-letters"})
    assert page.status_code == 403
    assert 'value="123456789:a-new-token-of-thirty-five-letters"' in page.text
    assert "location" not in page.headers


def test_the_check_of_one_field_asks_nothing_and_changes_nothing(stale, world, superuser_sql):
    owner = stale(world.pelmenya.owner)
    url = owner.account(f"users/{world.pelmenya.chef.id}/edit")
    assert owner.post(url, {"role": "owner", "_validate": "role"}, htmx=True).status_code == 200
    [chef] = superuser_sql('SELECT role FROM getinn_ops."user" WHERE id = %s', [world.pelmenya.chef.id])
    assert chef.role == "chef"
    # An empty name is no check: it would be acted on.
    assert owner.post(url, {"role": "owner", "_validate": ""}).status_code == 403


@pytest.mark.parametrize("role", ["owner", "manager"])
def test_inviting_asks_for_owners_alone(stale, world, role):
    owner = stale(world.pelmenya.owner)
    answer = owner.post(owner.account("users/invitations/new"), {"email": "new@somewhere.example", "role": role})
    assert answer.status_code == (403 if role == "owner" else 303)


def test_htmx_is_led_to_the_page_that_asks_and_back(stale, world):
    owner = stale(world.pelmenya.owner)
    here = {"HX-Current-URL": "https://localhost/profile"}
    answer = owner.delete("/profile/sessions", htmx=True, headers=here)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"{ASKED}?next=/profile")
    page = owner.get(f"{ASKED}?next=/profile")
    assert page.status_code == 200
    assert owner.post(ASKED, {"next": "/profile", "_password": "wrong"}).status_code == 422
    assert owner.post(ASKED, {"next": "/profile", "_password": PASSWORD}).location == "/profile"
    assert owner.delete("/profile/sessions", htmx=True, headers=here).status_code == 200


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "\x00"])
def test_the_page_that_asks_leads_nowhere_else(stale, world, wanted):
    owner = stale(world.pelmenya.owner)
    assert owner.post(ASKED, {"next": wanted, "_password": PASSWORD}).location == "/profile"


def test_reading_a_secret_asks_first(stale, world):
    answer = stale(world.pelmenya.owner).get(f"{PROTECTION}/app")
    assert (answer.status_code, answer.location) == (303, f"{ASKED}?next=/profile/protection/app")


def test_whoever_has_a_factor_is_asked_for_it_and_the_password_does_not_do(browse, world, superuser_sql):
    owner = browse(world.pelmenya.owner)
    app, _codes = set_up_app(owner)
    superuser_sql(STALE)
    page = owner.delete(f"{PROTECTION}/app")
    assert 'name="_code"' in page.text
    assert owner.delete(f"{PROTECTION}/app", {"_password": PASSWORD}).status_code == 403
    assert owner.delete(f"{PROTECTION}/app", {"_code": "000000"}).status_code == 403
    assert owner.delete(f"{PROTECTION}/app", {"_code": app.code()}).status_code == 303


def test_a_passkey_answers_the_question(browse, world, superuser_sql):
    owner = browse(world.pelmenya.owner)
    key, _codes = set_up_passkey(owner)
    superuser_sql(STALE)
    page = owner.post(f"{PROTECTION}/app/proposal")
    used = key.used(options_of(page.text))
    assert owner.post(f"{PROTECTION}/app/proposal", {"_answer": used}).status_code == 303
    superuser_sql(STALE)
    assert owner.post(f"{PROTECTION}/app/proposal", {"_answer": used}).status_code == 403


def test_a_code_that_answered_is_spent_even_when_the_form_it_came_with_fails(browse, world, superuser_sql):
    owner = browse(world.pelmenya.owner)
    _app, codes = set_up_app(owner)
    superuser_sql(STALE)
    url = owner.account(f"users/{world.pelmenya.chef.id}/edit")
    assert owner.post(url, {"role": "nonsense", "_code": codes[0]}).status_code == 422
    superuser_sql(STALE)
    assert owner.post(url, {"role": "nonsense", "_code": codes[0]}).status_code == 403


def test_a_visiting_superuser_proves_themselves_and_stays_in_the_visit(browse, world, superuser_sql):
    root = browse(world.superuser, visiting=world.pelmenya)
    superuser_sql(STALE)
    url = root.account(f"users/{world.pelmenya.chef.id}/edit")
    page = root.post(url, {"role": "viewer"})
    assert page.status_code == 403
    assert send_on(root, page, _password=PASSWORD).status_code == 303
    [chef] = superuser_sql('SELECT role FROM getinn_ops."user" WHERE id = %s', [world.pelmenya.chef.id])
    assert chef.role == "viewer"
