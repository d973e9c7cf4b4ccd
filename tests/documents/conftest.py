"""Documents beside those of the cast."""

from uuid import uuid4

import pytest


class Documents:
    def __init__(self, sql, chain):
        self.sql, self.chain = sql, chain

    def document(self, **columns):
        """A document of the first restaurant, with the bytes of a file of the cast; its id."""
        row = {
            "id": uuid4(),
            "account_id": self.chain.account_id,
            "restaurant_id": self.chain.restaurant_id,
            "document_type": "other",
            "file_name": "a.pdf",
            "file_type": "application/pdf",
            "file_id": self.chain.file_id,
            "sha256": "0" * 64,
            "size": 1,
        } | columns
        marks = ", ".join(["%s"] * len(row))
        self.sql(f"INSERT INTO getinn_ops.document ({', '.join(row)}) VALUES ({marks})", list(row.values()))
        return row["id"]


@pytest.fixture
def buying(superuser_sql, world):
    return Documents(superuser_sql, world.pelmenya)
