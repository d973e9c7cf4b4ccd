"""Files that nothing names go; whatever somebody can still see stays."""

import pytest

from portal.db.base import db
from portal.media.files import BotFile
from portal.media.jobs import remove_unnamed_files
from tests.media import samples


@pytest.fixture
def stray(scoped, superuser_sql):
    """``stray(chain, hours)`` is a file that nothing names."""

    def store(chain, hours):
        with scoped(chain.account_id):
            file_id = BotFile.store(samples.PNG, "image/png").id
            db.session.commit()
        age = "UPDATE getinn_ops.bot_file SET created_at = created_at - make_interval(hours => %s) WHERE id = %s"
        superuser_sql(age, [hours, file_id])
        return file_id

    return store


def ids(superuser_sql):
    return {row.id for row in superuser_sql("SELECT id FROM getinn_ops.bot_file")}


def test_only_what_nothing_has_named_for_a_day_goes(world, stray, run_job, superuser_sql):
    superuser_sql("UPDATE getinn_ops.bot_file SET created_at = created_at - interval '1 year'")
    named = ids(superuser_sql)
    for chain in world.chains:
        stray(chain, 25)
    young = stray(world.pelmenya, 23)
    run_job(remove_unnamed_files)
    assert ids(superuser_sql) == named | {young}


@pytest.mark.parametrize("place", ["bot_media", "bot_message", "bot_connection"])
def test_one_mention_is_enough_to_stay(world, run_job, superuser_sql, place):
    superuser_sql("UPDATE getinn_ops.bot_file SET created_at = created_at - interval '1 year'")
    named = ids(superuser_sql)
    superuser_sql("DELETE FROM getinn_ops.bot_media_upload")
    if place != "bot_media":
        superuser_sql("DELETE FROM getinn_ops.bot_media")
    if place != "bot_message":
        superuser_sql("UPDATE getinn_ops.bot_message SET file_id = NULL")
    if place != "bot_connection":
        superuser_sql("UPDATE getinn_ops.bot_connection SET picture_id = NULL")
    run_job(remove_unnamed_files)
    assert ids(superuser_sql) == named


def test_objects_of_the_bucket_go_with_their_rows(world, stray, run_job, superuser_sql, bucket):
    stray(world.pelmenya, 25)
    stray(world.vareniki, 25)
    kept = stray(world.vareniki, 1)
    run_job(remove_unnamed_files)
    assert list(bucket.objects) == [f"{world.vareniki.account_id}/{kept}"]


def test_a_bucket_that_is_away_keeps_the_rows_for_the_next_time(world, stray, run_job, superuser_sql, bucket):
    file_id = stray(world.pelmenya, 25)
    bucket.refuse = 403
    run_job(remove_unnamed_files)
    assert file_id in ids(superuser_sql)
    bucket.refuse = None
    run_job(remove_unnamed_files)
    assert file_id not in ids(superuser_sql)
    assert bucket.objects == {}
