"""Who works here: people, their papers, checklists, what the chat told of them and what is told to them."""

from alembic import op

from migrations.functions import load_functions
from migrations.staff_seeds import seed_chains
from migrations.steps import stepwise
from migrations.tables import Reference, drop_tenant_table, tenant_table, to
from portal.db.base import SCHEMA as S

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

# What stands already says something more.
CHANGED_FUNCTIONS = {"keep_log_line": "7de351d5c5ba", "forget_log": "85303887d4b3"}
FUNCTIONS = CHANGED_FUNCTIONS | {
    "erase_person_from_log": "f9f4d51c0c4c",
    "fill_staff_restaurant": "3baa28ac74c3",
    "local_day": "de9df496668f",
    "move_with_person": "80da285bdaa7",
    "sum_up_checklist": "bf037834ff58",
    "sum_up_engagement": "419f8b1ee1f6",
    "sum_up_papers": "9d2e2c1208c9",
    "sum_up_questions": "221f9bd6f8b9",
}
MOMENT = "TIMESTAMP WITHOUT TIME ZONE"
WHO = "CHECK (who IN ('manager', 'chef', 'owner', 'person'))"
# How long what belongs to the staff is kept where the owner says nothing, and at most.
KEPT = {
    "unconfirmed_days": (90, 1830),
    "candidate_days": (30, 1830),
    "left_months": (12, 60),
    "paper_photo_days": (30, 1830),
}
# What belongs to a person's restaurant, and the column that leads to the person (of a step: to the engagement).
OF_A_PERSON = (
    "staff_field",
    "staff_document",
    "staff_onboarding",
    "onboarding_step",
    "staff_question",
    "staff_message",
)
# Which table's changes are summed up where, and by what.
SUMS = {
    "onboarding_step": "sum_up_checklist",
    "staff_onboarding": "sum_up_engagement",
    "staff_document": "sum_up_papers",
    "staff_question": "sum_up_questions",
}


def message(column: str) -> Reference:
    """A reference to a message, which may be removed after its time."""
    return to("bot_message", required=False, on_delete=f"SET NULL ({column})")


def colleague() -> Reference:
    """A reference to whoever did something."""
    return to("user", required=False)


def upgrade() -> None:
    load_functions(op, *FUNCTIONS)
    # Each table in a transaction of its own: what it refers to is held for moments, and one after the other.
    with stepwise(op) as steps:
        steps.add_unique("bot_message", "account_id", "id")
        steps.add_columns(
            "retention_policy", tuple(f"{key} SMALLINT NOT NULL DEFAULT {kept}" for key, (kept, _most) in KEPT.items())
        )
        for key, (_kept, most) in KEPT.items():
            name = f"retention_policy_{key}_check"
            steps.add_constraint("retention_policy", name, f"CHECK ({key} BETWEEN 1 AND {most})")
        for make in TABLES.values():
            steps.make(make)
        for table in OF_A_PERSON:
            key = "staff_onboarding_id" if table == "onboarding_step" else "staff_member_id"
            steps.run(
                f"CREATE OR REPLACE TRIGGER fill_restaurant BEFORE INSERT OR UPDATE OF {key} ON {S}.{table}"
                f" FOR EACH ROW EXECUTE FUNCTION {S}.fill_staff_restaurant()"
            )
        steps.run(
            f"CREATE OR REPLACE TRIGGER move_with_person AFTER UPDATE OF restaurant_id ON {S}.staff_member FOR EACH ROW"
            f" WHEN (OLD.restaurant_id IS DISTINCT FROM NEW.restaurant_id) EXECUTE FUNCTION {S}.move_with_person()"
        )
        for table, function in SUMS.items():
            steps.run(*(summing(table, function, deed) for deed in ("INSERT", "UPDATE", "DELETE")))
    seed_chains(op)


def make_staff_position() -> None:
    tenant_table(
        op,
        "staff_position",
        columns={
            "code": "VARCHAR NOT NULL",
            "name": "VARCHAR NOT NULL",
            "is_kitchen": "BOOLEAN NOT NULL DEFAULT false",
        },
        search=("name", "code"),
        listed_by=("name",),
    )
    unique("staff_position_code", "staff_position (account_id, lower(code))")


