"""Every view says who may enter; what is open to everybody stands in one list."""

import pytest
from flask import Flask

from portal.access.guards import access_of, refuse_undeclared
from tests.rules.site.targets import kind_of, targets

OPEN_TO_EVERYBODY = {
    "auth.login",
    "health.alive",
    "health.ready",
    "static",
    # Proved by a right password before, or by a passkey.
    "factors.check",
    "factors.passkey",
    # Proved by the secret of a link.
    "invitations.accept",
    "passwords.forgot",
    "passwords.reset",
    "public_media.fetch",
    # Proved by a platform's secret or signature.
    "hooks.receive",
    "hooks.challenge",
    # What a browser keeps for itself.
    "language.choose",
}


def test_every_route_declares_its_access(app):
    for rule in app.url_map.iter_rules():
        assert access_of(app, rule.endpoint)


def test_a_route_without_a_declaration_keeps_the_portal_from_starting():
    bare = Flask("bare", static_folder=None)
    bare.add_url_rule("/undeclared", "undeclared", lambda: "anybody")
    with pytest.raises(LookupError, match="undeclared"):
        refuse_undeclared(bare)


def test_what_is_open_to_everybody_stands_in_one_list(app):
    public = {rule.endpoint for rule in app.url_map.iter_rules() if access_of(app, rule.endpoint).public}
    assert public <= OPEN_TO_EVERYBODY


def test_every_page_of_an_account_demands_a_permission(app):
    for target in targets(app):
        if "account_slug" in target.rule.arguments:
            assert target.access.permission is not None, f"{target} asks for no permission"


def test_a_permission_is_only_demanded_where_the_address_names_an_account(app):
    for target in targets(app):
        if target.access.permission is not None:
            assert "account_slug" in target.rule.arguments, f"{target} can never be entered"


def test_every_parameter_of_an_address_is_typed(app):
    for target in targets(app):
        for name in target.rule.arguments:
            assert kind_of(target.rule, name) in {"uuid", "slug", "word", "secret"}, f"{target}: <{name}>"


def test_no_address_is_answered_by_two_views(app):
    seen = {}
    for target in targets(app):
        shape = (target.method, "/".join("*" if part.startswith("<") else part for part in target.rule.rule.split("/")))
        assert shape not in seen, f"{target} and {seen[shape]}"
        seen[shape] = target
