"""Notes on table bookings."""

from alembic import op

from migrations.tables import drop_tenant_table, tenant_table, to

revision = "9999"
down_revision = "0000"


def upgrade() -> None:
    tenant_table(
        op,
        "booking_note",
        columns={"restaurant_id": to("restaurant"), "name": "VARCHAR NOT NULL", "text": "TEXT"},
        search=("name", "text"),
        listed_by=("name", "updated_at"),
    )


def downgrade() -> None:
    drop_tenant_table(op, "booking_note")
