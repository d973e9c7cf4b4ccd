"""Which column is what: recognised by its heading, or told by the person."""

import html
import re

from tests.importing.spreadsheets import csv_file, restaurants


def asked(importing, rows):
    """Somebody whose file has columns that are not recognised; they land on the question."""
    person = importing()
    assert person.send(csv_file(rows)).status_code == 303
    answer = person.browser.get(person.here)
    assert answer.status_code == 303
    assert answer.location.endswith("/columns")
    return person


def test_headings_are_recognised_in_both_languages_and_in_any_order(importing):
    owner = importing()
    for headings in (
        ("Телефон", "НАЗВАНИЕ:", "Эл. почта", "Примечание"),
        ("phone*", " name ", "e-mail", "Note"),
        ("Тел", "Ресторан", "Email", "x"),
    ):
        owner.send_rows([("+7 495 123-45-67", "Blini 1", "a@example.com", "?")], headings)
        assert owner.results() == {"Blini 1": "New"}, headings
        assert owner.details() == {"Blini 1": "+7 495 123-45-67 · a@example.com"}, headings
        assert "Not imported: " in owner.page()


def test_lines_above_the_headings_are_no_rows(importing):
    owner = importing()
    owner.send(csv_file([("Our chain", ""), ("as of May", ""), ("Name", "Address"), ("Blini 1", "x")]))
    assert owner.results() == {"Blini 1": "New"}


def test_a_file_without_known_headings_is_not_guessed_at(importing, restaurants_named):
    owner = asked(importing, [("Where", "What"), ("Tverskaya, 1", "Blini 1")])
    page = html.unescape(owner.browser.get(owner.here + "/columns").text)
    assert "What is in which column?" in page
    assert "Tverskaya, 1" in page
    assert owner.apply().status_code == 409
    assert restaurants_named("Blini%") == []
    told = owner.browser.post(owner.here + "/columns", {"heading_row": "1", "column_0": "address", "column_1": "name"})
    assert told.status_code == 303
    assert owner.results() == {"Blini 1": "New"}
    assert owner.details() == {"Blini 1": "Tverskaya, 1"}


def test_a_file_of_rows_alone_loses_none_of_them(importing):
    owner = asked(importing, [row[:2] for row in restaurants(3)])
    owner.browser.post(owner.here + "/columns", {"heading_row": "0", "column_0": "name", "column_1": "address"})
    assert owner.results() == {"Blini 1": "New", "Blini 2": "New", "Blini 3": "New"}


def test_two_columns_of_one_name_fill_nothing_until_one_is_chosen(importing):
    owner = importing()
    owner.send_rows([("Blini 1", "one", "two")], ("Name", "Address", "Адрес"))
    assert owner.details() == {"Blini 1": ""}
    owner.browser.post(
        owner.here + "/columns", {"heading_row": "1", "column_0": "name", "column_1": "", "column_2": "address"}
    )
    assert owner.details() == {"Blini 1": "two"}


def test_a_choice_that_cannot_be_is_refused_in_words(importing):
    owner = asked(importing, [("Where", "What"), ("Tverskaya, 1", "Blini 1")])
    columns = owner.here + "/columns"
    twice = owner.browser.post(columns, {"heading_row": "1", "column_0": "name", "column_1": "name"})
    assert twice.status_code == 422
    assert "Chosen for two columns." in twice.text
    without = owner.browser.post(columns, {"heading_row": "1", "column_0": "address", "column_1": ""})
    assert without.status_code == 422
    assert "Say which column is “Name”." in html.unescape(without.text)
    for wrong in ({"column_1": "hashed_password"}, {"heading_row": "77"}, {"heading_row": "x"}, {"column_0": "\0"}):
        answer = owner.browser.post(columns, {"heading_row": "1", "column_0": "address", "column_1": "name"} | wrong)
        assert answer.status_code == 422, wrong


def test_the_choice_is_kept_with_the_import(importing):
    owner = asked(importing, [("Where", "What"), ("Tverskaya, 1", "Blini 1")])
    owner.browser.post(owner.here + "/columns", {"heading_row": "1", "column_0": "address", "column_1": "name"})
    page = owner.browser.get(owner.here + "/columns").text
    chosen = re.findall(r'<option selected value="(\w*)">', page)
    assert chosen == ["1", "address", "name"]


def test_columns_of_an_import_that_was_applied_stay(importing):
    owner = importing().send_rows(restaurants(1))
    owner.apply()
    assert owner.browser.get(owner.here + "/columns").status_code == 409
    assert owner.browser.post(owner.here + "/columns", {"heading_row": "0"}).status_code == 409


def test_headings_without_rows_are_told(importing):
    owner = importing()
    owner.send(csv_file([("Name", "Address")]))
    answer = owner.browser.get(owner.here, follow_redirects=True)
    assert answer.status_code == 200
    assert "there are no rows" in answer.text
