"""Form fields are written as WTForms would."""

from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from wtforms import Form, SelectField
from wtforms.widgets import Select
from wtforms.widgets.core import html_params

from portal.web.attributes import LongSelect, html_attributes
from portal.web.forms import options

# As the library has it, wherever an app was made before.
WTFORMS = html_params
NAMES = st.sampled_from(["class", "class_", "data_row", "aria_label", "hx-post", "required", "id"])
VALUES = st.one_of(st.text(), st.text().map(Markup), st.booleans(), st.integers())


@given(st.dictionaries(NAMES, VALUES))
def test_attributes_are_those_of_wtforms(given_ones):
    assert WTFORMS.__module__ == "wtforms.widgets.core"
    assert html_attributes(**given_ones) == WTFORMS(**given_ones)


def options_of(widget: Select) -> str:
    class Shown(Form):
        place = SelectField(
            choices=options([("", "Choose…"), ("a", "<Alpha>"), ('"', "quoted"), ("b", "b & c")]),
            default="b",
            widget=widget,
        )

    return str(Shown().place(class_="input"))


def test_a_long_list_is_the_list_of_wtforms():
    assert options_of(LongSelect()) == options_of(Select())
    assert "<option selected value" in options_of(LongSelect())
