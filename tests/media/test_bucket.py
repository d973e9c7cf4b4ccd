"""Files in a bucket, over real HTTP."""

import dataclasses
import subprocess
import sys

import pytest

from config import Config, ConfigurationError
from portal.db.base import db
from portal.media.bucket import Bucket, BucketUnavailable
from portal.media.files import BotFile, object_key
from tests.media import samples

DATABASE = {"DATABASE_URL": "postgresql://portal@db.example/getinn"}
SETTINGS = {
    "MEDIA_BUCKET_URL": "https://s3.example.com/files",
    "MEDIA_BUCKET_KEY": "a-key",
    "MEDIA_BUCKET_SECRET": "a-secret-word",
}


def stored(superuser_sql, world):
    return superuser_sql(
        "SELECT * FROM getinn_ops.bot_file WHERE account_id = %s AND id <> ALL(%s)",
        [world.pelmenya.account_id, [world.pelmenya.file_id, world.pelmenya.id_of("bot_file", 2)]],
    )


def test_an_upload_goes_to_the_bucket_under_account_and_id(browse, world, upload, bucket, superuser_sql):
    assert upload(browse(world.pelmenya.owner), ("a.png", samples.PNG), ("b.pdf", samples.PDF)).status_code == 303
    files = stored(superuser_sql, world)
    assert {(file.storage, file.data) for file in files} == {("bucket", None)}
    keys = {object_key(world.pelmenya.account_id, file.id): file.content_type for file in files}
    assert bucket.types == keys
    assert set(bucket.objects.values()) == {samples.PNG, samples.PDF}


def test_what_the_bucket_holds_is_handed_out(browse, world, upload, bucket, superuser_sql):
    owner = browse(world.pelmenya.owner)
    data = samples.PDF * 20_000
    upload(owner, ("a.pdf", data))
    [file] = stored(superuser_sql, world)
    answer = owner.get(owner.account(f"bots/{world.pelmenya.bot_id}/files/{file.id}"))
    assert answer.data == data


def test_what_the_database_held_before_stays_readable(browse, world, bucket):
    owner = browse(world.pelmenya.owner)
    answer = owner.get(owner.account(f"bots/{world.pelmenya.bot_id}/files/{world.pelmenya.file_id}"))
    assert answer.data == b"zqpelmenya picture"
    assert bucket.asked == []


def test_a_bucket_that_is_away_stores_nothing_and_says_so(browse, world, upload, bucket, superuser_sql):
    bucket.refuse = 403
    answer = upload(browse(world.pelmenya.owner), ("a.png", samples.PNG))
    assert answer.status_code == 503
    assert "cannot be stored now" in answer.text
    assert stored(superuser_sql, world) == []
    assert superuser_sql("SELECT 1 FROM getinn_ops.audit_event WHERE entity = 'bot_media'") == []


def test_a_file_that_the_bucket_lost_or_cut_is_a_pause_and_no_half_file(browse, world, upload, bucket, superuser_sql):
    owner = browse(world.pelmenya.owner)
    upload(owner, ("a.pdf", samples.PDF * 1000))
    [file] = stored(superuser_sql, world)
    path = owner.account(f"bots/{world.pelmenya.bot_id}/files/{file.id}")
    bucket.cut = 100
    assert owner.get(path).status_code == 503
    bucket.cut = None
    bucket.objects.clear()
    assert owner.get(path).status_code == 503


def test_a_bucket_that_nobody_answers_for_is_a_pause(app, world, bucket):
    settings = dataclasses.replace(bucket.settings, endpoint="http://127.0.0.1:9")
    with pytest.raises(BucketUnavailable) as caught:
        Bucket(settings).put("a", b"x", "image/png")
    assert bucket.settings.secret not in repr(caught.value)


def test_an_answer_of_the_bucket_with_a_wrong_key_is_a_refusal(bucket):
    with pytest.raises(BucketUnavailable, match="SignatureDoesNotMatch"):
        Bucket(dataclasses.replace(bucket.settings, key="another")).delete("a")


def test_a_row_never_lacks_its_object(scoped, world, bucket, superuser_sql):
    with scoped(world.pelmenya.account_id):
        file = BotFile.store(samples.PNG, "image/png")
        assert list(bucket.objects) == [object_key(world.pelmenya.account_id, file.id)]
        db.session.rollback()
    assert stored(superuser_sql, world) == []


def test_nothing_of_the_client_is_loaded_without_a_bucket(app):
    code = "import portal.media.jobs, portal.sitemap, sys; print('botocore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_the_bucket_is_read_from_its_settings():
    bucket = Config.from_environment(DATABASE | SETTINGS).media_bucket
    assert (bucket.endpoint, bucket.name, bucket.region, bucket.key) == (
        "https://s3.example.com", "files", "us-east-1", "a-key",
    )  # fmt: skip
    assert "a-secret-word" not in repr(bucket)
    assert Config.from_environment(DATABASE).media_bucket is None
    told = Config.from_environment(DATABASE | SETTINGS | {"MEDIA_BUCKET_REGION": "eu-central-1"}).media_bucket
    assert told.region == "eu-central-1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MEDIA_BUCKET_URL", "s3.example.com/files"), ("MEDIA_BUCKET_URL", "https://s3.example.com"),
        ("MEDIA_BUCKET_URL", "https://s3.example.com/a/b"), ("MEDIA_BUCKET_URL", "https://key:word@s3.example.com/files"),
        ("MEDIA_BUCKET_KEY", ""), ("MEDIA_BUCKET_SECRET", " "), ("MEDIA_BUCKET_REGION", "EU west"),
    ],
)  # fmt: skip
def test_a_bucket_that_cannot_be_is_refused_in_a_sentence_that_names_the_variable(name, value):
    with pytest.raises(ConfigurationError, match=f"^{name}") as caught:
        Config.from_environment(DATABASE | SETTINGS | {name: value})
    assert "a-secret-word" not in str(caught.value)
