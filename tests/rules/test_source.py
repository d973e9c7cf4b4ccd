"""What the portal's source may do where: doors, SQL by hand, directions of imports."""

import ast

import pytest

from tests.rules.source import modules

# Who may start outside an account (``system_scope``), and why.
DOORS = {
    "portal/accounts/chain_page.py": "the superusers' list of accounts",
    "portal/auth/password_changes.py": "a link that resets a password",
    "portal/auth/decoys.py": "counts the kinds of hashes that people have",
    "portal/auth/session_command.py": "an operator signs everybody out",
    "portal/auth/signing_in.py": "the log-in by e-mail",
    "portal/auth/pending.py": "a sign-in that waits for its second factor",
    "portal/auth/sessions.py": "ends the visits of a session, in whichever chains",
    "portal/auth/factors/passkeys.py": "the log-in by a passkey alone; that no passkey is two people's",
    "portal/media/jobs.py": "removes files that nothing names, one account after the other",
    "portal/channels/webhook_health/jobs.py": "the round of checks of webhooks",
    "portal/messaging/receiving/files.py": "files whose job was lost",
    "portal/messaging/receiving/jobs.py": "removes updates that were worked off long ago",
    "portal/messaging/receiving/polling.py": "finds the bots that are to be polled",
    "portal/messaging/transactions.py": "the worker's threads look over all accounts for what is due",
    "portal/cli.py": "commands that go through all accounts",
    "portal/deployment/resting.py": "counts what waits for a release",
    "portal/development/demo/command.py": "asks whether the database is empty",
    "portal/development/demo/coming_alive.py": "finds the demo chains",
    "portal/development/demo/loading.py": "the demo data make their accounts",
    "portal/housekeeping.py": "the scheduler's sweeps",
    "portal/iiko/sync/rounds.py": "which servers are due, which runs have lost their worker, what was kept long enough",
    "portal/iiko/seats/sweep.py": "finds the seats of iiko that nobody gave back",
    "portal/attacks/attack_page.py": "names the chains that were attacked, for superusers",
    "portal/auth/failed_sign_ins.py": "which people's failed sign-ins no line has told",
    "portal/telemetry/queries.py": "how the queues of all accounts stand",
    "portal/auth/joining.py": "a link that invites",
    "portal/auth/queries.py": "notes that a session and a visit are in use",
    "portal/onboarding/paper_reminders.py": "the daily round of papers that end",
    "portal/invoices/telling.py": "the round of exceptions with money at stake",
    "portal/purchase_orders/telling.py": "the round of late orders",
    "portal/onboarding/messages/jobs.py": "finds people who should have been told something already",
    "portal/onboarding/messages/reminding.py": "the round of steps that are due",
    "portal/privacy/jobs.py": "removes what was kept long enough, of all accounts in turns",
    "portal/notices/jobs.py": "which notices are to be mailed, and which are old enough to be forgotten",
    "portal/users/operators.py": "the operator's own account and its superusers",
}
# Where SQL may be written by hand or built of tables, beside ``queries.py`` and ``listing.py``.
SQL_BY_HAND = {
    "portal/web/proofs.py": "a request that can only look says so to the database",
    "portal/audit/history.py": "the latest lines of the log, past the session",
    "portal/channels/linked_files.py": "the messengers of a bot, beside the rows of a list",
    "portal/jobs/waiting.py": "the queue's own table: one waits, not forty",
    "portal/web/costly.py": "the place of a costly page is a lock",
    "portal/accounts/models.py": "an index in natural order",
    "portal/audit/models.py": "conditions of indexes and defaults",
    "portal/catalogue/models.py": "conditions of indexes and defaults",
    "portal/catalogue/price_page.py": "a price with its paper in one statement",
    "portal/catalogue/price_rows.py": "prices of hundreds of lines in one statement, over all restaurants",
    "portal/catalogue/prices.py": "conditions of indexes and defaults",
    "portal/inventory/conditions.py": "the conditions of lists by the day of each restaurant",
    "portal/purchase_orders/models.py": "defaults",
    "portal/inventory/models.py": "conditions of indexes and defaults",
    "portal/deliveries/models.py": "conditions of indexes and defaults",
    "portal/inventory/standing.py": "how the stock of a place stands in one statement",
    "portal/catalogue/settings.py": "defaults of columns",
    "portal/channels/models.py": "conditions of indexes and defaults",
    "portal/channels/status.py": "the word for a platform, in the lists of several rooms",
    "portal/overview/overview.py": "figures over all rooms in few statements",
    "portal/overview/receiving.py": "figures of receiving, within that statement",
    "portal/conversations/models.py": "conditions of indexes and defaults",
    "portal/messaging/line_pool.py": "lines past the session, for deliveries and steps",
    "portal/messaging/inbound_updates.py": "conditions of indexes and defaults",
    "portal/conversations/moving.py": "a conversation that goes on under another id of the person",
    "portal/messaging/receiving/inbox.py": "stores what was delivered",
    "portal/channels/open_channel.py": "the statement that opens a delivery",
    "portal/scenarios/models.py": "conditions of indexes and defaults",
    "portal/messaging/receiving/polling.py": "locks for the whole of a session",
    "portal/messaging/sending/outbox.py": "claims messages",
    "portal/messaging/presence.py": "the worker's lock, and its ear",
    "portal/messaging/due.py": "looks over all accounts for what is due",
    "portal/messaging/transactions.py": "transactions of steps, past the session",
    "portal/messaging/sending/candidates.py": "looks over all accounts for what can be sent",
    "portal/conversations/records.py": "a conversation's row past the session",
    "portal/conversations/message_rows.py": "messages of steps, whoever takes them",
    "portal/scenarios/programs.py": "what a step needs of a version",
    "portal/messaging/receiving/receipts.py": "notes what receipts tell",
    "portal/messaging/sending/recovery.py": "takes back what dead workers had in hand",
    "portal/messaging/sending/retry_policy.py": "notes what calls came to",
    "portal/db/base.py": "the default of every id",
    "portal/db/connecting.py": "tells each connection its settings",
    "portal/db/cursor.py": "hands statements to psycopg",
    "portal/db/planning.py": "what the planner is told of",
    "portal/db/unit_of_work.py": "rolls back without the driver forgetting what is prepared",
    "portal/development/embedded.py": "makes roles and databases",
    "portal/db/joint_updates.py": "one statement for rows that are switched alike",
    "portal/db/joint_writes.py": "one statement for the rows of a flush",
    "portal/db/many_writes.py": "one statement for hundreds of rows of a kind",
    "portal/db/records.py": "asks the mapping for a column",
    "portal/db/restaurant_limit.py": "the subquery for the parents of limited rows",
    "portal/db/sealing.py": "looks for columns that hold secrets",
    "portal/deployment/resting.py": "counts what waits for a release",
    "portal/deployment/state.py": "asks past the session, over a line of its own",
    "portal/doctor/database.py": "asks the catalogue",
    "portal/doctor/examination.py": "counts sealed secrets by key",
    "portal/doctor/pooling.py": "looks for traces of a pooler",
    "portal/doctor/stored.py": "counts over all accounts",
    "portal/iiko/models.py": "conditions of indexes and defaults",
    "portal/iiko/sync/models.py": "conditions of indexes and defaults",
    "portal/iiko/seats/models.py": "conditions of indexes and defaults",
    "portal/iiko/seats/lock.py": "the lock of a server, for the whole of a session",
    "portal/iiko/seats/log_ins.py": "log-ins are committed by themselves, past the session",
    "portal/jobs/queue.py": "hands the transaction to the job queue",
    "portal/notices/models.py": "conditions of indexes and defaults",
    "portal/notices/raising.py": "the database decides whether a notice is new",
    "portal/onboarding/intake/models.py": "conditions of indexes and defaults",
    "portal/reconciliations/models.py": "conditions of indexes and defaults",
    "portal/restaurants/page.py": "a restaurant and its people in one statement",
    "portal/staff/papers/models.py": "conditions of indexes and defaults",
    "portal/onboarding/messages/models.py": "conditions of indexes",
    "portal/privacy/models.py": "defaults of columns",
    "portal/staff/papers/reminding.py": "notes over all papers of an account what is due",
    "portal/users/chain.py": "the zone of the chain within a condition of lists",
    "portal/staff/papers/conditions.py": "the conditions of lists by the day of each restaurant",
    "portal/tenancy/ceilings.py": "counts past the limit to restaurants",
    "portal/tenancy/objects.py": "rows for the session, past its reading",
    "portal/tenancy/reading.py": "rows for pages, past the session",
    "portal/tenancy/scope.py": "tells the database the account",
    "portal/mail/models.py": "conditions of indexes",
    "portal/staff/models.py": "conditions of indexes and defaults",
    "portal/invoices/models.py": "conditions of indexes and defaults",
    "portal/suppliers/models.py": "defaults of columns",
    "portal/documents/models.py": "defaults of columns",
    "portal/invoices/files/models.py": "defaults of columns",
    "portal/invoices/places.py": "what a place bought and what waits, in one statement",
    "portal/staff/today_page.py": "who waits for what, over all restaurants in few statements",
    "portal/onboarding/engagement.py": "conditions of indexes and defaults",
    "portal/onboarding/lateness.py": "the condition of lists by the day of each restaurant",
    "portal/onboarding/models.py": "conditions of indexes and defaults",
    "portal/onboarding/seeds.py": "the database decides whether a chain has its checklist already",
    "portal/onboarding/templates.py": "conditions of indexes and defaults",
    "portal/onboarding/standing.py": "how somebody stands, for lists and counts alike",
    "portal/users/models.py": "conditions of indexes",
    "portal/conversations/activity.py": "counts without reading conversations",
    "portal/web/listing/parent.py": "the one reader of lists",
    "portal/web/listing/reading.py": "the one reader of lists",
    "portal/web/listing/records.py": "joins what a list refers to",
    "portal/web/listing/search.py": "the condition by search entries",
    "portal/web/listing/statement.py": "the one reader of lists",
}
COMMITTING = {
    "portal/auth/session_command.py": "a command",
    "portal/attacks/counting.py": "what was counted in the process",
    "portal/auth/failed_sign_ins.py": "one person after the other",
    "portal/mail/delivering.py": "no transaction is open during a call to the outside",
    "portal/auth/throttle.py": "a guess counts even when the request fails",
    "portal/auth/factors/proving.py": "a guess at a factor counts and is told even when the request fails",
    "portal/auth/confirmation.py": "what proved a person is spent even when the form that waits fails",
    "portal/channels/webhook_health/jobs.py": "claims, and one visit after the other",
    "portal/channels/attachment.py": "a bot is held before the messenger is told where to deliver",
    "portal/media/jobs.py": "one account after the other",
    "portal/messaging/receiving/jobs.py": "one batch after the other",
    "portal/onboarding/intake/jobs.py": "that answers are not in the record is told even though they are tried again",
    "portal/onboarding/bringing_along.py": "one batch of checklists after the other",
    "portal/conversations/version_migration.py": "one batch of conversations after the other",
    "portal/messaging/receiving/polling.py": "updates and the place to go on from",
    "portal/messaging/transactions.py": "units of work of the worker's threads",
    "portal/messaging/receiving/webhooks.py": "what is acknowledged is kept",
    "portal/cli.py": "commands",
    "portal/db/connecting.py": "what a session is told at its start",
    "portal/deployment/commands.py": "commands",
    "portal/safety.py": "the database's first name",
    "portal/development/demo/command.py": "a command",
    "portal/development/demo/coming_alive.py": "a command",
    "portal/db/unit_of_work.py": "requests",
    "portal/web/listing/export.py": "a download that goes on after its request",
    "portal/housekeeping.py": "one account after the other",
    "portal/jobs/rounds.py": "a batch of each account after a batch of the others",
    "portal/privacy/expiry.py": "a line for each account on what was removed",
    "portal/reconciliations/jobs.py": "how far a comparison has come is told while it goes on",
    "portal/iiko/sync/rounds.py": "one server, one batch of an account after the other",
    "portal/iiko/sync/runner.py": "no transaction is open during a call to the outside; each kind is one",
    "portal/iiko/sync/stopping.py": "a run that is read gives a sign of life",
    "portal/jobs/queue.py": "jobs",
}
HAND_CALLS = {"text", "exec_driver_sql", "cursor", "literal_column", "from_statement"}
HAND_ATTRIBUTES = {"__table__", "driver_connection"}
UNSAID_IN_VIEWS = {"select", "execute", "scalars", "scalar", "commit", "text", "dumps", "jsonify"}

