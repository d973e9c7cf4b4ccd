"""From a file to the list, and back."""

from tests.importing.spreadsheets import restaurants


def test_forty_restaurants_are_previewed_and_imported(importing, restaurants_named):
    owner = importing()
    owner.send_rows(restaurants(40))
    assert set(owner.results().values()) == {"New"}
    assert restaurants_named("Blini%") == []
    answer = owner.apply()
    assert answer.status_code == 303
    assert answer.location.endswith("/restaurants")
    assert len(restaurants_named("Blini%")) == 40
    assert "40 added, 0 changed" in owner.browser.get(answer.location).text
    assert set(owner.results().values()) == {"Added"}
