"""The one table of what each role may do, in the code, in the documentation and before an owner's eyes."""

import re
from pathlib import Path
from typing import Any

import pytest

from portal.access.permissions import RESOURCES, ROLE_GRANTS, VISITOR_GRANTS, Permission, Role
from tests.world import World

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "architecture.md"


def documented_table() -> list[str]:
    """The table as the documentation has to show it."""
    rows = [
        (str(resource.label), *(", ".join(map(str, resource.allowed_labels(role))) or "–" for role in Role))
        for resource in RESOURCES
    ]
    head = ["| | " + " | ".join(Role) + " |", "| --- " * (len(Role) + 1) + "|"]
    return head + ["| " + " | ".join(row) + " |" for row in rows]


def test_the_documentation_shows_the_table() -> None:
    section = DOCUMENT.read_text("utf-8").partition("## Roles\n")[2].partition("\n## ")[0]
    assert [line for line in section.splitlines() if line.startswith("|")] == documented_table()


def test_an_owner_may_do_all_and_nobody_what_an_owner_may_not() -> None:
    assert ROLE_GRANTS[Role.OWNER] == frozenset(Permission)
    assert all(granted <= frozenset(Permission) for granted in ROLE_GRANTS.values())


def test_who_may_do_anything_to_something_sees_it() -> None:
    for resource in RESOURCES:
        for role in Role:
            allowed = resource.allowed(role)
            assert not allowed or "see" in allowed or "see" not in resource.allowed(Role.OWNER), (resource.key, role)


def test_support_does_all_that_an_owner_does_but_handle_secrets() -> None:
    assert frozenset(Permission) - VISITOR_GRANTS == {
        "credentials.replace", "dialogs.erase", "staff.erase", "staff.export",
    }  # fmt: skip


def test_a_permission_that_the_table_lacks_does_not_exist() -> None:
    assert Permission.RESTAURANTS_EDIT.value == "restaurants.edit"
    with pytest.raises(AttributeError):
        _ = Permission.RESTAURANTS_BURN
    with pytest.raises(ValueError, match=r"restaurants\.burn"):
        Permission("restaurants.burn")


@pytest.mark.parametrize("page", ["users/invitations/new", "edit"])
def test_an_owner_sees_what_each_role_may_do_while_choosing_one(browse: Any, world: World, page: str) -> None:
    owner = browse(world.pelmenya.owner)
    path = page if page != "edit" else f"users/{world.pelmenya.manager.id}/edit"
    table = owner.get(owner.account(path)).text.partition('id="permissions"')[2].partition("</details>")[0]
    row = re.search(r'<th[^>]*scope="row">Restaurants and stores</th>(.*?)</tr>', table, re.DOTALL)
    assert row is not None
    assert re.findall(r'data-label="(\w+)">([^<]+)<', row[1]) == [
        ("Owner", "edits"), ("Manager", "edits"), ("Chef", "sees"), ("Viewer", "sees"),
    ]  # fmt: skip
    assert table.count("<tr>") == 1 + len(RESOURCES)
