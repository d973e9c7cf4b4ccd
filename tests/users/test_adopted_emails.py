"""People whose e-mail an older writer stored with capitals or blanks sign in, and nobody else gets their address."""

import pytest

from portal.auth.joining import is_taken
from portal.users.queries import is_member
from tests.world_rows import PASSWORD


@pytest.fixture(params=["  Anna.Ivanova@Example.COM", "anna.ivanova@example.com  ", " ANNA.IVANOVA@example.com "])
def adopted(request, world, superuser_sql):
    superuser_sql('UPDATE getinn_ops."user" SET email = %s WHERE id = %s', [request.param, world.pelmenya.owner.id])
    return request.param


def test_whoever_was_stored_with_blanks_or_capitals_signs_in(adopted, browse, superuser_sql):
    for typed in ("anna.ivanova@example.com", "Anna.Ivanova@example.com", f" {adopted} "):
        answer = browse().post("/login", {"email": typed, "password": PASSWORD})
        assert answer.status_code == 303, typed


def test_nobody_else_gets_an_account_under_that_address(adopted, world, scoped, app):
    with scoped(world.pelmenya.account_id):
        assert is_member("anna.ivanova@example.com")
    with app.app_context():
        assert is_taken("Anna.Ivanova@example.com")
        assert not is_taken("another@example.com")


def test_the_look_up_uses_its_index(connect):
    with connect(role="postgres") as connection:
        connection.execute("SET enable_seqscan = off")
        plan = connection.execute(
            "EXPLAIN SELECT id FROM getinn_ops.\"user\" WHERE lower(btrim(email)) = 'a@b.example'"
        ).fetchall()
    assert "ix_user_plain_email" in str(plan)
