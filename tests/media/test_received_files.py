"""Fetching what people send: checked by content, tried again, given up, never stored twice."""

import contextvars

import pytest

from portal.db.base import db
from portal.messaging.receiving.files import MAX_TRIES, fetch_received_file
from portal.messengers.errors import CredentialsRefused, Rejected, Throttled, Unavailable, Unclear
from portal.messengers.registry import PLATFORMS
from portal.messengers.results import Fetched
from tests.media import samples


@pytest.fixture
def message(world, superuser_sql):
    """Reads the message with a file, which waits for it to be fetched."""
    sent = '{"file": {"reference": "ref-1", "name": "me.jpg", "content_type": "image/jpeg"}}'
    superuser_sql(
        "UPDATE getinn_ops.bot_message SET file_id = NULL, file_state = 'waiting', content = %s::jsonb WHERE id = %s",
        [sent, world.pelmenya.image_message_id],
    )
    query = (
        "SELECT m.*, f.data, f.content_type, f.storage, f.id AS stored_id FROM getinn_ops.bot_message m"
        " LEFT JOIN getinn_ops.bot_file f ON f.id = m.file_id WHERE m.id = %s"
    )
    return lambda: superuser_sql(query, [world.pelmenya.image_message_id])[0]


@pytest.fixture
def platform(monkeypatch):
    """Answers fetches: an exception is raised, anything else is the file; ``asked`` holds (reference, cap)."""

    class Stand:
        answer = samples.JPEG
        meanwhile = None

        def __init__(self):
            self.asked = []

        def fetch(self, call, reference, cap_bytes):
            self.asked.append((reference, cap_bytes))
            self.was_in_transaction = db.session().in_transaction()
            if self.meanwhile:
                self.meanwhile()
            if isinstance(self.answer, Exception):
                raise self.answer
            return Fetched(self.answer, "image/jpeg", "claimed.jpg")

    stand = Stand()
    monkeypatch.setattr(PLATFORMS["telegram"].inbound, "fetch", stand.fetch)
    return stand


@pytest.fixture
def fetch(run_job, world):
    def run():
        chain = world.pelmenya
        run_job(fetch_received_file, message_id=str(chain.image_message_id), account_id=str(chain.account_id))

    return run


def test_a_file_is_fetched_looked_at_and_kept(message, platform, fetch, world, browse):
    platform.answer = samples.PNG
    fetch()
    row = message()
    assert (row.file_state, row.error, row.content_type) == ("stored", None, "image/png")
    assert bytes(row.data) == samples.PNG
    assert platform.asked == [("ref-1", 20 * 1024 * 1024)]
    viewer = browse(world.pelmenya.viewer)
    assert viewer.get(viewer.account(f"bots/{world.pelmenya.bot_id}/files/{row.file_id}")).data == samples.PNG


def test_no_transaction_is_open_while_the_platform_is_asked(message, platform, fetch):
    fetch()
    assert platform.was_in_transaction is False