def make_restaurant_code() -> None:
    tenant_table(
        op,
        "restaurant_code",
        columns={"restaurant_id": to("restaurant"), "code": "VARCHAR NOT NULL"},
        search=("code",),
        archivable=False,
        listed_by=("code",),
    )
    unique("restaurant_code_code", "restaurant_code (account_id, lower(code))")


def make_staff_member() -> None:
    tenant_table(
        op,
        "staff_member",
        columns={
            "restaurant_id": to("restaurant", required=False),
            "name": "VARCHAR NOT NULL DEFAULT ''",
            "phone": "VARCHAR",
            "email": "VARCHAR",
            "birthday": "DATE",
            "citizenship": "VARCHAR",
            "uniform_size": "VARCHAR",
            "emergency_contact": "TEXT",
            "position_id": to("staff_position", required=False),
            "status": "VARCHAR NOT NULL DEFAULT 'candidate'",
            "left_on": "DATE",
            "erased_at": MOMENT,
            # Kept by triggers.
            "onboarding_status": "VARCHAR",
            "starts_on": "DATE",
            "progress": "SMALLINT",
            "next_due_on": "DATE",
            "papers_until": "DATE",
            "open_questions": "INTEGER NOT NULL DEFAULT 0",
            # What lists are ordered by, which is never null; and what the last digits of a number are found by.
            "start_order": "DATE GENERATED ALWAYS AS (coalesce(starts_on, DATE '9999-12-31')) STORED",
            "due_order": "DATE GENERATED ALWAYS AS (coalesce(next_due_on, DATE '9999-12-31')) STORED",
            "progress_order": "SMALLINT GENERATED ALWAYS AS (coalesce(progress, 101::smallint)) STORED",
            "phone_reversed": "TEXT GENERATED ALWAYS AS (reverse(phone)) STORED",
        },
        search=("name",),
        listed_by=("name", "start_order", "due_order", "progress_order"),
        archivable=False,
        constraints=(
            "CONSTRAINT staff_member_name_check CHECK (name <> '' OR erased_at IS NOT NULL)",
            r"CONSTRAINT staff_member_phone_check CHECK (phone ~ '^\+[0-9]{6,15}$')",
            "CONSTRAINT staff_member_status_check CHECK (status IN ('candidate', 'active', 'left'))",
            "CONSTRAINT staff_member_left_on_check CHECK ((status = 'left') = (left_on IS NOT NULL))",
        ),
    )
    unique("staff_member_phone", "staff_member (account_id, phone) WHERE erased_at IS NULL")
    index("staff_member_phone_reversed", "staff_member (account_id, phone_reversed text_pattern_ops, id)")
    index("staff_member_email", "staff_member (account_id, lower(email)) WHERE email IS NOT NULL")
    index("staff_member_status", "staff_member (account_id, status, name, id)")
    index("staff_member_in_progress", "staff_member (account_id, name, id) WHERE onboarding_status = 'in_progress'")
    index("staff_member_papers_until", "staff_member (account_id, papers_until, id) WHERE papers_until IS NOT NULL")
    index("staff_member_open_questions", "staff_member (account_id, name, id) WHERE open_questions > 0")


def make_staff_chat() -> None:
    tenant_table(
        op,
        "staff_chat",
        columns={
            "staff_member_id": to("staff_member", on_delete="CASCADE"),
            "dialog_id": to("bot_dialog_state", on_delete="CASCADE"),
            "bot_id": to("bot_instance"),
            "platform": "VARCHAR NOT NULL",
            "platform_chat_id": "VARCHAR NOT NULL",
        },
        archivable=False,
        constraints=("UNIQUE (account_id, bot_id, platform, platform_chat_id)",),
    )


