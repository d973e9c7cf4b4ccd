"""The signed-in person as pages show them."""

import dataclasses

import pytest

from portal.access.viewer import Viewer


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Марина Соколова", "МС"),
        ("«Шеф» Рустам Галиев", "ШР"),
        ("Ann-Marie", "A"),
        (".", "RG"),
        ("- -", "RG"),
        ("\u200b", "RG"),
        (None, "RG"),
    ],
)
def test_an_avatar_shows_letters_of_the_name_or_else_of_the_email(name, initials):
    fields = dict.fromkeys(field.name for field in dataclasses.fields(Viewer))
    viewer = Viewer(**fields | {"email": "rustam.galiev@example.org", "full_name": name})
    assert viewer.initials == initials
