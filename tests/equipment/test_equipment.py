"""The equipment of a store: a document with lines, from the form to the log."""

import csv
import io
import re

import pytest

ROW = {"name": "Oven", "quantity": "1", "unit": "piece", "price": "", "comment": ""}


@pytest.fixture
def owner(browse, world):
    return browse(world.pelmenya.owner)


@pytest.fixture
def path(owner, world):
    return owner.account(f"stores/{world.pelmenya.store_id}/equipment/edit")


@pytest.fixture
def fridge():
    """The key of the only row."""
    return "r1"


@pytest.fixture
def stored(superuser_sql, world):
    """The list as the database holds it."""

    def read(store_id=None):
        return superuser_sql(
            "SELECT position, name, quantity::text, unit, price::text, currency, comment"
            " FROM getinn_ops.store_equipment WHERE store_id = %s ORDER BY position, id",
            [store_id or world.pelmenya.store_id],
        )

    return read


def form_of(page):
    """What a browser would send of a page's form: the fields of every row, in their order."""
    stamp = re.search(r'name="lines-stamp" value="([^"]+)"', page).group(1)
    keys = re.findall(r'name="lines" value="(\w+)"', page)
    form = {"lines": keys, "lines-stamp": stamp}
    for name, value in re.findall(r'<input[^>]*\bname="(lines-\w+-\w+)"[^>]*\bvalue="([^"]*)"', page):
        form[name] = value
    for name, choices in re.findall(r'<select[^>]*\bname="(lines-\w+-unit)"[^>]*>(.*?)</select>', page, re.DOTALL):
        form[name] = re.search(r'<option selected value="([^"]*)"', choices).group(1)
    return form


def row(key, **values):
    return {f"lines-{key}-{name}": value for name, value in (ROW | values).items()}


def test_the_list_stands_on_the_stores_page_with_its_total(owner, world):
    page = owner.get(owner.account(f"stores/{world.pelmenya.store_id}")).text
    assert "zqpelmenya fridge 1" in page
    assert "2\u00a0pcs" in page
    assert "RUB\u00a01,234.50" in page
    assert "RUB\u00a02,469.00" in page


def test_amounts_are_written_in_the_language_of_the_reader(owner, world):
    page = owner.get(owner.account(f"stores/{world.pelmenya.store_id}"), headers={"Accept-Language": "ru"}).text
    assert "2\u00a0469,00\u00a0₽" in page


def test_rows_are_added_changed_moved_and_removed_at_once(owner, path, fridge, stored):
    form = form_of(owner.get(path).text)
    form |= {f"lines-{fridge}-quantity": "3", f"lines-{fridge}-price": "1\u00a0500,5"}
    form |= row("n1", name="Scales", quantity="1", price="10", comment="by the door") | {"lines": ["n1", fridge]}
    assert owner.post(path, form).status_code == 303
    assert stored() == [
        (1, "Scales", "1.0000", "piece", "10.00", "RUB", "by the door"),
        (2, "zqpelmenya fridge 1", "3.0000", "piece", "1500.50", "RUB", "zqpelmenya comment of store 1"),
    ]
    form = form_of(owner.get(path).text)
    assert owner.post(path, form | {"lines": ["r2"]}).status_code == 303
    assert [(line.position, line.name) for line in stored()] == [(1, "zqpelmenya fridge 1")]


@pytest.fixture
def log(superuser_sql, world):
    def read():
        return superuser_sql(
            "SELECT id, action, before, after FROM getinn_ops.audit_event WHERE entity_id = %s ORDER BY at",
            [world.pelmenya.store_id],
        )

    return read


