"""What a chain buys, beside what the cast does."""

from tests.suppliers.conftest import buying  # noqa: F401