@pytest.mark.parametrize(
    ("data", "reason"),
    [(samples.HTML, "file_type"), (samples.SVG, "file_type"), (b"MZ\x90\x00", "file_type"), (b"", "file_type"),
     (samples.PDF + bytes(20 * 1024 * 1024), "file_too_large")],
    ids=["page", "drawing", "program", "nothing", "large"],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_with_a_reason(message, platform, fetch, data, reason, waiting_jobs):
    platform.answer = data
    fetch()
    assert (message().file_state, message().error, message().file_id) == ("refused", reason, None)
    assert waiting_jobs() == []


@pytest.mark.parametrize(
    ("fault", "state", "reason"),
    [
        (Rejected("file_too_large"), "refused", "file_too_large"),
        (Rejected("file_gone"), "failed", "file_gone"),
        (CredentialsRefused(), "failed", "credentials_refused"),
    ],
)
def test_what_is_refused_for_good_is_not_tried_again(message, platform, fetch, waiting_jobs, fault, state, reason):
    platform.answer = fault
    fetch()
    assert (message().file_state, message().error) == (state, reason)
    assert waiting_jobs() == []


@pytest.mark.parametrize("fault", [Unavailable(), Unclear(), Throttled(7)])
def test_what_may_pass_is_tried_again_later_and_given_up_after_five_times(
    message, platform, fetch, waiting_jobs, superuser_sql, fault
):
    platform.answer = fault
    waits = []
    for tries in range(1, MAX_TRIES):
        fetch()
        assert (message().file_state, message().attempts) == ("waiting", tries)
        job = waiting_jobs()[-1]
        [row] = superuser_sql("SELECT extract(epoch FROM %s::timestamptz - now()) AS seconds", [job.scheduled_at])
        waits.append(row.seconds)
    assert waits == sorted(waits)
    assert waits[0] > 5
    assert waits[-1] > 300
    fetch()
    assert (message().file_state, message().error) == ("failed", fault.code)
    assert len(waiting_jobs()) == MAX_TRIES - 1


def test_a_platform_is_left_alone_for_as_long_as_it_says(message, platform, fetch, waiting_jobs, superuser_sql):
    platform.answer = Throttled(900)
    fetch()
    [job] = waiting_jobs()
    [row] = superuser_sql("SELECT %s::timestamptz > now() + interval '800 s' AS later", [job.scheduled_at])
    assert row.later


def test_a_second_run_changes_nothing(message, platform, fetch, superuser_sql):
    fetch()
    first = message()
    fetch()
    assert message() == first
    assert len(platform.asked) == 1


def test_a_run_that_was_thought_dead_and_came_back_stores_no_second_file(message, platform, fetch, superuser_sql):
    """Two runs side by side: the other one finishes while this one waits for the platform."""
    count = "SELECT count(*) AS n FROM getinn_ops.bot_file"
    before = superuser_sql(count)[0].n

    def other_run():
        platform.meanwhile = None
        contextvars.Context().run(fetch)

    platform.meanwhile = other_run
    fetch()
    assert message().file_state == "stored"
    assert superuser_sql(count)[0].n == before + 1


def test_a_crash_between_bucket_and_commit_leaves_one_object(message, platform, fetch, bucket, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(db.session, "commit", crash)
        with pytest.raises(KeyboardInterrupt):
            fetch()
    assert message().file_state == "waiting"
    fetch()
    assert message().file_state == "stored"
    assert len(bucket.objects) == 1


def crash():
    raise KeyboardInterrupt


def test_a_bucket_that_is_away_is_tried_again(message, platform, fetch, bucket, waiting_jobs):
    bucket.refuse = 403
    fetch()
    assert (message().file_state, message().attempts) == ("waiting", 1)
    assert len(waiting_jobs()) == 1
    bucket.refuse = None
    fetch()
    assert (message().file_state, message().storage) == ("stored", "bucket")


def test_a_platform_that_was_disconnected_meanwhile_is_not_asked(message, platform, fetch, superuser_sql, world):
    superuser_sql(
        "UPDATE getinn_ops.bot_platform_credential SET superseded_at = timezone('utc', now()) WHERE id = %s",
        [world.pelmenya.telegram_id],
    )
    fetch()
    assert (message().file_state, message().error) == ("failed", "not_connected")
    assert platform.asked == []


def test_a_message_of_another_chain_is_not_touched(message, platform, run_job, world):
    run_job(
        fetch_received_file, message_id=str(world.pelmenya.image_message_id), account_id=str(world.vareniki.account_id)
    )
    assert message().file_state == "waiting"
    assert platform.asked == []


def test_the_job_carries_ids_alone(scoped, world, waiting_jobs):
    with scoped(world.pelmenya.account_id):
        fetch_received_file.queue(message_id=str(world.pelmenya.message_id), account_id=str(world.pelmenya.account_id))
        db.session.commit()
    [job] = waiting_jobs()
    assert job.args == {"message_id": str(world.pelmenya.message_id), "account_id": str(world.pelmenya.account_id)}
