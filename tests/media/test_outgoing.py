"""What a sender is given of a library file, and what platforms called it."""

import threading
from datetime import timedelta

import pytest

from portal.db.base import db
from portal.db.types import utc_now
from portal.media.files import BotFile
from portal.media.outgoing import outgoing_file, remember_upload
from portal.messengers.errors import Unavailable
from tests.media import samples


@pytest.fixture
def asked(scoped, world):
    """``asked(key=…)`` is what a sender of Pelmenya's bot gets; the cast's own note of an upload is forgotten."""

    def ask(key="zqpelmenya-menu", external_id="zqpelmenya-external", **changes):
        chain = changes.get("chain", world.pelmenya)
        bot_id = changes.get("bot_id", world.pelmenya.bot_id)
        return outgoing_file(key, bot_id, chain.telegram_id, external_id)

    return ask


@pytest.fixture
def inside(scoped, world):
    with scoped(world.pelmenya.account_id):
        yield


def test_a_file_comes_with_name_type_size_and_the_platforms_own_id(asked, inside):
    file = asked()
    assert (file.name, file.content_type, file.size) == ("zqpelmenya menu.png", "image/png", 18)
    assert file.platform_file_id == "zqpelmenya-platform-file"
    assert file.data() == b"zqpelmenya picture"


def test_the_bytes_are_read_on_a_connection_of_their_own_whoever_reads_them(asked, inside, statements):
    file = asked()
    db.session.rollback()
    read = []
    thread = threading.Thread(target=lambda: read.append(file.data()))
    thread.start()
    thread.join()
    assert read == [b"zqpelmenya picture"]
    assert not db.session().in_transaction()


def test_the_bytes_come_out_of_the_bucket(asked, inside, bucket, world, superuser_sql):
    file_id = BotFile.store(samples.PNG, "image/png").id
    db.session.commit()
    superuser_sql("UPDATE getinn_ops.bot_media SET file_id = %s WHERE id = %s", [file_id, world.pelmenya.media_id])
    assert asked().data() == samples.PNG


def test_a_file_that_cannot_be_read_now_is_a_pause_for_the_sender(asked, inside, bucket, world, superuser_sql):
    file_id = BotFile.store(samples.PNG, "image/png").id
    db.session.commit()
    superuser_sql("UPDATE getinn_ops.bot_media SET file_id = %s WHERE id = %s", [file_id, world.pelmenya.media_id])
    bucket.refuse = 403
    with pytest.raises(Unavailable, match="file_unreadable"):
        asked().data()


def test_a_file_of_a_bucket_that_is_configured_no_more_is_a_pause(asked, inside, world, superuser_sql):
    superuser_sql("UPDATE getinn_ops.bot_file SET storage = 'bucket', data = NULL")
    with pytest.raises(Unavailable, match="file_unreadable"):
        asked().data()


def test_there_is_nothing_for_a_key_that_the_bot_lacks_or_has_archived(asked, inside, world, superuser_sql):
    assert asked(key="nowhere") is None
    assert asked(key="zqvareniki-menu") is None
    assert asked(bot_id=world.pelmenya.archived_bot_id) is None
    superuser_sql("UPDATE getinn_ops.bot_media SET is_active = false")
    assert asked() is None


def test_the_platforms_id_counts_for_one_identity_and_one_content_until_it_expires(asked, inside, world, superuser_sql):
    assert asked(external_id="another-token").platform_file_id is None
    superuser_sql("UPDATE getinn_ops.bot_media_upload SET expires_at = timezone('utc', now()) - interval '1 s'")
    assert asked().platform_file_id is None
    superuser_sql("UPDATE getinn_ops.bot_media_upload SET expires_at = timezone('utc', now()) + interval '1 h'")
    assert asked().platform_file_id == "zqpelmenya-platform-file"
    file_id = BotFile.store(samples.PNG, "image/png").id
    db.session.commit()
    superuser_sql("UPDATE getinn_ops.bot_media SET file_id = %s WHERE id = %s", [file_id, world.pelmenya.media_id])
    assert asked().platform_file_id is None


def test_what_a_platform_calls_a_file_is_remembered_and_used_from_then_on(asked, inside, world, superuser_sql):
    superuser_sql("DELETE FROM getinn_ops.bot_media_upload")
    file = asked()
    assert file.platform_file_id is None
    until = utc_now() + timedelta(days=30)
    remember_upload(file, world.pelmenya.telegram_id, "zqpelmenya-external", "first")
    [row] = superuser_sql("SELECT * FROM getinn_ops.bot_media_upload") or [None]
    assert row is None, "nothing is written before the sender commits"
    db.session.commit()
    [row] = superuser_sql("SELECT expires_at - timezone('utc', now()) AS left FROM getinn_ops.bot_media_upload")
    assert timedelta(days=27) < row.left < timedelta(days=29)
    remember_upload(file, world.pelmenya.telegram_id, "zqpelmenya-external", "second", until)
    db.session.commit()
    assert asked().platform_file_id == "second"
    [row] = superuser_sql("SELECT * FROM getinn_ops.bot_media_upload")
    assert row.expires_at == until.replace(tzinfo=None)


def test_nothing_is_remembered_where_the_platform_told_nothing(asked, inside, world, superuser_sql):
    before = superuser_sql("SELECT * FROM getinn_ops.bot_media_upload ORDER BY id")
    remember_upload(None, world.pelmenya.telegram_id, "zqpelmenya-external", "x")
    remember_upload(asked(), world.pelmenya.telegram_id, "zqpelmenya-external", None)
    db.session.commit()
    assert superuser_sql("SELECT * FROM getinn_ops.bot_media_upload ORDER BY id") == before


def test_a_content_replaced_during_the_sending_is_not_taken_for_the_new_one(asked, inside, world, superuser_sql):
    sent = asked()
    file_id = BotFile.store(samples.PNG, "image/png").id
    db.session.commit()
    superuser_sql("UPDATE getinn_ops.bot_media SET file_id = %s WHERE id = %s", [file_id, world.pelmenya.media_id])
    remember_upload(sent, world.pelmenya.telegram_id, "zqpelmenya-external", "of the former content")
    db.session.commit()
    assert asked().platform_file_id is None