def make_staff_field() -> None:
    tenant_table(
        op,
        "staff_field",
        columns={
            "staff_member_id": to("staff_member", on_delete="CASCADE"),
            "restaurant_id": to("restaurant", required=False),
            "field": "VARCHAR NOT NULL",
            "value": "TEXT",
            "source": "VARCHAR NOT NULL",
            "message_id": message("message_id"),
            # A name may come in several parts.
            "more_message_ids": "UUID[] NOT NULL DEFAULT '{}'",
            "user_id": colleague(),
            "is_current": "BOOLEAN NOT NULL DEFAULT false",
            "held": "BOOLEAN NOT NULL DEFAULT false",
        },
        archivable=False,
        constraints=(
            "CONSTRAINT staff_field_source_check CHECK (source IN ('chat', 'hand', 'import', 'iiko'))",
            "CONSTRAINT staff_field_held_check CHECK (NOT (held AND is_current))",
        ),
    )
    unique("staff_field_current", "staff_field (staff_member_id, field) WHERE is_current")


def make_document_type() -> None:
    tenant_table(
        op,
        "document_type",
        columns={
            "code": "VARCHAR NOT NULL",
            "name": "VARCHAR NOT NULL",
            "months_valid": "SMALLINT",
            "months_at_most": "SMALLINT",
            "remind_days": "SMALLINT[] NOT NULL DEFAULT '{}'",
            "for_kitchen": "BOOLEAN NOT NULL DEFAULT false",
            "for_citizenship": "TEXT[] NOT NULL DEFAULT '{}'",
            "is_health": "BOOLEAN NOT NULL DEFAULT false",
        },
        search=("name", "code"),
        listed_by=("name",),
        constraints=(
            "CONSTRAINT document_type_months_valid_check CHECK (months_valid BETWEEN 1 AND 120)",
            "CONSTRAINT document_type_months_at_most_check CHECK (months_at_most BETWEEN 1 AND 120)",
        ),
    )
    unique("document_type_code", "document_type (account_id, lower(code))")


def make_staff_document() -> None:
    tenant_table(
        op,
        "staff_document",
        columns={
            "staff_member_id": to("staff_member", on_delete="CASCADE"),
            "restaurant_id": to("restaurant", required=False),
            "document_type_id": to("document_type"),
            "number_tail": "VARCHAR(4)",
            "issued_on": "DATE",
            "expires_on": "DATE",
            "state": "VARCHAR NOT NULL DEFAULT 'sent'",
            "message_id": message("message_id"),
            "file_id": to("bot_file", required=False, on_delete="SET NULL (file_id)"),
            "checked_by_id": colleague(),
            "checked_at": MOMENT,
            "reason": "TEXT",
        },
        archivable=False,
        constraints=(
            "CONSTRAINT staff_document_state_check CHECK (state IN ('sent', 'accepted', 'refused', 'replaced'))",
            "CONSTRAINT staff_document_expires_on_check CHECK (expires_on >= issued_on)",
        ),
    )
    unique("staff_document_accepted", "staff_document (staff_member_id, document_type_id) WHERE state = 'accepted'")
    index(
        "staff_document_expires_on",
        "staff_document (account_id, expires_on, id) WHERE state = 'accepted' AND expires_on IS NOT NULL",
    )


def make_document_reminder() -> None:
    tenant_table(
        op,
        "document_reminder",
        columns={
            "staff_document_id": to("staff_document", on_delete="CASCADE"),
            "days_before": "INTEGER NOT NULL",
            "sent_at": f"{MOMENT} NOT NULL DEFAULT timezone('utc', clock_timestamp())",
        },
        archivable=False,
        constraints=("UNIQUE (staff_document_id, days_before)",),
    )


def make_onboarding_template() -> None:
    tenant_table(
        op,
        "onboarding_template",
        columns={
            "name": "VARCHAR NOT NULL",
            "position_id": to("staff_position", required=False),
            "restaurant_id": to("restaurant", required=False),
        },
        search=("name",),
        listed_by=("name",),
    )
    unique(
        "onboarding_template_live",
        "onboarding_template (account_id, position_id, restaurant_id) NULLS NOT DISTINCT WHERE is_active",
    )


