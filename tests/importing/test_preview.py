"""What the preview says of each row, and that it writes nothing."""

import html
import re

import pytest

from tests.importing.spreadsheets import HEADINGS, csv_file, restaurants, uploaded, xlsx_file

BLINI = restaurants(1)[0]


def stored(chain, number, **changes):
    """A row that says what is stored of one of the cast's restaurants."""
    street = {1: "Main street", 2: "Old street", 3: "River street"}[number]
    row = {
        "name": f"{chain.marker} on {street}",
        "address": f"{chain.marker}, {street} {number}",
        "phone": f"+7 495 123-45-0{number}",
        "email": f"place{number}@{chain.marker}.example",
        "timezone": "Europe/Moscow",
    } | changes
    return tuple(row.values())


def test_each_row_gets_its_verdict_and_the_worst_stand_first(importing, world):
    chain = world.pelmenya
    owner = importing().send_rows(
        [
            BLINI,
            stored(chain, 1, address="Elsewhere, 7"),
            stored(chain, 3),
            stored(chain, 2),
            ("Blini twice", "", "", "", ""),
            ("  blini  TWICE ", "", "", "", ""),
            ("Blini of no phone", "", "call me", "", ""),
        ]
    )
    assert owner.results() == {
        "Blini of no phone": "Error",
        "Blini twice": "Twice in the file",
        "blini TWICE": "Twice in the file",
        f"{chain.marker} on Old street": "Archived",
        f"{chain.marker} on Main street": "Changes",
        "Blini 1": "New",
        f"{chain.marker} on River street": "Unchanged",
    }
    assert next(iter(owner.results())) == "Blini of no phone"


def test_reasons_are_the_sentences_of_the_form_with_the_field(importing, world):
    owner = importing().send_rows(
        [
            ("Blini A", "", "call me", "", ""),
            ("Blini B", "x" * 1001, "", "", ""),
            ("Blini C", "", "", "nobody", ""),
            ("Blini D", "", "", "", "Mars/Olympus"),
            ("", "An address without a name", "", "", ""),
        ]
    )
    told = owner.details()
    assert told["Blini A"] == "Phone: Write a phone number, such as +7 495 123-45-67."
    assert told["Blini B"] == "Address: This is too long: at most 1000 characters."
    assert told["Blini C"] == "E-mail: Write an e-mail address, such as anna@example.com."
    assert told["Blini D"] == "Time zone: Choose one of the time zones."
    assert told["An address without a name"] == "Name: Fill this in."


def test_a_change_is_told_as_old_and_new(importing, world):
    chain = world.pelmenya
    owner = importing().send_rows([stored(chain, 1, address="Elsewhere, 7", timezone="Asia/Omsk")])
    told = owner.details()[f"{chain.marker} on Main street"]
    assert f"Address: {chain.marker}, Main street 1 → Elsewhere, 7" in told
    assert "Time zone: Europe/Moscow" in told
    assert "Asia/Omsk" in told
    assert "Phone" not in told


def test_empty_cells_and_missing_columns_change_nothing(importing, world):
    name = f"{world.pelmenya.marker} on Main street"
    assert importing().send_rows([(name, "", "", "", "")]).results() == {name: "Unchanged"}
    assert importing().send_rows([(name,)], headings=("Name",)).results() == {name: "Unchanged"}


def test_a_preview_writes_nothing(importing, superuser_sql, restaurants_named):
    before = superuser_sql("SELECT count(*) AS n FROM getinn_ops.audit_event")
    importing().send_rows(restaurants(3)).page()
    assert restaurants_named("Blini%") == []
    assert superuser_sql("SELECT count(*) AS n FROM getinn_ops.audit_event") == before


def test_two_stored_ones_of_one_name_are_never_guessed_between(importing, world, superuser_sql):
    chain = world.pelmenya
    superuser_sql(
        "UPDATE getinn_ops.restaurant SET name = %s WHERE id = %s",
        [f"{chain.marker} ON  main street", chain.assigned_restaurant_id],
    )
    owner = importing().send_rows([stored(chain, 1, address="Elsewhere, 7")])
    assert set(owner.results().values()) == {"Error"}
    assert "2 have this name already" in owner.page()


def test_an_active_one_is_meant_where_an_archived_one_has_the_same_name(importing, world, superuser_sql):
    chain = world.pelmenya
    superuser_sql(
        "UPDATE getinn_ops.restaurant SET name = %s WHERE id = %s",
        [f"{chain.marker} on Main street", chain.archived_restaurant_id],
    )
    owner = importing().send_rows([stored(chain, 1, address="Elsewhere, 7")])
    assert set(owner.results().values()) == {"Changes"}


def test_the_tabs_narrow_the_rows_and_count_them(importing):
    owner = importing().send_rows([*restaurants(2), ("Blini of no phone", "", "call me", "", "")])
    page = owner.page()
    counts = dict(re.findall(r'<a class="tabs__tab"[^>]*>([^<]+?) <span class="tabs__count">(\d+)<', page))
    assert counts == {"All": "3", "Error": "1", "New": "2"}
    assert set(owner.results("?show=error")) == {"Blini of no phone"}
    assert set(owner.results("?show=new")) == {"Blini 1", "Blini 2"}
    assert "No such rows" in owner.page("?show=archived")