PURE = {
    "portal/scenarios/document/conditions.py", "portal/scenarios/document/document.py", "portal/scenarios/flow/flow.py",
    "portal/scenarios/checks/linter.py", "portal/scenarios/document/steps.py", "portal/scenarios/flow/routing.py",
}  # fmt: skip


def test_only_the_listed_doors_start_outside_an_account():
    callers = {module.name for module in modules() for name, _ in module.calls() if name == "system_scope"}
    assert callers == set(DOORS)


def test_sql_is_written_by_hand_in_the_named_places_alone():
    found = {module.name for module in modules() if writes_sql(module)}
    assert {name for name in found if not name.endswith(("/queries.py", "/listing.py"))} <= set(SQL_BY_HAND)


def test_the_present_moment_in_sql_is_written_in_one_place():
    spelled = {module.name for module in modules() if "timezone('utc'" in module.path.read_text("utf-8")}
    assert spelled == {"portal/db/moments.py"}


def test_every_named_place_still_writes_sql_by_hand():
    present = {module.name: module for module in modules()}
    stale = [name for name in SQL_BY_HAND if name not in present or not writes_sql(present[name])]
    assert stale == []


def writes_sql(module):
    calls = any(name in HAND_CALLS and of_sqlalchemy(call) for name, call in module.calls())
    attributes = any(isinstance(node, ast.Attribute) and node.attr in HAND_ATTRIBUTES for node in ast.walk(module.tree))
    through_psycopg = any(name.startswith("portal.db.cursor.") for name in module.imports())
    executes = any(executes_a_string(call) for name, call in module.calls() if name == "execute")
    return calls or attributes or through_psycopg or executes


