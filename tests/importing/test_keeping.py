"""Imports are kept for a month."""

from portal.db.base import db
from portal.housekeeping import forget_imports
from tests.importing.spreadsheets import restaurants


def test_imports_of_a_month_ago_are_forgotten_with_their_rows_and_newer_ones_kept(
    app, importing, world, superuser_sql, restaurants_named
):
    importing().send_rows(restaurants(1)).apply()
    newer = importing(world.vareniki.owner).send_rows(restaurants(1, first=2))
    superuser_sql(
        "UPDATE getinn_ops.import_batch SET created_at = created_at - interval '30 days 1 hour' WHERE account_id = %s",
        [world.pelmenya.account_id],
    )
    with app.app_context():
        forget_imports.function()
        db.session.commit()
    for table in ("import_batch", "import_row"):
        left = superuser_sql(f"SELECT DISTINCT account_id FROM getinn_ops.{table}")
        assert [row.account_id for row in left] == [world.vareniki.account_id], table
    assert len(restaurants_named("Blini%")) == 1
    assert newer.results() == {"Blini 2": "New"}