def test_the_log_of_the_store_tells_every_line_in_words(owner, path, fridge, log):
    form = form_of(owner.get(path).text)
    form |= {f"lines-{fridge}-name": "Fridge"}
    owner.post(path, form)
    form |= {"lines-stamp": form_of(owner.get(path).text)["lines-stamp"], f"lines-{fridge}-quantity": "3"}
    form |= row("n1", name="Oven", price="99.9") | {"lines": ["n1", fridge]}
    owner.post(path, form)
    [_named, event] = log()
    page = owner.get(owner.account(f"audit/{event.id}")).text
    cells = [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", page, re.DOTALL)]
    told = dict(zip(cells[3::3], zip(cells[4::3], cells[5::3], strict=False), strict=False))
    assert told["Fridge: Quantity"] == ("2", "3")
    assert told["Oven"] == ("—", "Quantity: 1, Unit: pcs, Price each: RUB\u00a099.90")
    assert "Equipment" in owner.get(owner.account("audit")).text


def test_the_log_tells_a_change_of_the_order_alone(owner, path, fridge, log):
    owner.post(path, form_of(owner.get(path).text) | row("n1") | {"lines": [fridge, "n1"]})
    form = form_of(owner.get(path).text)
    owner.post(path, form | {"lines": form["lines"][::-1]})
    assert log()[-1].after["store_equipment"] == [
        {"line": None, "fields": [["order", ["Oven", "zqpelmenya fridge 1"]]]}
    ]
    assert "Oven, zqpelmenya fridge 1" in owner.get(owner.account(f"audit/{log()[-1].id}")).text


def test_saving_the_list_as_it_is_changes_and_tells_nothing(owner, path, stored, log):
    before = stored()
    assert owner.post(path, form_of(owner.get(path).text)).status_code == 303
    assert stored() == before
    assert log() == []


def test_a_row_that_nothing_was_written_into_is_left_out(owner, path, fridge, stored):
    form = form_of(owner.get(path).text) | row("n1", name=" ", quantity="") | {"lines": [fridge, "n1"]}
    assert owner.post(path, form).status_code == 303
    assert len(stored()) == 1


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("quantity", "0", "This must be more than 0."),
        ("quantity", "-1", "This must be more than 0."),
        ("quantity", "", "Fill this in."),
        ("quantity", "NaN", "Write a number, such as 1234.5."),
        ("quantity", "1e5", "Write a number, such as 1234.5."),
        ("quantity", "Infinity", "Write a number, such as 1234.5."),
        ("quantity", "1.5", "Write a whole number."),
        ("quantity", "9" * 30, "This number is too large: at most 10 digits before the decimals."),
        ("quantity", "9" * 3000, "This number is too long."),
        ("price", "1.005", "At most 2 decimals."),
        ("price", "-0.01", "This cannot be less than 0."),
        ("name", "", "Fill this in."),
        ("name", "x" * 201, "This is too long: at most 200 characters."),
        ("name", "a\0b", "This contains characters that cannot be stored."),
        ("unit", "parsec", "Not a valid choice"),
    ],
)
def test_a_fault_stands_at_its_row_and_what_was_typed_stays(owner, path, fridge, stored, name, value, told):
    before = stored()
    form = form_of(owner.get(path).text) | row("n1", **{name: value}) | {"lines": [fridge, "n1"]}
    answer = owner.post(path, form)
    assert answer.status_code == 422
    field = re.search(rf'id="field-lines-n1-{name}".*?</ul>', answer.text, re.DOTALL).group()
    assert told in field
    assert "Look at the rows that are marked." in answer.text
    if name != "unit" and value and "\0" not in value:
        assert f'value="{value}"' in field
    assert stored() == before


def test_weights_have_decimals(owner, path, fridge, stored):
    form = form_of(owner.get(path).text) | row("n1", unit="kg", quantity="1,2505") | {"lines": [fridge, "n1"]}
    assert owner.post(path, form).status_code == 303
    assert stored()[1].quantity == "1.2505"


@pytest.mark.parametrize("htmx", [False, True])
def test_the_buttons_of_the_rows_keep_what_was_typed_and_store_nothing(owner, path, fridge, stored, htmx):
    before = stored()
    typed = form_of(owner.get(path).text) | row("n1", name="Typed", quantity="two") | {"lines": [fridge, "n1"]}

    def press(command):
        answer = owner.post(path, typed | {"lines-command": command}, htmx=htmx)
        assert ("<html" in answer.text) is not htmx
        assert answer.status_code == 200
        return answer.text

    added = press("add")
    assert re.findall(r'name="lines" value="(\w+)"', added)[:2] == [fridge, "n1"]
    assert len(re.findall(r'name="lines" value="', added)) == 3
    assert added.count("autofocus") == 1
    for page in (added, press("up:n1"), press(f"down:{fridge}")):
        assert 'value="Typed"' in page
        assert 'value="two"' in page
        # The typed word is faulty, but what is still empty is not blamed yet.
        assert page.count("Write a number, such as 1234.5.") >= 1
        assert "Fill this in." not in page
    assert re.findall(r'name="lines" value="(\w+)"', press("up:n1")) == ["n1", fridge]
    assert re.findall(r'name="lines" value="(\w+)"', press("remove:n1")) == [fridge]
    for nonsense in ("remove:n9", "up:", "explode:n1", "up:n1:x", f"up:{fridge}"):
        assert re.findall(r'name="lines" value="(\w+)"', press(nonsense)) == [fridge, "n1"]
    assert stored() == before


