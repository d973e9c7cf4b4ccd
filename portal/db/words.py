"""What people call a class of rows, a number of them, and each of its fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from flask_babel import get_translations

Label: TypeAlias = str | Any  # a text, or one translated when shown


@dataclass(frozen=True)
class Counted:
    """A number of rows in words; made by ``counted``, whose texts ``bin/translate`` gathers."""

    singular: str
    plural: str

    def of(self, count: int, shown: str | None = None) -> str:
        """Such as "3 restaurants"; ``shown`` stands in the number's place, such as "1 000+"."""
        told: str = get_translations().ungettext(self.singular, self.plural, count)
        return told % {"num": count if shown is None else shown}


def counted(singular: str, plural: str) -> Counted:
    """How many rows there are, as ``ngettext`` takes it: ``counted("%(num)s note", "%(num)s notes")``."""
    return Counted(singular, plural)


@dataclass
class Words:
    """The words of one class of rows.

    ``add`` is what the button says that leads to a new one. ``page`` is the endpoint of a row's own page within the
    account, such as ``restaurants.show``. ``fields`` are the labels by column; a form adds its own
    (``PortalForm.entity``). What has no label is never shown.
    ``values`` are the words of a field that the log tells of and whose column is no enum.
    """

    label: Label
    plural: Label | None = None
    add: Label | None = None
    count: Counted | None = None
    page: str | None = None
    fields: dict[str, Label] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Label]] = field(default_factory=dict)

    def add_fields(self, labels: Mapping[str, Label]) -> None:
        """Labels of a form; those declared on the class stand."""
        for key, label in labels.items():
            self.fields.setdefault(key, label)