def make_onboarding_template_step() -> None:
    tenant_table(
        op,
        "onboarding_template_step",
        columns={
            "template_id": to("onboarding_template", on_delete="CASCADE"),
            "position": "INTEGER NOT NULL",
            "code": "VARCHAR NOT NULL",
            "name": "VARCHAR NOT NULL",
            "description": "TEXT",
            "anchor": "VARCHAR NOT NULL DEFAULT 'first_shift'",
            "offset_days": "INTEGER NOT NULL DEFAULT 0",
            "counts": "VARCHAR NOT NULL DEFAULT 'calendar'",
            "who": "VARCHAR NOT NULL DEFAULT 'manager'",
            "required": "BOOLEAN NOT NULL DEFAULT true",
            "document_type_id": to("document_type", required=False),
            "completed_by": "VARCHAR NOT NULL DEFAULT 'hand'",
            "for_foreigners": "BOOLEAN NOT NULL DEFAULT false",
            "message_when_done": "TEXT",
            "message_reminder": "TEXT",
        },
        archivable=False,
        constraints=(
            "CONSTRAINT onboarding_template_step_anchor_check CHECK (anchor IN ('first_shift', 'hired'))",
            "CONSTRAINT onboarding_template_step_counts_check CHECK (counts IN ('calendar', 'working'))",
            "CONSTRAINT onboarding_template_step_offset_days_check CHECK (offset_days BETWEEN -365 AND 365)",
            f"CONSTRAINT onboarding_template_step_who_check {WHO}",
            "CONSTRAINT onboarding_template_step_completed_by_check"
            " CHECK (completed_by IN ('hand', 'intake', 'document'))",
            "UNIQUE (template_id, code) DEFERRABLE INITIALLY DEFERRED",
        ),
    )


def make_staff_onboarding() -> None:
    tenant_table(
        op,
        "staff_onboarding",
        columns={
            "staff_member_id": to("staff_member"),
            "restaurant_id": to("restaurant", required=False),
            "name": "VARCHAR NOT NULL",
            "email": "VARCHAR",
            "position": "VARCHAR NOT NULL DEFAULT ''",
            "start_date": "DATE",
            "first_shift_at": MOMENT,
            "exam_date": "DATE",
            "status": "VARCHAR NOT NULL DEFAULT 'in_progress'",
            "hired_on": "DATE NOT NULL DEFAULT CURRENT_DATE",
            "completed_at": MOMENT,
            "ended_on": "DATE",
            "end_reason": "TEXT",
            "template_id": to("onboarding_template", required=False),
            "spell": "INTEGER NOT NULL DEFAULT 1",
            # Kept by a trigger.
            "steps_done": "INTEGER NOT NULL DEFAULT 0",
            "steps_needed": "INTEGER NOT NULL DEFAULT 0",
            "next_due_on": "DATE",
        },
        archivable=False,
        constraints=(
            "UNIQUE (account_id, staff_member_id, spell)",
            "CONSTRAINT staff_onboarding_status_check CHECK (status IN ('in_progress', 'completed', 'terminated'))",
            "CONSTRAINT staff_onboarding_ended_on_check CHECK ((status = 'terminated') = (ended_on IS NOT NULL))",
        ),
    )
    unique("staff_onboarding_open", "staff_onboarding (staff_member_id) WHERE status = 'in_progress'")
    index("staff_onboarding_start_date", "staff_onboarding (account_id, start_date, id) WHERE status = 'in_progress'")
    index("staff_onboarding_next_due_on", "staff_onboarding (account_id, next_due_on, id) WHERE status = 'in_progress'")


