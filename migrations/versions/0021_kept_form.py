"""What was typed when a session ended waits for the second factor, sealed."""

from alembic import op

from portal.db.base import SCHEMA as S

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(f"ALTER TABLE {S}.pending_sign_in ADD COLUMN IF NOT EXISTS kept_form TEXT")


def downgrade() -> None:
    op.execute(f"ALTER TABLE {S}.pending_sign_in DROP COLUMN kept_form")
