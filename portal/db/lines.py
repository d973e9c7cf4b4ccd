"""Lines of a document: rows that belong to another row and that people fill in as a whole."""

from typing import Any, ClassVar, TypeAlias
from uuid import UUID

from sqlalchemy.orm import Mapped

from portal.db.base import TenantEntity

# What was filled in for one line, and the id of the line that it is for (``None``: a new one).
Filled: TypeAlias = tuple[UUID | None, dict[str, Any]]


class Line(TenantEntity):
    """A row of a list: it has a place there, and no page of its own."""

    __abstract__ = True
    # What people fill in, in the order of the form; the first is its name.
    __filled__: ClassVar[tuple[str, ...]]

    position: Mapped[int]

    def fill(self, position: int, values: dict[str, Any]) -> None:
        """Take the place and what was filled in."""
        self.position = position
        for name in self.__filled__:
            setattr(self, name, values[name])
