"""Secrets that are handed out are long, random, and never the same twice."""

import base64

from portal.users.models import User
from tests.browsing import SESSION_COOKIE

BITS = 8


def cookie_of(answer):
    [cookie] = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith(f"{SESSION_COOKIE}=")]
    return cookie.partition("=")[2].partition(";")[0]


def test_a_session_is_named_by_256_random_bits_and_each_sign_in_makes_others(browse, world):
    owner = world.pelmenya.owner
    tokens = [cookie_of(browse().post("/login", {"email": owner.email, "password": owner.password})) for _ in range(4)]
    raw = [base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)) for token in tokens]
    assert {len(each) * BITS for each in raw} == {256}
    # Two bytes in the same place are rarely alike: no part of it is a counter, a clock or a name.
    alike = [sum(a == b for a, b in zip(raw[0], other, strict=True)) for other in raw[1:]]
    assert max(alike) <= 4


def test_a_password_never_grows_too_old_to_sign_in_with(browse, world, superuser_sql):
    owner = world.pelmenya.owner
    superuser_sql(
        "UPDATE getinn_ops.\"user\" SET created_at = '2001-01-01', last_signed_in_at = '2001-01-02' WHERE id = %s",
        [owner.id],
    )
    assert browse().post("/login", {"email": owner.email, "password": owner.password}).status_code == 303


def test_nothing_but_the_password_is_asked_of_who_forgot_it():
    """No hint, no secret question: there is no place to keep one."""
    kept = {column.name for column in User.__table__.columns}
    assert not [name for name in kept if {"hint", "question", "answer"} & set(name.split("_"))]