def of_sqlalchemy(call):
    """A name called as it was imported, or a cursor asked of a connection; not ``statement.text()``."""
    return isinstance(call.func, ast.Name) or call.func.attr in {"exec_driver_sql", "cursor"}


def executes_a_string(call):
    return bool(call.args) and isinstance(call.args[0], ast.Constant | ast.JoinedStr)


@pytest.mark.parametrize("module", [each for each in modules() if each.path.name == "routes.py"], ids=lambda m: m.name)
def test_views_build_no_queries_commit_nothing_and_shape_no_json(module):
    said = {name for name, _ in module.calls()}
    assert said & UNSAID_IN_VIEWS == set()


def test_nothing_but_the_edge_commits():
    committing = {module.name for module in modules() for name, _ in module.calls() if name == "commit"}
    assert committing == set(COMMITTING)


def test_models_never_import_views_or_forms():
    for module in modules():
        if module.path.name in ("models.py", "queries.py"):
            said = [name for name in module.imports() if {"routes", "forms"} & set(name.split("."))]
            assert said == [], module.name


def test_the_reading_of_scenarios_knows_neither_flask_nor_sqlalchemy():
    by_name = {module.name: module for module in modules()}
    for name in sorted(PURE):
        imported = {each.split(".")[0] for each in by_name[name].imports()}
        assert imported & {"flask", "sqlalchemy", "flask_sqlalchemy"} == set(), name


def test_environment_variables_are_read_in_one_place():
    for module in modules():
        read = [node for node in ast.walk(module.tree) if isinstance(node, ast.Attribute) and node.attr == "environ"]
        assert not read or module.name in {"portal/development/system_account.py", "portal/development/local.py"}, (
            module.name
        )


def test_no_module_is_called_after_nothing_in_particular():
    for module in modules():
        assert module.path.stem not in {"utils", "helpers", "services", "common", "misc"}, module.name


@pytest.mark.parametrize("module", modules("portal", "tests", "bench", "migrations"), ids=lambda module: module.name)
def test_no_private_part_of_a_library_is_imported(module):
    private = [
        name
        for name in module.imports()
        if name.split(".")[0] not in ("portal", "tests", "bench", "__future__")
        and any(word.startswith("_") for word in name.split("."))
    ]
    assert not private
