"""x"""

from alembic import op
from migrations.functions import load_functions
from migrations.steps import stepwise
from portal.db.base import SCHEMA as S

revision = "0018"
down_revision = "0011"
branch_labels = None
depends_on = None
SEARCHED = {
    "restaurant": ("name, address, phone, email", "'titled'"),
    "store": ("name, address", "'titled'"),
    "bot_dialog_state": ("platform_chat_id, current_step, collected_data, person", ""),
}
FUNCTIONS = {"fill_search_text": "x"}


def upgrade() -> None:
    load_functions(op, "fill_account_slug", "fill_user_role", "number_scenario", "fill_search_text")
    with stepwise(op) as steps:
        for table, (columns, argument) in SEARCHED.items():
            steps.run(
                f"ALTER TABLE {S}.{table} ALTER search_text DROP EXPRESSION IF EXISTS",
                f"""
                CREATE OR REPLACE TRIGGER fill_search BEFORE INSERT OR UPDATE OF {columns} ON {S}.{table}
                    FOR EACH ROW EXECUTE FUNCTION {S}.fill_search_text();
                CREATE OR REPLACE TRIGGER keep_search AFTER INSERT OR UPDATE ON {S}.{table}
                    FOR EACH ROW WHEN (NEW.search_text IS NOT NULL)
                    EXECUTE FUNCTION {S}.keep_search_entry({argument});
                """,
            )


def downgrade() -> None:
    pass
