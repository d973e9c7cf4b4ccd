"""The engine stands on its own: neither web, database, messenger nor clock."""

import pytest

from tests.rules.source import modules

ENGINE = modules("portal/scenarios/engine")
ALLOWED = (
    "portal.messaging.events",
    "portal.messaging.kinds",
    "portal.messaging.news",
    "portal.scenarios.engine.",
    "portal.scenarios.",
)


@pytest.mark.parametrize("module", ENGINE, ids=lambda module: module.name)
def test_the_engine_imports_only_itself_and_what_reads_scenarios(module):
    imported = set(module.imports())
    assert {name for name in imported if name.startswith("portal.") and not name.startswith(ALLOWED)} == set()
    roots = {name.split(".")[0] for name in imported}
    assert roots & {"flask", "flask_babel", "sqlalchemy", "httpx", "procrastinate", "threading", "time"} == set()


@pytest.mark.parametrize("module", ENGINE, ids=lambda module: module.name)
def test_the_engine_asks_no_clock_and_never_waits(module):
    called = {name for name, _call in module.calls()}
    assert called & {"now", "utcnow", "today", "sleep", "time", "eval", "exec"} == set()
