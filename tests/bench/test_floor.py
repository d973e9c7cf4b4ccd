"""The floor that speed is measured against: it shows the right rows, and its templates are compiled once."""

import hashlib
import re

import pytest

from bench import floor


@pytest.fixture
def ask(world, superuser_sql, server, monkeypatch):
    """``ask(path)`` asks the floor as a chain's viewer; ``ask.post`` sends a form."""
    monkeypatch.setenv("DATABASE_URL", server.url())
    person, token = world.pelmenya.viewer, "a session on the floor"
    superuser_sql(
        "INSERT INTO getinn_ops.user_session (account_id, user_id, token_hash, expires_at, last_seen_at)"
        " VALUES (%s, %s, %s, now() + interval '1 day', now())",
        [person.account_id, person.id, hashlib.sha256(token.encode()).digest()],
    )
    client = floor.app.test_client()
    client.set_cookie("portal", token)
    yield client
    floor.connection().close()
    del floor.local.connection


def names(text):
    return re.findall(r'<a href="/restaurants/[0-9a-f-]{36}">([^<]+)</a>', text)


def test_the_list_holds_fifty_active_restaurants_of_ones_own_chain_by_name(ask, world, superuser_sql):
    superuser_sql(
        "INSERT INTO getinn_ops.restaurant (account_id, name, is_active)"
        " SELECT %s, 'Spot ' || lpad(n::text, 2, '0'), n <> 7 FROM generate_series(1, 60) n",
        [world.pelmenya.account_id],
    )
    found = names(ask.get("/restaurants").text)
    assert found == [f"Spot {number:02}" for number in range(1, 52) if number != 7]


def test_a_search_finds_by_name_and_by_address_within_the_chain(ask, world, superuser_sql):
    for chain in world.chains:
        superuser_sql(
            "INSERT INTO getinn_ops.restaurant (account_id, name, address) VALUES (%s, %s, 'Kvass lane 4'),"
            " (%s, %s, 'Elsewhere')",
            [chain.account_id, f"Blini {chain.slug}", chain.account_id, f"Kvassnaya {chain.slug}"],
        )
    assert names(ask.get("/restaurants?q=kvass").text) == ["Blini pelmenya", "Kvassnaya pelmenya"]


def test_the_detail_page_and_the_form_show_one_restaurant(ask, world, superuser_sql):
    superuser_sql(
        "UPDATE getinn_ops.restaurant SET name = 'Ukha & Co', phone = '+7 495 1', timezone = 'Asia/Omsk' WHERE id = %s",
        [world.pelmenya.restaurant_id],
    )
    shown = ask.get(f"/restaurants/{world.pelmenya.restaurant_id}").text
    assert "<h1>Ukha &amp; Co</h1>" in shown
    assert "<dd>+7 495 1" in shown
    form = ask.get(f"/restaurants/{world.pelmenya.restaurant_id}/edit").text
    assert 'name="name" value="Ukha &amp; Co"' in form
    assert re.findall(r'value="([^"]+)" selected', form) == ["Asia/Omsk"]
    assert form.count("<option") > 400


def test_the_switch_turns_a_platform_off_and_on(ask, world, superuser_sql):
    path = f"/bots/{world.pelmenya.bot_id}/platforms/telegram/activation"

    def is_on():
        query = "SELECT is_active FROM getinn_ops.bot_platform_credential WHERE id = %s"
        return superuser_sql(query, [world.pelmenya.telegram_id])[0].is_active

    assert ask.post(path, data={"_method": "DELETE"}).text == "<button>off</button>"
    assert not is_on()
    assert ask.post(path).text == "<button>on</button>"
    assert is_on()


def test_the_floor_too_shows_nothing_of_another_chain_and_nothing_to_strangers(ask, world):
    assert ask.get(f"/restaurants/{world.vareniki.restaurant_id}").status_code == 404
    assert ask.get(f"/restaurants/{world.vareniki.restaurant_id}/edit").status_code == 404
    assert ask.post(f"/bots/{world.vareniki.bot_id}/platforms/telegram/activation").status_code == 404
    assert floor.app.test_client().get("/restaurants").status_code == 401


def test_no_page_of_the_floor_compiles_a_template_while_it_is_asked_for(ask, world, monkeypatch):
    compiled = []
    monkeypatch.setattr(type(floor.app.jinja_env), "compile", lambda self, source, *rest: compiled.append(source))
    one = f"/restaurants/{world.pelmenya.restaurant_id}"
    for path in ("/restaurants", "/restaurants?q=x", one, f"{one}/edit"):
        assert ask.get(path).status_code == 200
    assert compiled == []