def test_a_typed_number_is_reckoned_with_at_once(owner, path, fridge):
    form = form_of(owner.get(path).text) | {f"lines-{fridge}-quantity": "4", "lines-command": "recount"}
    answer = owner.post(path, form, htmx=True).text
    assert "RUB\u00a04,938.00" in answer
    assert f'hx-target="#lines-{fridge}-amount"' in answer
    assert "<input" not in answer


def test_one_field_of_a_row_is_checked_while_one_types(owner, path, fridge):
    form = form_of(owner.get(path).text) | {f"lines-{fridge}-quantity": "x", "_validate": f"lines-{fridge}-quantity"}
    answer = owner.post(path, form, htmx=True)
    assert answer.status_code == 200
    assert answer.text.strip().startswith('<div class="field field--bad"')
    assert owner.post(path, form | {"_validate": "lines-n7-quantity"}, htmx=True).status_code == 400


def test_a_line_that_two_people_changed_is_asked_about(owner, path, fridge, browse, world, stored):
    form = form_of(owner.get(path).text)
    other = browse(world.pelmenya.manager)
    other.post(path, form | {f"lines-{fridge}-name": "Theirs", f"lines-{fridge}-comment": "by the door"})
    answer = owner.post(path, form | {f"lines-{fridge}-name": "Ours", f"lines-{fridge}-quantity": "7"})
    assert answer.status_code == 409
    assert "Theirs" in answer.text
    assert 'value="Ours"' in answer.text
    assert stored()[0].name == "Theirs"
    again = form_of(answer.text) | {"_contested": f"lines-{fridge}-name"}
    assert owner.post(path, again).status_code == 409
    assert owner.post(path, again | {f"_take-lines-{fridge}-name": "mine"}).status_code == 303
    [line] = stored()
    assert (line.name, float(line.quantity), line.comment) == ("Ours", 7, "by the door")


def test_lines_that_two_people_add_remove_and_change_merge(owner, path, fridge, browse, world, stored):
    first = form_of(owner.get(path).text) | row("n1", name="Kettle") | row("n2", name="Scales")
    owner.post(path, first | {"lines": [fridge, "n1", "n2"]})
    form = form_of(owner.get(path).text)
    _fridge, kettle, scales = form["lines"]
    other = browse(world.pelmenya.manager)
    theirs = form | row("n1", name="Shelf") | {"lines": [kettle, fridge, "n1"]}
    assert other.post(path, theirs).status_code == 303
    mine = (
        form
        | row("n9", name="Lamp")
        | {f"lines-{fridge}-comment": "by the door", "lines": [fridge, kettle, scales, "n9"]}
    )
    assert owner.post(path, mine).status_code == 303
    assert [line.name for line in stored()] == ["Kettle", "zqpelmenya fridge 1", "Lamp", "Shelf"]
    assert stored()[1].comment == "by the door"


def test_a_line_that_one_removes_and_the_other_changes_is_not_lost(owner, path, fridge, browse, world, stored):
    form = form_of(owner.get(path).text)
    other = browse(world.pelmenya.manager)
    other.post(path, form | {f"lines-{fridge}-comment": "mended"})
    answer = owner.post(path, form | {"lines": []})
    assert answer.status_code == 409
    assert "Somebody changed this row after you had opened the list" in answer.text
    assert len(stored()) == 1
    assert owner.post(path, form_of(answer.text) | {"lines": []}).status_code == 303
    assert stored() == []
    # The other way round: it was removed, and is changed here.
    answer = other.post(path, form | {f"lines-{fridge}-comment": "mine"})
    assert answer.status_code == 409
    assert "Somebody removed this row meanwhile" in answer.text
    assert other.post(path, form_of(answer.text)).status_code == 303
    assert [line.comment for line in stored()] == ["mine"]


