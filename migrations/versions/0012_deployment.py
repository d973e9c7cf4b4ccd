"""Whose database this is, which versions may serve it, and whether anything may leave it.

A migration after which an older version must not serve any more raises ``least_revision`` to its own number; one that
only adds leaves it alone.
"""

from alembic import op

from portal.db.base import SCHEMA as S

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(f"""
        CREATE TABLE {S}.deployment (
            id BOOLEAN PRIMARY KEY DEFAULT true CONSTRAINT deployment_one_row_check CHECK (id),
            name VARCHAR,
            least_revision VARCHAR NOT NULL,
            is_resting BOOLEAN NOT NULL DEFAULT false,
            changed_at TIMESTAMP WITHOUT TIME ZONE
        );
        INSERT INTO {S}.deployment (least_revision) VALUES ('{revision}');
    """)


def downgrade() -> None:
    op.execute(f"DROP TABLE {S}.deployment")