def make_onboarding_step() -> None:
    tenant_table(
        op,
        "onboarding_step",
        columns={
            "staff_onboarding_id": to("staff_onboarding", on_delete="CASCADE"),
            "restaurant_id": to("restaurant", required=False),
            "ordinal": "INTEGER NOT NULL",
            "code": "VARCHAR NOT NULL",
            "name": "VARCHAR NOT NULL",
            "description": "TEXT",
            "status": "VARCHAR NOT NULL DEFAULT 'pending'",
            "completion_date": "DATE",
            "notes": "TEXT",
            "due_date": "DATE",
            "due_is_by_hand": "BOOLEAN NOT NULL DEFAULT false",
            "anchor": "VARCHAR NOT NULL DEFAULT 'first_shift'",
            "offset_days": "INTEGER NOT NULL DEFAULT 0",
            "counts": "VARCHAR NOT NULL DEFAULT 'calendar'",
            "who": "VARCHAR NOT NULL DEFAULT 'manager'",
            "required": "BOOLEAN NOT NULL DEFAULT true",
            "document_type_id": to("document_type", required=False),
            "completed_by": "VARCHAR NOT NULL DEFAULT 'hand'",
            "message_when_done": "TEXT",
            "message_reminder": "TEXT",
            "completed_at": MOMENT,
            "completed_by_id": colleague(),
            "completed_from_message_id": message("completed_from_message_id"),
        },
        archivable=False,
        constraints=(
            "UNIQUE (staff_onboarding_id, code)",
            "CONSTRAINT onboarding_step_status_check"
            " CHECK (status IN ('pending', 'in_progress', 'completed', 'failed', 'not_needed'))",
            "CONSTRAINT onboarding_step_completion_date_check"
            " CHECK ((status = 'completed') = (completion_date IS NOT NULL))",
            f"CONSTRAINT onboarding_step_who_check {WHO}",
        ),
    )


def make_day_off() -> None:
    tenant_table(
        op,
        "day_off",
        columns={"day": "DATE NOT NULL", "name": "VARCHAR NOT NULL DEFAULT ''"},
        search=("name",),
        archivable=False,
        constraints=("UNIQUE (account_id, day)",),
    )


def make_bot_intake_rule() -> None:
    tenant_table(
        op,
        "bot_intake_rule",
        columns={
            "bot_id": to("bot_instance", on_delete="CASCADE"),
            "trigger": "JSONB NOT NULL",
            "fields": "JSONB NOT NULL DEFAULT '{}'",
            "documents": "JSONB NOT NULL DEFAULT '{}'",
            "consent": "VARCHAR",
            "answers_status": "BOOLEAN NOT NULL DEFAULT false",
            "restaurant_id": to("restaurant", required=False),
            "is_on": "BOOLEAN NOT NULL DEFAULT true",
        },
        archivable=False,
        constraints=("UNIQUE (account_id, bot_id)",),
    )


def make_staff_intake() -> None:
    tenant_table(
        op,
        "staff_intake",
        columns={
            "bot_id": to("bot_instance"),
            "dialog_id": to("bot_dialog_state", on_delete="CASCADE"),
            "trigger_message_id": message("trigger_message_id"),
            "outcome": "VARCHAR NOT NULL",
            "staff_member_id": to("staff_member", required=False, on_delete="SET NULL (staff_member_id)"),
            "staff_onboarding_id": to("staff_onboarding", required=False, on_delete="SET NULL (staff_onboarding_id)"),
            "details": "JSONB NOT NULL DEFAULT '{}'",
        },
        archivable=False,
        constraints=(
            "UNIQUE (account_id, trigger_message_id)",
            "CONSTRAINT staff_intake_outcome_check"
            " CHECK (outcome IN ('created', 'updated', 'unchanged', 'held', 'failed'))",
        ),
    )


def make_staff_question() -> None:
    tenant_table(
        op,
        "staff_question",
        columns={
            "kind": "VARCHAR NOT NULL",
            "staff_member_id": to("staff_member", required=False, on_delete="CASCADE"),
            "intake_id": to("staff_intake", required=False, on_delete="CASCADE"),
            "restaurant_id": to("restaurant", required=False),
            "details": "JSONB NOT NULL DEFAULT '{}'",
            "answered_at": MOMENT,
            "answered_by_id": colleague(),
            "answer": "JSONB",
        },
        archivable=False,
        listed_by=("created_at",),
        constraints=(
            "CONSTRAINT staff_question_kind_check"
            " CHECK (kind IN ('restaurant', 'position', 'date', 'identity', 'values'))",
        ),
    )
    unique("staff_question_open", "staff_question (account_id, intake_id, kind) WHERE answered_at IS NULL")
    index("staff_question_waiting", "staff_question (account_id, created_at, id) WHERE answered_at IS NULL")