def test_an_exported_list_imports_back_unchanged(importing, world, superuser_sql):
    superuser_sql(
        "UPDATE getinn_ops.restaurant SET address = E'One\r\nTwo', name = '+1 bar' WHERE name LIKE '%%River%%'"
    )
    owner = importing()
    for query in ("", "?state=all"):
        exported = owner.browser.get(owner.browser.account(f"restaurants/export{query}")).data
        assert b"'+1 bar" in exported
        assert owner.send(exported).status_code == 303
        results = owner.results()
        assert results["+1 bar"] == "Unchanged"
        assert set(results.values()) <= {"Unchanged", "Archived"}


def test_an_exported_list_imports_back_in_russian(browse, world):
    browser = browse(world.pelmenya.owner)
    russian = {"headers": {"Accept-Language": "ru"}}
    exported = browser.get(browser.account("stores/export"), **russian).data
    assert "Кухня" in exported.decode()
    sent = browser.post(browser.account("stores/imports"), uploaded(exported))
    page = browser.get(sent.location).text
    assert set(re.findall(r'badge--\w+">([^<]*)<', page)) == {"Unchanged"}


def test_a_spreadsheet_and_pasted_rows_are_read_as_a_csv_is(importing):
    owner = importing()
    assert owner.send(xlsx_file([("Сеть «Блины»",), (), HEADINGS, *restaurants(2)]), "blini.xlsx").status_code == 303
    assert owner.results() == {"Blini 1": "New", "Blini 2": "New"}
    assert "XLSX, sheet “Sheet”" in owner.page()
    pasted = "\n".join("\t".join(row) for row in [HEADINGS, *restaurants(2)])
    answer = owner.browser.post(owner.url, {"rows": pasted})
    owner.here = answer.location
    assert owner.results() == {"Blini 1": "New", "Blini 2": "New"}
    assert "Pasted rows" in owner.page()


def test_a_pasted_table_may_begin_with_an_empty_cell(importing):
    owner = importing()
    owner.here = owner.browser.post(owner.url, {"rows": "\tName\n1\tBlini 1\n"}).location
    assert owner.results() == {"Blini 1": "New"}


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\x89PNG\r\n", "This is a picture or a PDF"),
        (b"", "There are no rows in it."),
        (csv_file([HEADINGS, *[("x",)] * 5001]), "There are more than 5000 rows in it."),
        (b"Name,Address\r\nA," + b"y" * 5001, "Row 2 has a cell of more than 5000 characters"),
    ],
    ids=["a picture", "nothing", "too many rows", "a long cell"],
)
def test_a_file_that_is_refused_says_why_beside_the_field(importing, data, sentence):
    answer = importing().send(data)
    assert answer.status_code == 422
    errors = re.search(r'<ul class="field__errors" id="file-errors">(.*?)</ul>', answer.text, re.DOTALL)
    assert sentence in html.unescape(errors[1])


def test_neither_a_file_nor_rows_is_asked_for(importing):
    owner = importing()
    answer = owner.browser.post(owner.url, {})
    assert answer.status_code == 422
    assert "Choose a file, or paste rows." in answer.text


def test_a_file_of_ten_megabytes_is_let_in_and_a_larger_one_is_not(importing):
    owner = importing()
    assert owner.send(csv_file([HEADINGS, *restaurants(3)]) + b"\r\n" * (4 << 20)).status_code == 303
    refused = owner.send(b"a" * (11 << 20))
    assert refused.status_code == 422
    assert "at most 10 MB" in refused.text
    assert owner.send(b"a" * (13 << 20)).status_code == 413


def test_the_file_s_name_is_shown_as_text_and_never_as_a_path(importing):
    owner = importing()
    assert owner.send(csv_file([HEADINGS, BLINI]), "..\\..\\<b>x.csv").status_code == 303
    answer = owner.browser.get(owner.here)
    assert "&lt;b&gt;x.csv" in answer.text
    assert "<b>x" not in answer.text


def test_what_a_file_says_is_shown_as_text(importing):
    owner = importing().send_rows([("<script>alert(1)</script>", "{{7*7}}", "<i>", "", "")])
    answer = owner.browser.get(owner.here)
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text


def test_the_empty_table_has_the_headings_that_are_recognised(importing):
    owner = importing()
    table = owner.browser.get(owner.url + "/template")
    assert table.headers["Content-Disposition"] == "attachment; filename=restaurants.csv"
    assert table.data.decode("utf-8-sig").strip() == "Name,Address,Phone,E-mail,Time zone"
    russian = owner.browser.get(owner.url + "/template", headers={"Accept-Language": "ru"}).data
    assert owner.send(russian + csv_file(restaurants(1), ";")).status_code == 303
    assert owner.results() == {"Blini 1": "New"}


def test_the_rows_are_downloaded_with_their_reasons(importing):
    owner = importing().send_rows([*restaurants(1), ("Blini of no phone", "", "call me", "", "")])
    told = owner.browser.get(owner.here + "/export?show=refused").data.decode("utf-8-sig").splitlines()
    assert told == [
        "Row,Name,Result,Reason",
        '3,Blini of no phone,Error,"Write a phone number, such as +7 495 123-45-67."',
    ]


def test_a_preview_is_discarded_and_one_that_was_applied_is_not(importing, superuser_sql):
    owner = importing().send_rows(restaurants(1))
    other = importing().send_rows(restaurants(1, first=2))
    other.apply()
    assert owner.browser.delete(owner.here).status_code == 303
    assert owner.browser.get(owner.here).status_code == 404
    assert other.browser.delete(other.here).status_code == 409
    left = superuser_sql("SELECT batch_id FROM getinn_ops.import_row WHERE label LIKE 'Blini%%'")
    assert len(left) == 1
