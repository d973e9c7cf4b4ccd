"""The dates of the portal's own tables are UTC whoever writes; functions have one text, in ``migrations/functions``."""

from alembic import op

from migrations.functions import load_functions
from migrations.steps import stepwise
from portal.db.base import SCHEMA as S

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# The tables of 0003, whose dates were the session's local time. The seed's tables keep the seed's default.
TABLES = (
    "store", "user_restaurant", "user_session", "password_reset", "invitation", "superuser_visit", "audit_event",
)  # fmt: skip
# Which text of each is loaded (migrations/functions). open_request and open_hook among them: processes of the version
# before call them until they are restarted.
FUNCTIONS = {
    "touch_updated_at": "3805462eee36",
    "fill_account_slug": "54e8a893f298",
    "fill_user_role": "7d1c36ff80a1",
    "fill_bot_account": "757245b506e7",
    "number_scenario": "9f713aaf312d",
    "refuse_log_change": "f37355ffc88b",
    "search_ids": "d8db53a0e60d",
    "keep_search_entry": "b95d2e6756eb",
    "forget_search_entry": "ccea8f88c162",
    "restaurant_search_text": "4fdafc54c28d",
    "store_search_text": "8fe7b4c2da24",
    "bot_dialog_state_search_text": "ebdbc260f61d",
    "wake_bot_workers": "002b2ee425f2",
    "open_request": "11ba7e907e23",
    "open_hook": "e7b0026820e5",
}


def upgrade() -> None:
    date_rows_in("timezone('utc', now())")
    load_functions(op, *FUNCTIONS)


def downgrade() -> None:
    # The functions do what they did before: only their lines are indented otherwise.
    date_rows_in("now()")


def date_rows_in(moment: str) -> None:
    """Let both dates of a new row be that moment where a writer leaves them out."""
    with stepwise(op) as steps:
        for table in TABLES:
            steps.run(
                f"ALTER TABLE {S}.{table} ALTER created_at SET DEFAULT {moment}, ALTER updated_at SET DEFAULT {moment}"
            )
