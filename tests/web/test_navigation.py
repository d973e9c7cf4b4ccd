"""The sections of the portal, in the sidebar and in a phone's bar."""

import re
from typing import Any

import pytest

from tests.world import World


def places(page: str) -> tuple[list[str], list[str]]:
    """The last part of each address in the bar at the bottom, and of each behind "More"."""
    bar = page.partition('<nav class="bottombar"')[2].partition("</nav>")[0]
    shown, _, others = bar.partition('<div class="bottombar__sheet"')
    found = [re.findall(r'href="/accounts/[^/]+/(\w*)"', part) for part in (shown, others)]
    return found[0], found[1]


@pytest.mark.parametrize(
    ("role", "bar", "first_behind"),
    [
        ("owner", ["", "restaurants", "bots", "dialogs"], "stores"),
        ("viewer", ["", "restaurants", "bots", "dialogs"], "stores"),
        ("chef", ["", "restaurants", "stores", "staff"], "supply"),
    ],
)
def test_a_phones_bar_has_what_is_done_every_day_before_the_rest(
    browse: Any, world: World, role: str, bar: list[str], first_behind: str | None
) -> None:
    person = browse(getattr(world.pelmenya, role))
    shown, others = places(person.get(person.account()).text)
    assert shown == bar
    assert next(iter(others), None) == first_behind
