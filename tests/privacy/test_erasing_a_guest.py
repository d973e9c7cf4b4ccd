"""Erasing a guest leaves nothing of them anywhere, and a line that says who did it."""

import io
import json
import re
import zipfile
from types import SimpleNamespace
from uuid import uuid4

import pytest

from portal.conversations.models import BotDialogState
from portal.db.base import JOBS_SCHEMA, SCHEMA, db
from portal.jobs.queue import OUTSIDE_RETRIES
from portal.media.bucket import BucketUnavailable
from portal.media.files import BotFile, object_key
from portal.privacy.erased_files import remove_erased_files
from portal.privacy.guest import Guest
from tests.database import insertion

WORD, CHAT = "zqxwvrhodon", "8877665544"


def page(chain, dialog_id=None):
    return f"bots/{chain.bot_id}/dialogs/{dialog_id or chain.dialog_id}/guest"


@pytest.fixture
def add(superuser_sql):
    """Insert a row past the portal; gives its id."""

    def insert(table, **values):
        row = {"id": uuid4(), **values}
        cells = [json.dumps(value) if isinstance(value, dict) else value for value in row.values()]
        superuser_sql(insertion(table, row), cells)
        return row["id"]

    return insert


@pytest.fixture
def planted(world, superuser_sql, add):
    """A unique word in every place that a guest can reach."""
    chain = world.pelmenya
    of_bot = {"account_id": chain.account_id, "bot_id": chain.bot_id, "credential_id": chain.telegram_id}
    superuser_sql(
        f"UPDATE {SCHEMA}.bot_dialog_state SET platform_chat_id = %s, person = %s, collected_data = %s,"
        " engine_state = %s WHERE id = %s",
        [CHAT, *[json.dumps({"name": f"{WORD} {CHAT}", "phone": CHAT})] * 3, chain.dialog_id],
    )
    file_id = add(
        "bot_file", account_id=chain.account_id, sha256=b"x", size=9, content_type="text/plain", storage="database",
        data=f"{WORD} {CHAT}".encode(),
    )  # fmt: skip
    message = {"dialog_id": chain.dialog_id, "kind": "text", "text": f"{WORD} said", **of_bot}
    messages = [
        add("bot_message", direction="in", author="guest", state="received", file_id=file_id, value=WORD, **message),
        add("bot_message", direction="out", author="bot", state="failed", detail=CHAT, content={"to": WORD}, **message),
        add("bot_message", direction="out", author="bot", state="queued", **message),
    ]
    update = {
        "dedupe_key": str(uuid4()),
        "kind": "message",
        "payload": json.dumps({"id": CHAT, "text": WORD}),
        **of_bot,
    }
    for state in ("pending", "done", "dead"):
        add("bot_inbound_update", chat_id=CHAT, state=state, **update | {"dedupe_key": f"{WORD}{state}"})
    add("bot_inbound_update", state="done", **update | {"kind": "receipt"})
    names = {"platform": "telegram", "alias": f"RU.{WORD}", "chat_id": CHAT}
    add("bot_chat_alias", account_id=chain.account_id, bot_id=chain.bot_id, **names)
    add("bot_platform_event", occasion="test", result="failed", detail=f"no chat {CHAT}", **of_bot)
    add(
        "notice", account_id=chain.account_id, kind="x", permission="x", entity="bot_dialog_state",
        entity_id=chain.dialog_id, entity_label=WORD, parameters={"said": WORD},
    )  # fmt: skip
    log = {"account_id": chain.account_id, "at": "2026-01-01", "as_superuser": False}
    for entity, entity_id in (("bot_dialog_state", chain.dialog_id), ("bot_message", messages[1])):
        add(
            "audit_event",
            action="edited",
            entity=entity,
            entity_id=entity_id,
            entity_label=WORD,
            before={"a": WORD},
            **log,
        )
    add("audit_event", action="replayed", entity="bot_inbound_update", entity_id=uuid4(), entity_label=CHAT, **log)
    add(
        "audit_event", action="tested", entity="bot_platform_credential", entity_id=chain.telegram_id,
        entity_label="Bot", after={"chat": CHAT}, **log,
    )  # fmt: skip
    return chain


def test_nothing_of_an_erased_guest_is_left_in_any_column(planted, world, browse, places):
    assert len(places(WORD)) > 12
    assert len(places(CHAT)) > 9
    owner = browse(planted.owner)
    answer = owner.post(owner.account(page(planted)), {"chat": CHAT, "_method": "DELETE"})
    assert answer.status_code == 303
    assert places(WORD) == set()
    assert places(CHAT) == set()


