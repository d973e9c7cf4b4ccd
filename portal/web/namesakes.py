"""A second row of the same name: allowed, and asked about first."""

from typing import Any, ClassVar

from flask import request
from flask_babel import gettext as _
from sqlalchemy import func, select

from portal.db.base import Entity, db
from portal.web.merging import MergingForm, digest

# What goes along once the person was asked: of what.
SURE = "_sure"


class AskingForm(MergingForm):
    """A form that asks once more before something that is allowed and rarely meant.

    ``namesakes_within`` are the fields within whose values a name is expected once; ``None`` where names may repeat.
    """

    entity: ClassVar[type[Entity] | None] = None
    namesakes_within: ClassVar[tuple[str, ...] | None] = None
    # What the person is asked, and what they send to say that it is meant.
    doubt: str | None = None
    sure: str | None = None

    def is_meant(self) -> bool:
        """Whether nothing is doubtful, or the person was asked about this very thing and sends it again."""
        doubt = self.find_doubt()
        if doubt is None or request.form.get(SURE) == digest(doubt):
            return True
        self.doubt, self.sure = doubt, digest(doubt)
        return False

    def find_doubt(self) -> str | None:
        """What is allowed and rarely meant, in words; ``None`` where there is nothing of the kind."""
        if self.namesakes_within is None or self._is_called_as_before() or not self._has_namesake():
            return None
        assert self.entity is not None
        return _(
            "There is another one of this name: “%(name)s”. Send it once more if that is meant.", name=self["name"].data
        )

    def _is_called_as_before(self) -> bool:
        """Whether the name of a stored row, and what it is unique within, stay: that was asked when it was given."""
        asked = ("name", *(self.namesakes_within or ()))
        return self.row is not None and all(self[name].data == self[name].object_data for name in asked)

    def _has_namesake(self) -> bool:
        entity: Any = self.entity
        same = [getattr(entity, name) == self[name].data for name in self.namesakes_within or ()]
        others = [entity.id != self.row.id] if self.row is not None else []
        named = func.lower(entity.name) == func.lower(self["name"].data)
        return db.session.scalar(select(entity.id).where(named, entity.is_active, *same, *others).limit(1)) is not None
