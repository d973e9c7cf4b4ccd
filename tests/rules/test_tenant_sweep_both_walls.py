"""Nobody sees, changes or notices another chain's rows: with both walls, as in production."""

import pytest

from tests.rules.sweeping.sweep import PARTS, Sweep


@pytest.mark.parametrize("part", range(PARTS))
def test_no_page_shows_changes_or_betrays_another_chains_rows(app, database, world, part):
    sweep = Sweep(app, database, world)
    sweep.run(part)
    assert not sweep.faults, "\n\n".join(sweep.faults)
    assert sweep.count > 300