def test_the_log_keeps_who_erased_and_what_was_done_to_them_before(planted, browse, superuser_sql):
    owner = browse(planted.owner)
    owner.post(owner.account(page(planted)), {"chat": CHAT, "_method": "DELETE"})
    lines = superuser_sql(
        f"SELECT action, actor_email, entity_label FROM {SCHEMA}.audit_event WHERE entity_id = %s", [planted.dialog_id]
    )
    told = {(line.action, line.actor_email) for line in lines}
    assert ("erased", planted.owner.email) in told
    assert "edited" in {line.action for line in lines}


def test_other_guests_and_other_chains_keep_what_is_theirs(planted, world, browse, superuser_sql, add):
    rival = world.vareniki
    superuser_sql(f"UPDATE {SCHEMA}.bot_dialog_state SET platform_chat_id = %s WHERE id = %s", [CHAT, rival.dialog_id])
    neighbour = add(
        "bot_inbound_update", account_id=planted.account_id, bot_id=planted.bot_id, credential_id=planted.telegram_id,
        chat_id="1", dedupe_key="neighbour", kind="message", payload=json.dumps({"text": f"call {CHAT}"}),
    )  # fmt: skip
    before = superuser_sql(f"SELECT count(*) AS n FROM {SCHEMA}.bot_message WHERE account_id = %s", [rival.account_id])
    owner = browse(planted.owner)
    owner.post(owner.account(page(planted)), {"chat": CHAT, "_method": "DELETE"})
    after = superuser_sql(f"SELECT count(*) AS n FROM {SCHEMA}.bot_message WHERE account_id = %s", [rival.account_id])
    assert before == after != []
    assert superuser_sql(f"SELECT 1 FROM {SCHEMA}.bot_dialog_state WHERE id = %s", [rival.dialog_id])
    assert superuser_sql(f"SELECT 1 FROM {SCHEMA}.bot_inbound_update WHERE id = %s", [neighbour])


@pytest.mark.parametrize("typed", ["", "1", CHAT[:-1], f"{CHAT}0"])
def test_without_the_chat_typed_nothing_is_erased(planted, browse, places, typed):
    owner = browse(planted.owner)
    before = places(WORD)
    answer = owner.post(owner.account(page(planted)), {"chat": typed, "_method": "DELETE"})
    assert answer.status_code == 422
    assert places(WORD) == before


def test_only_an_owner_of_the_chain_may(planted, world, browse):
    for person in (planted.manager, planted.viewer):
        browser = browse(person)
        assert browser.get(browser.account(page(planted))).status_code == 403
    rival = browse(world.vareniki.owner)
    assert rival.get(rival.account(page(planted))).status_code == 404


def test_the_export_holds_what_is_held(planted, browse):
    owner = browse(planted.owner)
    answer = owner.get(owner.account(f"{page(planted)}/export"))
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    files = [text for name, text in texts.items() if name.startswith("files/")]
    assert f"{WORD} {CHAT}" in files
    assert WORD in texts["conversations.json"]
    assert texts["messages.jsonl"].count(f"{WORD} said") == 3
    assert texts["deliveries.jsonl"].count(WORD) >= 4
    assert json.loads(texts["about.json"])["files_left_out"] == []


def test_the_page_says_how_much_there_is(planted, browse):
    owner = browse(planted.owner)
    shown = owner.get(owner.account(page(planted))).text
    assert {WORD, CHAT} <= set(re.findall(r"\w+", shown))


def test_files_of_a_bucket_are_removed_by_a_job_that_names_them(planted, browse, superuser_sql):
    [file] = superuser_sql(
        f"UPDATE {SCHEMA}.bot_file SET storage = 'bucket', data = NULL WHERE sha256 = 'x' RETURNING id"
    )
    owner = browse(planted.owner)
    owner.post(owner.account(page(planted)), {"chat": CHAT, "_method": "DELETE"})
    [job] = superuser_sql(
        f"SELECT args FROM {JOBS_SCHEMA}.procrastinate_jobs WHERE task_name = 'remove_erased_files'"
        " ORDER BY id DESC LIMIT 1"
    )
    assert job.args["file_ids"] == str(file.id)