def test_what_did_not_come_from_the_form_removes_nothing(owner, path, stored):
    before = stored()
    assert owner.post(path, {}).status_code == 303
    assert owner.post(path, {"lines": ["x"]}).status_code == 303
    assert stored() == before


def test_a_list_has_an_end(owner, path, stored):
    form = form_of(owner.get(path).text) | {"lines": [f"n{number}" for number in range(300)]}
    for number in range(300):
        form |= row(f"n{number}")
    answer = owner.post(path, form)
    assert answer.status_code == 422
    assert "At most 200 rows." in answer.text
    assert len(stored()) == 1


def test_amounts_of_two_currencies_are_not_added(owner, path, fridge, world, stored):
    settings = owner.account("settings")
    assert owner.post(settings, {"name": "Pelmenya", "currency": "JPY"}).status_code == 303
    form = form_of(owner.get(path).text) | row("n1", price="100") | {"lines": [fridge, "n1"]}
    refused = owner.post(path, form | {"lines-n1-price": "100.5"})
    assert "Write a whole number." in refused.text
    assert owner.post(path, form).status_code == 303
    assert [line.currency for line in stored()] == ["RUB", "JPY"]
    page = owner.get(owner.account(f"stores/{world.pelmenya.store_id}")).text
    assert page.count("<span>Total</span>") == 2
    assert "JP¥100" in page


def test_the_csv_holds_numbers_and_defused_texts(owner, path, fridge, world):
    form = form_of(owner.get(path).text)
    form |= row("n1", name="=1+1", comment="-2", price="5") | {"lines": [fridge, "n1"]}
    owner.post(path, form)
    answer = owner.get(owner.account(f"stores/{world.pelmenya.store_id}/equipment/export"))
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    assert rows == [
        ["Name", "Quantity", "Unit", "Price each", "Amount", "Currency", "Comment"],
        ["zqpelmenya fridge 1", "2", "pcs", "1234.5", "2469", "RUB", "zqpelmenya comment of store 1"],
        ["'=1+1", "1", "pcs", "5", "5", "RUB", "'-2"],
    ]


@pytest.mark.parametrize(("role", "status"), [("manager", 200), ("chef", 403), ("viewer", 403)])
def test_the_list_is_changed_by_those_who_edit_stores(browse, world, role, status):
    browser = browse(getattr(world.pelmenya, role))
    path = browser.account(f"stores/{world.pelmenya.store_id}")
    assert browser.get(f"{path}/equipment/edit").status_code == status
    assert browser.get(f"{path}/equipment/export").status_code == 200
    assert ("Edit the list" in browser.get(path).text) is (status == 200)


def test_a_line_of_another_store_or_chain_is_not_taken_over(owner, path, fridge, world, stored):
    """An id of somebody else's line makes a new row of one's own, as an id that is nobody's does."""
    others = [(world.pelmenya, 3), (world.vareniki, 1)]
    before = [stored(chain.id_of("store", number)) for chain, number in others]
    form = form_of(owner.get(path).text) | {"lines": [fridge]}
    for key, row_id in {
        "n1": world.pelmenya.id_of("store_equipment", 3),
        "n2": world.vareniki.id_of("store_equipment", 1),
        "n3": "00000000-0000-4000-8000-000000000000",
        "n4": "no id",
    }.items():
        form |= row(key, name=f"Mine {key}") | {f"lines-{key}-id": str(row_id), "lines": [*form["lines"], key]}
    shown = owner.post(path, form | {"lines-command": "recount"}).text
    assert shown.count('-id" value="') == 1
    assert owner.post(path, form).status_code == 303
    assert [line.name for line in stored()] == ["zqpelmenya fridge 1", "Mine n1", "Mine n2", "Mine n3", "Mine n4"]
    assert [stored(chain.id_of("store", number)) for chain, number in others] == before


def test_a_line_that_is_sent_twice_stays_one_and_the_other_is_new(owner, path, fridge, world, stored):
    form = form_of(owner.get(path).text)
    form |= row("n1") | {"lines": [fridge, "n1"], "lines-n1-id": form[f"lines-{fridge}-id"]}
    assert owner.post(path, form).status_code == 303
    assert [line.name for line in stored()] == ["zqpelmenya fridge 1", "Oven"]
