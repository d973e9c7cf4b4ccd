"""What each session of the portal is told."""

import pytest
from sqlalchemy import text

from portal.db.base import db
from portal.db.connecting import startup_options


@pytest.mark.parametrize(("name", "setting"), [("random_page_cost", "1.1"), ("jit", "off"), ("TimeZone", "UTC")])
def test_plans_are_made_for_rows_in_memory_and_statements_not_compiled(app, name, setting):
    with app.app_context():
        assert db.session.scalar(text(f"SHOW {name}")) == setting


def test_the_address_has_the_last_word_on_costs(app):
    told = startup_options("postgresql:///x?options=-c%20random_page_cost%3D4", {"random_page_cost": "1.1"})
    assert told == "-c random_page_cost=1.1 -c random_page_cost=4"
