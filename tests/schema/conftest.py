"""The servers that the schema must run on."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.schema.databases import Server, system_15, system_15_is_there


@pytest.fixture(scope="session")
def postgresql_15() -> Iterator[Server]:
    """PostgreSQL 15 with uuid-ossp; asked for only where the machine has it."""
    with system_15() as server:
        yield server


def pytest_generate_tests(metafunc: Any) -> None:
    """Each test of ``any_server`` runs on the embedded 18, and on 15 where there is one."""
    if "any_server" in metafunc.fixturenames:
        names = ["server", *(["postgresql_15"] if system_15_is_there() else [])]
        metafunc.parametrize("any_server", names, indirect=True)


@pytest.fixture
def any_server(request: pytest.FixtureRequest) -> Server:
    """One of the servers."""
    found: Server = request.getfixturevalue(request.param)
    return found
