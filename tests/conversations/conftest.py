"""Messages of the cast's conversation."""

import json

import pytest


@pytest.fixture
def talk(world, superuser_sql):
    """An empty conversation: the cast's own, its messages taken out."""
    superuser_sql("DELETE FROM getinn_ops.bot_message WHERE dialog_id = %s", [world.pelmenya.dialog_id])
    return world.pelmenya.dialog_id


@pytest.fixture
def tell(world, superuser_sql):
    """Add a message to the cast's conversation; gives its place."""

    def add(text="hello", direction="in", **values):
        author = {"in": "guest", "out": "bot"}[direction]
        state = {"in": "received", "out": "sent"}[direction]
        row = {
            "account_id": world.pelmenya.account_id,
            "bot_id": world.pelmenya.bot_id,
            "credential_id": world.pelmenya.telegram_id,
            "dialog_id": world.pelmenya.dialog_id,
            "direction": direction,
            "author": author,
            "kind": "text",
            "text": text,
            "state": state,
            **values,
        }
        row["content"] = json.dumps(row.get("content", {}))
        names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
        superuser_sql(f"INSERT INTO getinn_ops.bot_message ({names}) VALUES ({marks})", list(row.values()))
        (added,) = superuser_sql("SELECT max(seq) AS seq FROM getinn_ops.bot_message")
        return added.seq

    return add


@pytest.fixture
def dialog_row(world, superuser_sql):
    """The cast's conversation as it stands in the database."""

    def read():
        (row,) = superuser_sql("SELECT * FROM getinn_ops.bot_dialog_state WHERE id = %s", [world.pelmenya.dialog_id])
        return row

    return read


@pytest.fixture
def set_dialog(world, superuser_sql):
    """Change the cast's conversation past the portal."""

    def change(**values):
        told = ", ".join(f"{name} = %s" for name in values)
        superuser_sql(
            f"UPDATE getinn_ops.bot_dialog_state SET {told} WHERE id = %s", [*values.values(), world.pelmenya.dialog_id]
        )

    return change
