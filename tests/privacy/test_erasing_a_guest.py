"""Erasing a guest leaves nothing of them anywhere, and a line that says who did it."""

import io
import json
import re
import zipfile
from uuid import uuid4

import pytest

from portal.conversations.models import BotDialogState
from portal.db.base import JOBS_SCHEMA, SCHEMA, db
from portal.privacy.guest import Guest
from tests.database import insertion

WORD, CHAT = "zqxwvrhodon", "8877665544"
TEXTS = ("text", "character varying", "jsonb", "bytea", "ARRAY")


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


@pytest.fixture
def places(superuser_sql):
    """Every column of the database that holds a word."""

    def find(word):
        columns = superuser_sql(
            "SELECT table_schema AS schema, table_name AS table, column_name AS column, data_type AS type"
            " FROM information_schema.columns WHERE table_schema = ANY(%s) AND data_type = ANY(%s)",
            [[SCHEMA, JOBS_SCHEMA], list(TEXTS)],
        )
        found = set()
        for each in columns:
            column = f'"{each.column}"'
            looked_for = "convert_to(%s, 'UTF8')" if each.type == "bytea" else "%s"
            within = column if each.type == "bytea" else f"{column}::text"
            rows = superuser_sql(
                f'SELECT 1 FROM {each.schema}."{each.table}" WHERE position({looked_for} IN {within}) > 0', [word]
            )
            found |= {f"{each.table}.{each.column}"} if rows else set()
        return found

    return find


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
