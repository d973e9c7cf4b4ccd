"""How a row is told to belong to a restaurant, for people who may see the rows of some restaurants only."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select

# Whether a column's value is one of the person's restaurants; the caller knows how they are sent.
IsAssigned = Callable[[ColumnElement[Any]], ColumnElement[bool]]


@dataclass(frozen=True)
class RestaurantLimit:
    """The attribute that leads to a row's restaurant.

    It names the restaurant itself or, with ``parent``, a row of that class, whose own limit then decides: a line
    goes by its store, the store by its restaurant. ``unassigned_visible`` says whether rows that lead to no
    restaurant, because the attribute is null, are everybody's or nobody's among limited people.
    """

    attribute: str
    parent: type[Any] | None = None
    unassigned_visible: bool = False

    def condition(self, row: Any, is_assigned: IsAssigned) -> ColumnElement[bool]:
        """Whether ``row`` (a mapped class, or the columns of a table) lies within the person's restaurants."""
        column = getattr(row, self.attribute)
        seen = is_assigned(column) if self.parent is None else column.in_(self._parents(is_assigned))
        return or_(seen, column.is_(None)) if self.unassigned_visible else seen

    def _parents(self, is_assigned: IsAssigned) -> Any:
        """The ids of the parents within the restaurants; under a name of its own: the statement may hold them, too."""
        assert self.parent is not None
        limit = self.parent.__restaurant_limit__
        assert limit is not None, f"{self.parent.__name__} is not limited to restaurants"
        parents = self.parent.__table__.alias()
        return select(parents.c.id).where(limit.condition(parents.c, is_assigned))
