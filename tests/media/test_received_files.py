"""Fetching what people send: checked by content, tried again, given up, never stored twice."""

import contextvars

import pytest

from portal.db.base import db
from portal.media import files as stored_files
from portal.messaging.receiving import files
from portal.messaging.receiving.files import MAX_TRIES, fetch_lost_files, fetch_received_file
from portal.messengers.errors import CredentialsRefused, Rejected, Resting, Throttled, Unavailable, Unclear
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
    ],
)
def test_what_is_refused_for_good_is_not_tried_again(message, platform, fetch, waiting_jobs, fault, state, reason):
    platform.answer = fault
    fetch()
    assert (message().file_state, message().error) == (state, reason)
    assert waiting_jobs() == []


@pytest.mark.parametrize("fault", [Unavailable(), Unclear()])
def test_what_may_pass_is_tried_again_later_and_given_up_after_some_hours(
    message, platform, fetch, waiting_jobs, superuser_sql, fault
):
    platform.answer = fault
    waits = []
    for tries in range(1, MAX_TRIES):
        fetch()
        assert (message().file_state, message().attempts) == ("waiting", tries)
        [job] = waiting_jobs()
        [row] = superuser_sql("SELECT extract(epoch FROM %s::timestamptz - now()) AS seconds", [job.scheduled_at])
        waits.append(round(row.seconds))
    assert waits == sorted(waits)
    assert waits[0] > 5
    assert waits[-1] > 3000
    fetch()
    assert (message().file_state, message().error) == ("failed", fault.code)
    assert len(waiting_jobs()) == 1


def test_a_platform_is_left_alone_for_as_long_as_it_says(message, platform, fetch, waiting_jobs, superuser_sql):
    platform.answer = Throttled(900)
    fetch()
    [job] = waiting_jobs()
    [row] = superuser_sql("SELECT %s::timestamptz > now() + interval '800 s' AS later", [job.scheduled_at])
    assert row.later


@pytest.mark.parametrize("fault", [CredentialsRefused(), Throttled(7), Resting(30)])
def test_what_waits_for_somebody_else_costs_no_try(message, platform, fetch, waiting_jobs, fault):
    platform.answer = fault
    for _ in range(MAX_TRIES + 3):
        fetch()
    assert (message().file_state, message().attempts, message().error) == ("waiting", 0, fault.code)
    assert len(waiting_jobs()) == 1
    platform.answer = samples.PNG
    fetch()
    assert (message().file_state, message().error) == ("stored", None)


def test_a_token_is_not_waited_for_for_ever(message, platform, fetch, superuser_sql, world):
    platform.answer = CredentialsRefused()
    superuser_sql(
        "UPDATE getinn_ops.bot_message SET created_at = created_at - interval '400 days' WHERE id = %s",
        [world.pelmenya.image_message_id],
    )
    fetch()
    assert (message().file_state, message().error) == ("failed", "credentials_refused")


@pytest.fixture
def sweep(run_job):
    return lambda: run_job(fetch_lost_files)


def test_a_file_whose_job_was_lost_is_asked_for_again(
    message, platform, fetch, sweep, waiting_jobs, superuser_sql, world
):
    superuser_sql(
        "UPDATE getinn_ops.bot_message SET due_at = now() - interval '10 minutes' WHERE file_state = 'waiting'"
    )
    sweep()
    [job] = waiting_jobs()
    assert job.args["message_id"] == str(world.pelmenya.image_message_id)
    sweep()
    assert len(waiting_jobs()) == 1


def test_a_file_that_has_just_come_is_left_to_its_job(message, sweep, waiting_jobs, superuser_sql):
    superuser_sql("UPDATE getinn_ops.bot_message SET due_at = timezone('utc', now()) WHERE file_state = 'waiting'")
    sweep()
    assert waiting_jobs() == []


def test_a_new_token_brings_the_files_that_wait_for_one_at_once(
    message, platform, fetch, sweep, waiting_jobs, superuser_sql, world
):
    platform.answer = CredentialsRefused()
    fetch()
    [job] = waiting_jobs()
    assert job.scheduled_at is not None
    sweep()
    assert waiting_jobs() == [job]
    superuser_sql(
        "UPDATE getinn_ops.bot_platform_credential SET webhook_auto_refresh = webhook_auto_refresh WHERE id = %s",
        [world.pelmenya.telegram_id],
    )
    sweep()
    [job] = waiting_jobs()
    assert job.scheduled_at is None


def test_the_many_lost_files_of_one_chain_do_not_stand_before_the_few_of_another(
    message, sweep, waiting_jobs, superuser_sql, world, monkeypatch
):
    monkeypatch.setattr(files, "MAX_SWEPT", 4)
    # A table that was small a moment ago: the server may ask anew for each row what is to be claimed.
    superuser_sql("VACUUM getinn_ops.bot_message")
    for chain, copies in ((world.pelmenya, 20), (world.vareniki, 2)):
        columns = (
            "account_id, bot_id, credential_id, dialog_id, direction, author, kind, content, state, file_state, due_at"
        )
        superuser_sql(
            f"INSERT INTO getinn_ops.bot_message ({columns}) SELECT account_id, bot_id, credential_id, dialog_id, 'in',"
            " 'guest', 'image', content, 'received', 'waiting', now() - interval '1 day'"
            " FROM getinn_ops.bot_message, generate_series(1, %s) WHERE id = %s",
            [copies, chain.image_message_id],
        )
    sweep()
    accounts = [job.args["account_id"] for job in waiting_jobs()]
    assert sorted(accounts) == sorted(2 * [str(world.pelmenya.account_id)] + 2 * [str(world.vareniki.account_id)])


def test_a_chain_whose_room_is_used_up_keeps_no_more_files_and_is_told(
    message, platform, fetch, monkeypatch, superuser_sql, browse, world
):
    monkeypatch.setattr(stored_files, "MAX_ACCOUNT_BYTES", 10)
    fetch()
    assert (message().file_state, message().error) == ("refused", "store_full")
    assert platform.asked == []
    [notice] = superuser_sql("SELECT * FROM getinn_ops.notice WHERE kind = 'files_refused'")
    assert (notice.entity_id, notice.account_id) == (world.pelmenya.bot_id, world.pelmenya.account_id)
    owner = browse(world.pelmenya.owner)
    page = owner.get(owner.account(f"bots/{world.pelmenya.bot_id}/dialogs/{message().dialog_id}")).text
    assert "The file was not accepted. The chain&#39;s room for files is used up" in page


def test_one_chains_full_room_is_no_others(message, platform, fetch, monkeypatch, superuser_sql, world):
    taken = superuser_sql(
        "SELECT sum(size) AS n FROM getinn_ops.bot_file WHERE account_id = %s", [world.pelmenya.account_id]
    )[0].n
    monkeypatch.setattr(stored_files, "MAX_ACCOUNT_BYTES", taken + 1)
    fetch()
    assert message().file_state == "stored"


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
