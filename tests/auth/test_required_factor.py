"""Who must have a second factor: superusers where chains are served, and everybody whose chain demands it."""

import pytest

from tests.factors import PROTECTION, give_password, is_signed_in, set_up_app, set_up_passkey

DEMAND = "UPDATE getinn_ops.account SET demands_second_factor = true WHERE id = %s"


@pytest.fixture
def in_production(app, monkeypatch):
    """As the portal is where it serves chains."""
    monkeypatch.setitem(app.config, "SUPERUSERS_NEED_FACTOR", True)


@pytest.fixture
def demanded(world, superuser_sql):
    """The chain demands a second factor."""
    superuser_sql(DEMAND, [world.pelmenya.account_id])


def test_production_asks_it_of_superusers_and_development_does_not(config):
    from dataclasses import replace

    from portal import create_app

    needs = {name: create_app(replace(config, environment=name)).config["SUPERUSERS_NEED_FACTOR"]
             for name in ("production", "development", "test")}  # fmt: skip
    assert needs == {"production": True, "development": False, "test": False}


def test_a_superuser_without_a_factor_reaches_its_set_up_and_nothing_else(browse, world, in_production):
    root = browse(world.superuser)
    for path in ("/accounts", "/profile", "/", "/accounts/new", "/accounts/pelmenya/"):
        assert root.get(path).location == PROTECTION, path
    assert root.get("/accounts", htmx=True).headers["HX-Redirect"] == PROTECTION
    assert root.post("/accounts/pelmenya/visit").location == PROTECTION
    assert root.delete("/accounts/pelmenya/activation").location == PROTECTION
    page = root.get(PROTECTION)
    assert page.status_code == 200
    assert "First set this up" in page.text
    set_up_app(root)
    assert root.get("/accounts").status_code == 200


def test_whoever_must_set_it_up_may_sign_out_instead(browse, world, in_production):
    root = browse(world.superuser)
    assert root.post("/logout").location == "/login"
    assert not is_signed_in(root)


@pytest.mark.usefixtures("demanded")
def test_everybody_of_a_chain_that_demands_it_is_led_to_set_it_up(browse, world):
    manager, stranger = browse(world.pelmenya.manager), browse(world.vareniki.manager)
    assert manager.get(manager.account("restaurants")).location == PROTECTION
    assert stranger.get(stranger.account("restaurants")).status_code == 200
    set_up_passkey(manager)
    assert manager.get(manager.account("restaurants")).status_code == 200


@pytest.mark.usefixtures("demanded")
def test_without_the_last_factor_one_is_led_to_set_it_up_again(browse, world):
    manager = browse(world.pelmenya.manager)
    set_up_app(manager)
    manager.delete(f"{PROTECTION}/app")
    assert manager.get("/profile").location == PROTECTION


@pytest.mark.usefixtures("demanded")
def test_somebody_who_joins_sets_it_up_first(browse, world):
    other = browse()
    assert give_password(other, world.pelmenya.chef).location == "/"
    assert other.get("/").location == PROTECTION


def test_an_owner_demands_it_once_they_have_one_themselves(browse, world, superuser_sql):
    owner = browse(world.pelmenya.owner)
    url = owner.account("settings/second-factor")
    assert owner.post(url).location == PROTECTION
    demands = "SELECT demands_second_factor FROM getinn_ops.account WHERE id = %s"
    assert not superuser_sql(demands, [world.pelmenya.account_id])[0].demands_second_factor
    set_up_app(owner)
    assert owner.post(url).location == owner.account("settings")
    assert superuser_sql(demands, [world.pelmenya.account_id])[0].demands_second_factor
    assert not superuser_sql(demands, [world.vareniki.account_id])[0].demands_second_factor
    owner.delete(url)
    assert not superuser_sql(demands, [world.pelmenya.account_id])[0].demands_second_factor


@pytest.mark.parametrize(
    ("column", "ago", "is_alive"),
    [("last_seen_at", "59 minutes", True), ("last_seen_at", "61 minutes", False),
     ("created_at", "23 hours", True), ("created_at", "25 hours", False)],
)  # fmt: skip
def test_a_superusers_session_ends_after_an_idle_hour_and_a_day_in_all(
    browse, world, superuser_sql, column, ago, is_alive
):
    root, owner = browse(world.superuser), browse(world.pelmenya.owner)
    superuser_sql(f"UPDATE getinn_ops.user_session SET {column} = timezone('utc', now()) - interval '{ago}'")
    assert is_signed_in(owner)
    assert is_signed_in(root) is is_alive


def test_the_log_in_of_a_superuser_is_good_for_a_day(browse, world, superuser_sql):
    give_password(browse(), world.superuser)
    [row] = superuser_sql(
        "SELECT expires_at - created_at AS lasts FROM getinn_ops.user_session WHERE user_id = %s", [world.superuser.id]
    )
    assert 23.9 < row.lasts.total_seconds() / 3600 < 24.1
