"""Searches that do not grow: titles by their first letters, words further on in them, signs; and states nobody knows."""

from pathlib import Path

from alembic import op

from migrations.functions import load_functions
from migrations.steps import Steps, stepwise
from portal.db.base import SCHEMA as S

revision = "0025"
down_revision = "0023"
branch_labels = None
depends_on = None

FUNCTIONS = {
    "searched_head": "2c233d70c679",
    "searched_signs": "c99e96a964eb",
    "search_first_titles": "53f93ca46ddf",
    "search_ids": "5f7547307bfa",
}
# As it was: the present one asks the others.
FORMER_SEARCH_IDS = Path(__file__).with_name("0025_former_search_ids.sql")
# The large tables whose rows have titles, and stand in their order.
TITLED = ("restaurant", "store", "bot_media")
HAS_EXTENSION = "SELECT true FROM pg_extension WHERE extname = %s"
UNKNOWN_STATUS = "iiko_sync_status NOT IN ('pending', 'syncing', 'synced', 'failed')"
UNKNOWN_PLATFORM = "platform NOT IN ('telegram', 'whatsapp', 'viber')"
# In the orders of the lists; there is hardly ever a row in them.
INDEXES = {
    "ix_restaurant_unknown_status_name": f"restaurant(account_id, name, id) WHERE {UNKNOWN_STATUS}",
    "ix_restaurant_unknown_status_updated_at": f"restaurant(account_id, updated_at, id) WHERE {UNKNOWN_STATUS}",
    "ix_bot_dialog_state_unknown_platform": (
        f"bot_dialog_state(account_id, last_interaction_at, id) WHERE {UNKNOWN_PLATFORM}"
    ),
    "ix_bot_dialog_state_bot_id_unknown_platform": (
        f"bot_dialog_state(account_id, bot_id, last_interaction_at, id) WHERE {UNKNOWN_PLATFORM}"
    ),
}
ENTRIES = {
    "ix_search_entry_head": (
        f'search_entry(account_id, entity, (left({S}.searched_head(content), 3) COLLATE "C"), title, row_id)'
        " WHERE title IS NOT NULL"
    ),
    "ix_search_entry_signs": (
        f"search_entry USING gin ({S}.searched_signs(account_id, entity, content)) WITH (gin_pending_list_limit = 256)"
    ),
}


def upgrade() -> None:
    load_functions(op, "searched_head", "searched_signs")
    with stepwise(op) as steps:
        for name, place in (INDEXES | ENTRIES).items():
            steps.build_index(name, place)
        index_what_follows(steps)
        # How many different beginnings and signs there are is known from here on.
        steps.connection.execute(f"ANALYZE {S}.search_entry")
    load_functions(op, "search_first_titles", "search_ids")


def index_what_follows(steps: Steps) -> None:
    """What stands after a title's first letter: a word in it is not the one that the title begins with."""
    if not steps.scalar(HAS_EXTENSION, ["pg_trgm"]):
        return
    keys = "account_id, " if steps.scalar(HAS_EXTENSION, ["btree_gin"]) else ""
    for table in TITLED:
        place = f"search_entry USING gin ({keys}substr({S}.searched_head(content), 2) gin_trgm_ops)"
        steps.build_index(
            f"ix_search_entry_content_after_{table}",
            f"{place} WITH (gin_pending_list_limit = 256) WHERE entity = '{table}'",
        )


def downgrade() -> None:
    op.execute(FORMER_SEARCH_IDS.read_text("utf-8").replace("{schema}", S))
    for name in [*INDEXES, *ENTRIES, *(f"ix_search_entry_content_after_{table}" for table in TITLED)]:
        op.execute(f"DROP INDEX IF EXISTS {S}.{name}")
    for function in (
        "search_first_titles(text, text, text[], integer)",
        "searched_signs(uuid, text, text)",
        "searched_head(text)",
    ):
        op.execute(f"DROP FUNCTION {S}.{function}")
