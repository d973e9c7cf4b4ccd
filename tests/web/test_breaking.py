"""Where long words may be parted."""

import pytest
from markupsafe import Markup

from portal.web.breaking import LONGEST_WORD, breakable


@pytest.mark.parametrize(
    "text", ["", "Пельменная на Арбате", "Достопримечательности улицы", None, 17, Markup("<b>x</b>")]
)
def test_what_fits_stays_as_it_is(text: object) -> None:
    assert breakable(text) is text or breakable(text) == text


def test_an_address_goes_on_after_its_marks_and_before_its_points() -> None:
    assert breakable("anna.preobrazhenskaya@pelmeni.example") == Markup(
        "anna<wbr>.preobrazhenskaya@<wbr>pelmeni<wbr>.example"
    )


def test_what_is_longer_than_any_word_is_parted_anywhere() -> None:
    pieces = str(breakable("x" * (LONGEST_WORD + 1))).split("<wbr>")
    assert len(pieces) == 2
    assert "".join(pieces) == "x" * (LONGEST_WORD + 1)


def test_what_people_wrote_stays_escaped() -> None:
    assert "<i>" not in breakable("<i>Анна</i> & somebody.with.a.long.name@pelmeni.example")