@pytest.fixture
def in_bucket(planted, scoped, bucket, superuser_sql, add):
    """Two files of the guest, and one of another guest, kept in a bucket; their keys."""
    with scoped(planted.account_id):
        files = [BotFile.store(f"{WORD} {number}".encode(), "text/plain").id for number in range(3)]
        db.session.commit()
    message = {"account_id": planted.account_id, "bot_id": planted.bot_id, "credential_id": planted.telegram_id}
    message |= {"direction": "in", "author": "guest", "state": "received", "kind": "document", "text": ""}
    other = add(
        "bot_dialog_state", account_id=planted.account_id, bot_id=planted.bot_id, platform="telegram",
        platform_chat_id="1", current_step="x", last_interaction_at="2026-01-01",
    )  # fmt: skip
    for file_id, dialog_id in zip(files, (planted.dialog_id, planted.dialog_id, other), strict=True):
        add("bot_message", dialog_id=dialog_id, file_id=file_id, **message)
    return [object_key(planted.account_id, file_id) for file_id in files]


@pytest.fixture
def erased(planted, in_bucket, browse, superuser_sql):
    """The guest is erased: the arguments of the job that is to empty the bucket."""
    owner = browse(planted.owner)
    assert owner.post(owner.account(page(planted)), {"chat": CHAT, "_method": "DELETE"}).status_code == 303
    jobs = f"SELECT args FROM {JOBS_SCHEMA}.procrastinate_jobs WHERE task_name = 'remove_erased_files'"
    [job] = superuser_sql(jobs)
    return {name: job.args[name] for name in ("file_ids", "account_id")}


def kept(superuser_sql):
    return len(superuser_sql(f"SELECT 1 FROM {SCHEMA}.bot_file WHERE storage = 'bucket'"))


def test_what_an_erased_guest_sent_goes_from_the_bucket_and_what_others_sent_stays(
    in_bucket, erased, bucket, run_job, superuser_sql, places
):
    assert set(bucket.objects) == set(in_bucket)
    run_job(remove_erased_files, **erased)
    assert set(bucket.objects) == {in_bucket[2]}
    assert kept(superuser_sql) == 1
    assert places(WORD) == set()


def test_an_object_that_a_row_has_come_to_name_stays_with_its_row(
    planted, in_bucket, erased, bucket, run_job, superuser_sql
):
    first = erased["file_ids"].split(",")[0]
    others = f"UPDATE {SCHEMA}.bot_message SET file_id = %s WHERE file_id IS NOT NULL AND account_id = %s"
    superuser_sql(others, [first, planted.account_id])
    run_job(remove_erased_files, **erased)
    assert object_key(planted.account_id, first) in bucket.objects
    assert set(bucket.objects) < set(in_bucket)


@pytest.mark.parametrize("refused", [[0], [1], [0, 1]], ids=["the first", "the second", "all"])
def test_a_bucket_that_refuses_once_keeps_no_file_of_an_erased_guest(
    in_bucket, erased, bucket, run_job, superuser_sql, refused
):
    bucket.refused_keys = {in_bucket[number] for number in refused}
    with pytest.raises(BucketUnavailable) as fault:
        run_job(remove_erased_files, **erased)
    # No row is gone of which the object may still be there, and the job is run again.
    assert kept(superuser_sql) == 3
    assert OUTSIDE_RETRIES.get_retry_decision(exception=fault.value, job=SimpleNamespace(attempts=1)) is not None
    bucket.refused_keys = set()
    run_job(remove_erased_files, **erased)
    assert set(bucket.objects) == {in_bucket[2]}
    assert kept(superuser_sql) == 1


def test_the_job_that_empties_the_bucket_reaches_no_other_chain(world, erased, bucket, run_job, superuser_sql):
    run_job(remove_erased_files, **erased | {"account_id": str(world.vareniki.account_id)})
    assert len(bucket.objects) == 3
    assert kept(superuser_sql) == 3


def test_a_chat_is_held_by_the_lock_that_workers_ask_for(app, planted, scoped, connect):
    with scoped(planted.account_id):
        conversation = db.session.get(BotDialogState, planted.dialog_id)
        assert conversation is not None
        Guest(conversation).erase()
        with connect() as worker, worker.transaction():
            query = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s || ' ' || %s, 0))"
            assert worker.execute(query, [str(planted.telegram_id), CHAT]).fetchone() == (False,)
            assert worker.execute(query, [str(planted.telegram_id), "another"]).fetchone() == (True,)
        db.session.rollback()
