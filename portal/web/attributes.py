"""HTML attributes of form fields: written as WTForms writes them, without an object for each name and value."""

from typing import Any

from flask import Flask
from markupsafe import Markup
from wtforms.widgets import Input, Select, core

from portal.web.templating import printed


def install(app: Flask) -> None:
    """Have WTForms' widgets write by the function below: it is most of what a form costs (decision 030)."""
    core.html_params = html_attributes
    Input.html_params = staticmethod(html_attributes)  # type: ignore[method-assign]


def html_attributes(**given: Any) -> Markup:
    """The attributes by name; of what is true the name alone, of what is false nothing."""
    told = []
    for name, value in sorted(given.items()):
        if value is True:
            told.append(_spelled(name))
        elif value is not False:
            # Markup keeps its signs, but none of them ends the attribute.
            text = str.replace(printed(value), '"', "&quot;")
            told.append(f'{_spelled(name)}="{text}"')
    return Markup(" ".join(told))  # noqa: S704


def _spelled(name: str) -> str:
    """A name as it stands in HTML: ``class_`` and ``data_row`` are spelled so in Python alone."""
    name = name.rstrip("_")
    return name.replace("_", "-") if name.startswith(("data_", "aria_")) else name


class LongSelect(Select):
    """A list of many options, joined at once."""

    def __call__(self, field: Any, **attributes: Any) -> Markup:
        attributes.setdefault("id", field.id)
        attributes |= {name: True for name in self.validation_attrs if name in field.flags}
        options = "".join(
            f'<option{" selected" if selected else ""} value="{printed(str(value))}">{printed(label)}</option>'
            for value, label, selected, *_ in field.iter_choices()
        )
        opening = html_attributes(name=field.name, **attributes)
        return Markup(f"<select {opening}>{options}</select>")  # noqa: S704