def make_staff_message() -> None:
    tenant_table(
        op,
        "staff_message",
        columns={
            "staff_member_id": to("staff_member", on_delete="CASCADE"),
            "restaurant_id": to("restaurant", required=False),
            "onboarding_step_id": to("onboarding_step", required=False, on_delete="SET NULL (onboarding_step_id)"),
            "kind": "VARCHAR NOT NULL",
            "text": "TEXT NOT NULL",
            "due_at": f"{MOMENT} NOT NULL",
            "state": "VARCHAR NOT NULL DEFAULT 'waiting'",
            "reason": "VARCHAR",
            "message_id": message("message_id"),
            # What it is about, so that it is told once, and while it is true.
            "occasion": "VARCHAR",
            "first_shift_at": MOMENT,
        },
        archivable=False,
        constraints=(
            "CONSTRAINT staff_message_kind_check CHECK (kind IN ('done', 'reminder', 'shift', 'written'))",
            "CONSTRAINT staff_message_state_check CHECK (state IN ('waiting', 'queued', 'held', 'dropped'))",
            "CONSTRAINT staff_message_reason_check CHECK ((state = 'held') = (reason IS NOT NULL))",
        ),
        doors=("worker",),
    )
    index("staff_message_due_at", "staff_message (due_at) WHERE state = 'waiting'")
    index("staff_message_held", "staff_message (account_id, staff_member_id) WHERE state = 'held'")
    unique("staff_message_occasion", "staff_message (onboarding_step_id, occasion) WHERE occasion IS NOT NULL")


def summing(table: str, function: str, deed: str) -> str:
    """The trigger that sums up what one statement changed."""
    rows = "OLD" if deed == "DELETE" else "NEW"
    return (
        f"CREATE OR REPLACE TRIGGER sum_up_{deed.lower()} AFTER {deed} ON {S}.{table}"
        f" REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION {S}.{function}()"
    )


def unique(name: str, place: str) -> None:
    """A unique index."""
    op.execute(f"CREATE UNIQUE INDEX IF NOT EXISTS uix_{name} ON {S}.{place}")


def index(name: str, place: str) -> None:
    """An index beyond those of references and lists."""
    op.execute(f"CREATE INDEX IF NOT EXISTS ix_{name} ON {S}.{place}")


# In the order in which they refer to each other.
TABLES = {
    "staff_position": make_staff_position,
    "restaurant_code": make_restaurant_code,
    "staff_member": make_staff_member,
    "staff_chat": make_staff_chat,
    "staff_field": make_staff_field,
    "document_type": make_document_type,
    "staff_document": make_staff_document,
    "document_reminder": make_document_reminder,
    "onboarding_template": make_onboarding_template,
    "onboarding_template_step": make_onboarding_template_step,
    "staff_onboarding": make_staff_onboarding,
    "onboarding_step": make_onboarding_step,
    "day_off": make_day_off,
    "bot_intake_rule": make_bot_intake_rule,
    "staff_intake": make_staff_intake,
    "staff_question": make_staff_question,
    "staff_message": make_staff_message,
}


def downgrade() -> None:
    for table in reversed(list(TABLES)):
        drop_tenant_table(op, table)
    for function in FUNCTIONS.keys() - CHANGED_FUNCTIONS.keys():
        op.execute(f"DROP FUNCTION {S}.{function}")
    for key in KEPT:
        op.execute(f"ALTER TABLE {S}.retention_policy DROP COLUMN {key}")
    op.execute(f"ALTER TABLE {S}.bot_message DROP CONSTRAINT bot_message_account_id_id_key")
