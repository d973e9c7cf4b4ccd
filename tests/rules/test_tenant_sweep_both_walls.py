"""Nobody sees, changes or notices another chain's rows: with both walls, as in production."""

from tests.rules.sweeping.sweep import Sweep


def test_no_page_shows_changes_or_betrays_another_chains_rows(app, database, world):
    sweep = Sweep(app, database, world)
    sweep.run()
    assert not sweep.faults, "\n\n".join(sweep.faults)
    assert sweep.count > 1000
