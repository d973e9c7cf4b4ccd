"""Pages of items, packs, names at suppliers, units, conversions, prices and settings."""

import html
import re
from decimal import Decimal

import pytest
from sqlalchemy import select

from portal.catalogue.models import InventoryItem
from portal.catalogue.price_page import MAX_SHOWN
from portal.catalogue.prices import ItemPrice
from portal.db.base import db
from tests.catalogue.conftest import Buying

STORED = "SELECT * FROM getinn_ops.inventory_item WHERE name = %s"


@pytest.fixture
def owner(browse, world):
    return browse(world.pelmenya.owner)


@pytest.fixture
def ids(world):
    tables = {
        "item": "inventory_item",
        "unit": "unit",
        "name": "supplier_item",
        "price": "inventory_item_price_history",
        "supplier": "supplier",
        "conversion": "unit_conversion",
    }
    chain = world.pelmenya
    found = {key: chain.id_of(table) for key, table in tables.items()}
    return found | {"kg": chain.id_of("unit", 1), "g": chain.id_of("unit", 2), "pack": chain.id_of("unit", 3)}


@pytest.fixture
def bought(scoped, world):
    """``bought(make)``: what ``make(buying)`` enters, committed; its value."""

    def enter(make):
        with scoped(world.pelmenya.account_id):
            made = make(Buying(world.pelmenya))
            db.session.commit()
            return made

    return enter


def text_of(answer):
    return " ".join(re.sub(r"<[^>]*>", " ", html.unescape(answer.text)).split())


def packs_form(page, *rows):
    """What a browser would send of the form of packs, with those rows: ``(key, id, 1, unit, 12, unit)``."""
    form = {"lines": [row[0] for row in rows], "lines-stamp": re.search(r'name="lines-stamp" value="([^"]+)"', page)[1]}
    for key, line_id, from_quantity, from_unit, to_quantity, to_unit in rows:
        told = {"from_quantity": from_quantity, "from_unit_id": from_unit, "to_quantity": to_quantity}
        form |= {f"lines-{key}-{name}": str(value) for name, value in (told | {"to_unit_id": to_unit}).items()}
        form |= {f"lines-{key}-id": str(line_id)} if line_id else {}
    return form


@pytest.mark.parametrize(
    "path",
    [
        "items", "items/new", "items/export", "items/imports", "items/{item}", "items/{item}/edit",
        "items/{item}/packs", "items/{item}/names/new", "items/{item}/names/{name}/edit", "units", "units/new",
        "units/{unit}", "units/{unit}/edit", "units/conversions", "prices", "prices/export", "prices/{price}",
        "supply/settings",
    ],
)  # fmt: skip
def test_pages_open(owner, ids, path):
    assert owner.get(owner.account(path.format(**ids))).status_code == 200


@pytest.mark.parametrize(
    ("person", "sees", "edits", "sets_up"),
    [
        ("owner", 200, 200, 200),
        ("manager", 200, 200, 403),
        ("assigned_manager", 200, 200, 403),
        ("chef", 200, 403, 403),
        ("viewer", 200, 403, 403),
    ],
)
def test_who_sees_edits_and_sets_up(browse, world, ids, person, sees, edits, sets_up):
    browser = browse(getattr(world.pelmenya, person))
    statuses = [
        {browser.get(browser.account(path.format(**ids))).status_code for path in paths}
        for paths in (
            ("items", "items/{item}", "units", "units/{unit}", "prices"),
            ("items/new", "items/{item}/edit", "items/{item}/packs", "items/{item}/names/new", "units/conversions"),
            ("supply/settings",),
        )
    ]
    assert statuses == [{sees}, {edits}, {sets_up}]
    archival = browser.post(browser.account("items/archival"), {"ids": str(ids["item"])})
    assert archival.status_code == {200: 303, 403: 403}[sets_up]


def test_an_item_is_added_and_its_name_stands_once_among_those_in_use(owner, ids, superuser_sql):
    form = {"name": "Flour", "default_unit_id": str(ids["kg"]), "item_type": "raw_ingredient", "sku": "F-1"}
    assert owner.post(owner.account("items/new"), form).status_code == 303
    assert superuser_sql(STORED, ["Flour"])[0].current_cost_per_unit is None
    again = owner.post(owner.account("items/new"), form | {"name": "FLOUR", "sku": "f-1"})
    assert again.status_code == 422
    # Above the form and beside each of both fields.
    assert text_of(again).count("Taken already: Flour .") == 4


def test_an_archived_item_comes_back_unless_its_name_was_given_again(owner, ids, superuser_sql):
    [item] = superuser_sql(STORED, ["zqpelmenya item 1"])
    owner.post(owner.account("items/archival"), {"ids": str(item.id)})
    form = {"name": item.name, "default_unit_id": str(ids["kg"]), "item_type": "raw_ingredient"}
    assert owner.post(owner.account("items/new"), form).status_code == 303
    owner.delete(owner.account("items/archival"), {"ids": str(item.id)})
    assert [row.is_active for row in superuser_sql(STORED + " ORDER BY created_at", [item.name])] == [False, True]


def test_the_base_unit_stays_once_there_are_prices(owner, ids, bought, superuser_sql):
    form = {"name": "zqpelmenya item 1", "default_unit_id": str(ids["g"]), "item_type": "raw_ingredient"}
    refused = owner.post(owner.account(f"items/{ids['item']}/edit"), form)
    assert refused.status_code == 422
    assert "There are prices in this unit already." in text_of(refused)
    fresh = bought(lambda buying: buying.item("Sugar").id)
    assert owner.post(owner.account(f"items/{fresh}/edit"), form | {"name": "Sugar"}).status_code == 303
    assert superuser_sql(STORED, ["Sugar"])[0].default_unit_id == ids["g"]


def test_packs_are_changed_together_and_the_log_tells_it(owner, ids, bought, superuser_sql):
    item = bought(lambda buying: buying.item("Dumplings", "kg", (1, "case", 12, "pack")).id)
    path = owner.account(f"items/{item}/packs")
    [case] = superuser_sql("SELECT * FROM getinn_ops.inventory_item_units WHERE inventory_item_id = %s", [item])
    rows = (
        ("r1", case.id, "1", case.from_unit_id, "10", ids["pack"]),
        ("n1", None, "1", ids["pack"], "0,91", ids["kg"]),
    )
    assert owner.post(path, packs_form(owner.get(path).text, *rows)).status_code == 303
    assert "1 pack = 0.91 kg" in text_of(owner.get(owner.account(f"items/{item}")))
    assert "= 9.1 kg" in text_of(owner.get(owner.account(f"items/{item}")))
    [event] = superuser_sql("SELECT * FROM getinn_ops.audit_event WHERE entity_id = %s AND action = 'edited'", [item])
    assert "inventory_item_units" in event.after


def test_a_pack_that_is_removed_and_typed_anew_is_the_same_row(owner, ids, superuser_sql):
    path = owner.account(f"items/{ids['item']}/packs")
    told = "SELECT id, to_quantity FROM getinn_ops.inventory_item_units WHERE inventory_item_id = %s"
    [before] = superuser_sql(told, [ids["item"]])
    # Turned round: of a pair there is one, whichever unit is told first.
    form = packs_form(owner.get(path).text, ("n1", None, "0,85", ids["kg"], "1", ids["pack"]))
    assert owner.post(path, form).status_code == 303
    [after] = superuser_sql(told, [ids["item"]])
    assert (after.id, after.to_quantity) == (before.id, 1)


def test_a_circle_is_refused_beside_its_row_and_shown(owner, ids, superuser_sql):
    superuser_sql("DELETE FROM getinn_ops.unit_conversion WHERE id = %s", [ids["conversion"]])
    path = owner.account(f"items/{ids['item']}/packs")
    rows = (("n1", None, "1", ids["pack"], "500", ids["g"]), ("n2", None, "1", ids["g"], "250", ids["pack"]))
    refused = owner.post(path, packs_form(owner.get(path).text, *rows))
    assert refused.status_code == 422
    told = "This does not come out even: 1 g = 250 pack, 1 pack = 500 g. So 1 g would be 125,000 g."
    assert told in text_of(refused)
    assert 'value="250"' in refused.text


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (("1", "kg", "900", "g"), "1 kg = 900 g, 1,000 g = 1 kg. So 1 kg would be 0.9 kg."),
        (("1", "kg", "1000", "g"), "This holds for everything already: it need not be said."),
        (("1", "kg", "1", "kg"), "Choose two different units."),
        (("0", "pack", "1", "kg"), "This must be more than 0."),
        (("1", "pack", "x", "kg"), "Write a number, such as 1234.5."),
        (("1", "pack", "9223372036854775808", "kg"), "This number is too large: at most 10 digits"),
        (("1", "pack", "1e400", "kg"), "Write a number, such as 1234.5."),
        (("1", "pack", "NaN", "kg"), "Write a number, such as 1234.5."),
        (("1", "pack", "0,00001", "kg"), "At most 4 decimals."),
        (("1", "pack", "", "kg"), "Fill this in."),
    ],
)
def test_a_wrong_pack_is_told_beside_it(owner, ids, row, sentence):
    path = owner.account(f"items/{ids['item']}/packs")
    from_quantity, from_unit, to_quantity, to_unit = row
    form = packs_form(owner.get(path).text, ("n1", None, from_quantity, ids[from_unit], to_quantity, ids[to_unit]))
    refused = owner.post(path, form)
    assert (refused.status_code, sentence in text_of(refused)) == (422, True)


def test_a_pack_makes_known_what_papers_before_it_cost(owner, ids, bought, superuser_sql):
    def enter(buying):
        milk = buying.item("Milk", "ml")
        paper = buying.enter(buying.supplier(), "2026-05-01", (milk, 1, "bottle", "1.15"))
        return milk.id, buying.units["bottle"], buying.units["ml"], paper.invoice.id

    milk, bottle, ml, invoice = bought(enter)
    page = text_of(owner.get(owner.account(f"items/{milk}")))
    assert "The cost is not known" in page
    path = owner.account(f"items/{milk}/packs")
    saved = owner.post(path, packs_form(owner.get(path).text, ("n1", None, "1", bottle, "1000", ml)))
    assert saved.status_code == 303
    assert superuser_sql(STORED, ["Milk"])[0].current_cost_per_unit == Decimal("0.00115")
    [line] = superuser_sql("SELECT base_quantity FROM getinn_ops.invoice_item WHERE invoice_id = %s", [invoice])
    assert line.base_quantity == 1000


def test_a_pack_counts_for_papers_of_restaurants_that_are_not_the_persons(browse, world, bought, superuser_sql):
    def enter(buying):
        milk = buying.item("Milk", "ml")
        buying.enter(buying.supplier(), "2026-05-01", (milk, 1, "bottle", "1.15"))
        return milk.id, buying.units["bottle"], buying.units["ml"]

    milk, bottle, ml = bought(enter)
    manager = browse(world.pelmenya.assigned_manager)
    path = manager.account(f"items/{milk}/packs")
    manager.post(path, packs_form(manager.get(path).text, ("n1", None, "1", bottle, "1000", ml)))
    assert superuser_sql(STORED, ["Milk"])[0].current_cost_per_unit == Decimal("0.00115")


def test_a_conversion_for_all_items_must_agree_with_what_single_items_say(owner, bought):
    def enter(buying):
        buying.item("Dumplings", "kg", (1, "case", 12, "tray"), (1, "tray", 10, "box"))
        return {name: str(buying.unit(name)) for name in ("case", "box", "bag")}

    units = bought(enter)
    path = owner.account("units/conversions")
    form = {"from_quantity": "1", "from_unit_id": units["case"], "to_quantity": "100", "to_unit_id": units["box"]}
    refused = owner.post(path, form)
    assert refused.status_code == 422
    assert "For “Dumplings”: This does not come out even: 1 case = 100 box," in text_of(refused)
    assert owner.post(path, form | {"to_quantity": "120"}).status_code == 303
    again = owner.post(path, form | {"to_quantity": "120"})
    assert "There is a conversion between these two already." in text_of(again)
    other = owner.post(path, form | {"to_unit_id": units["bag"], "to_quantity": "5"})
    assert other.status_code == 303


def test_a_conversion_for_all_items_stays_within_what_is_measured(owner, ids):
    form = {"from_quantity": "1", "from_unit_id": str(ids["pack"]), "to_quantity": "2", "to_unit_id": str(ids["g"])}
    refused = owner.post(owner.account("units/conversions"), form)
    assert "pack and g measure different things: say it on the page of the item." in text_of(refused)


def test_a_conversion_is_removed_and_past_prices_stay(owner, ids, superuser_sql):
    prices = "SELECT id, price FROM getinn_ops.inventory_item_price_history ORDER BY id"
    before = superuser_sql(prices)
    assert owner.delete(owner.account(f"units/conversions/{ids['conversion']}")).status_code == 303
    assert superuser_sql(prices) == before
    assert superuser_sql("SELECT FROM getinn_ops.unit_conversion WHERE id = %s", [ids["conversion"]]) == []


def test_a_unit_of_weight_says_how_many_grams_it_is_and_a_pack_does_not(owner, superuser_sql):
    form = {"name": "Pound", "symbol": "lb", "category": "weight", "base_factor": ""}
    refused = owner.post(owner.account("units/new"), form)
    assert "Say how many grams, millilitres or millimetres one is." in text_of(refused)
    assert owner.post(owner.account("units/new"), form | {"base_factor": "453,59237"}).status_code == 303
    box = {"name": "Box", "symbol": "box", "category": "count"}
    assert owner.post(owner.account("units/new"), box).status_code == 303
    taken = owner.post(owner.account("units/new"), box | {"symbol": "BOX"})
    assert "Taken already: Box." in text_of(taken)
    rows = superuser_sql("SELECT symbol, base_factor FROM getinn_ops.unit WHERE symbol IN ('lb', 'box')")
    assert {tuple(row) for row in rows} == {("lb", Decimal("453.592370")), ("box", None)}


def test_a_unit_that_every_chain_has_or_items_are_counted_in_is_not_archived(owner, ids, bought, superuser_sql):
    jar = bought(lambda buying: (buying.item("Jam", "jar"), buying.unit("jar"))[1])
    told = []
    for unit in (ids["kg"], jar):
        answer = owner.post(owner.account("units/archival"), {"ids": str(unit)})
        told.append(text_of(owner.get(answer.location)))
    assert "zqpelmenya kg is one of the units that every chain has." in told[0]
    assert "jar stays: Jam is counted in it." in told[1]
    active = superuser_sql("SELECT is_active FROM getinn_ops.unit WHERE id IN (%s, %s)", [ids["kg"], jar])
    assert [row.is_active for row in active] == [True, True]


def test_what_a_supplier_calls_an_item_means_one_thing(owner, ids, superuser_sql):
    form = {"supplier_id": str(ids["supplier"]), "description": "Мука в/с, 50 кг", "agreed_price": "1 500,50"}
    path = owner.account(f"items/{ids['item']}/names/new")
    assert owner.post(path, form).status_code == 303
    [row] = superuser_sql("SELECT * FROM getinn_ops.supplier_item WHERE description = %s", [form["description"]])
    assert (row.agreed_price, row.unit_id) == (Decimal("1500.5000"), None)
    again = owner.post(path, form | {"description": "МУКА  В/С 50кг"})
    assert "The supplier calls zqpelmenya item 1 so." in text_of(again)
    assert "Write it in letters or digits." in text_of(owner.post(path, form | {"description": "—"}))
    assert "agreed RUB 1,500.50" in text_of(owner.get(owner.account(f"items/{ids['item']}"))).replace("\u00a0", " ")
    assert owner.delete(owner.account(f"items/{ids['item']}/names/{row.id}")).status_code == 303
    assert superuser_sql("SELECT FROM getinn_ops.supplier_item WHERE id = %s", [row.id]) == []


def test_a_manager_names_items_and_agrees_on_no_price(browse, world, ids, superuser_sql):
    manager = browse(world.pelmenya.manager)
    form = {"supplier_id": str(ids["supplier"]), "description": "Соль", "agreed_price": "10"}
    path = manager.account(f"items/{ids['item']}/names/new")
    assert "agreed_price" not in manager.get(path).text
    assert manager.post(path, form).status_code == 303
    [row] = superuser_sql("SELECT * FROM getinn_ops.supplier_item WHERE description = 'Соль'")
    assert row.agreed_price is None


def test_what_was_agreed_stays_whatever_a_manager_does_with_the_name(browse, world, ids, superuser_sql):
    manager, path = browse(world.pelmenya.manager), f"items/{ids['item']}/names/{ids['name']}"
    agree = "UPDATE getinn_ops.supplier_item SET agreed_price = 100, unit_id = %s WHERE id = %s"
    superuser_sql(agree, [ids["kg"], ids["name"]])
    assert "Forget" not in text_of(manager.get(manager.account(f"items/{ids['item']}")))
    assert manager.delete(manager.account(path)).status_code == 403
    form = {"description": "Мука первая", "unit_id": str(ids["pack"])}
    assert manager.post(manager.account(f"{path}/edit"), form).status_code == 303
    [row] = superuser_sql("SELECT * FROM getinn_ops.supplier_item WHERE id = %s", [ids["name"]])
    assert (row.description, row.agreed_price, row.unit_id) == ("Мука первая", 100, ids["kg"])
    superuser_sql("UPDATE getinn_ops.supplier_item SET agreed_price = NULL WHERE id = %s", [ids["name"]])
    assert manager.delete(manager.account(path)).status_code == 303


def test_a_name_of_another_item_is_not_found_here(owner, ids, bought):
    other = bought(lambda buying: buying.item("Sugar").id)
    assert owner.get(owner.account(f"items/{other}/names/{ids['name']}/edit")).status_code == 404


def test_settings_are_saved_the_first_time_too(browse, world, superuser_sql):
    superuser_sql("DELETE FROM getinn_ops.supply_settings WHERE account_id = %s", [world.pelmenya.account_id])
    owner = browse(world.pelmenya.owner)
    form = {"vat_recoverable": "y", "price_alert": "12,5", "price_tolerance": "1", "statement_tolerance": "0,50"}
    assert owner.post(owner.account("supply/settings"), form).status_code == 303
    stored = "SELECT * FROM getinn_ops.supply_settings WHERE account_id = %s"
    [row] = superuser_sql(stored, [world.pelmenya.account_id])
    assert (row.vat_recoverable, row.price_alert, row.statement_tolerance) == (True, Decimal("12.5"), Decimal("0.5"))
    refused = owner.post(owner.account("supply/settings"), form | {"price_alert": "101"})
    assert "At most 100 per cent." in text_of(refused)


def test_the_cost_explains_itself(owner, bought):
    def enter(buying):
        item = buying.item("Dumplings", "kg", (1, "case", 12, "pack"), (1, "pack", "0.91", "kg"))
        supplier = buying.supplier("The dumpling maker")
        buying.enter(supplier, "2026-05-01", (item, 1, "case", "1000.00"), number="zq-1")
        buying.enter(supplier, "2026-05-10", (item, 1, "case", "1092.00"), number="zq-2")
        return item.id

    item = bought(enter)
    page = text_of(owner.get(owner.account(f"items/{item}"))).replace("\u00a0", " ")
    assert "RUB 100.00 / kg since 10/05/2026 Explain" in page
    assert "RUB 1,092.00 ÷ 10.92 kg = RUB 100.00 / kg" in page
    for told in ("zq-2 of 10/05/2026, The dumpling maker", "1 case = 12 pack", "1 pack = 0.91 kg", "+9.2 %"):
        assert told in page
    assert "RUB 91.58 / kg, zq-1 of 01/05/2026" in page


def test_a_price_whose_pack_has_changed_since_says_so(owner, bought):
    def enter(buying):
        item = buying.item("Dumplings", "kg", (1, "case", 12, "pack"))
        pack = buying.pack(item, 1, "pack", "0.91", "kg")
        buying.enter(buying.supplier(), "2026-05-01", (item, 1, "case", "1092.00"))
        pack.to_quantity = Decimal("0.85")
        return item.id

    page = text_of(owner.get(owner.account(f"items/{bought(enter)}")))
    assert "Not that of today: the price keeps the quantity that it was made with." in page
    assert "10.92 kg" in page


def test_a_price_is_shown_beside_the_one_before_however_many_came_since(owner, bought):
    def enter(buying):
        item, supplier = buying.item("Flour"), buying.supplier()
        buying.enter(supplier, "2026-04-01", (item, 1, "kg", "100.00"), number="zq-before")
        asked = buying.enter(supplier, "2026-04-02", (item, 1, "kg", "120.00"))
        since = [(item, 1, "kg", "130.00")] * (MAX_SHOWN + 1)
        buying.enter(supplier, "2026-04-03", *since)
        return db.session.scalars(select(ItemPrice.id).where(ItemPrice.invoice_item_id == asked.lines[0].id)).one()

    page = text_of(owner.get(owner.account(f"prices/{bought(enter)}")))
    assert "zq-before of 01/04/2026" in page
    assert "There is no earlier price of this supplier" not in page


def test_prices_below_one_are_shown_with_four_decimals(owner, bought):
    def enter(buying):
        buying.enter(buying.supplier(), "2026-05-01", (buying.item("Salt", "g"), 690, "g", "1.15"))

    bought(enter)
    assert "0.0017" in text_of(owner.get(owner.account("items?q=Salt")))
    assert "0.0017" in text_of(owner.get(owner.account("prices?q=salt")))


def test_the_list_of_prices_is_narrowed_by_item_change_and_day(owner, bought, ids):
    def enter(buying):
        flour, supplier = buying.item("Flour"), buying.supplier("The mill")
        for day, total in (("2026-06-01", "100"), ("2026-06-08", "112"), ("2026-06-15", "90")):
            buying.enter(supplier, day, (flour, 1, "kg", total))
        return flour.id, supplier.id

    item, supplier = bought(enter)

    def dates(query):
        page = owner.get(owner.account(f"prices?item_id={item}&{query}")).text
        return re.findall(r"\d\d/06/2026", page.partition("<tbody>")[2])

    assert dates("") == ["15/06/2026", "08/06/2026", "01/06/2026"]
    assert dates("change=10") == ["08/06/2026"]
    assert dates("change=fell") == ["15/06/2026"]
    assert dates("sort=-change") == ["08/06/2026", "01/06/2026", "15/06/2026"]
    assert dates("since=2026-06-08&until=2026-06-14") == ["08/06/2026"]
    assert dates(f"supplier_id={supplier}&q=flou") == ["15/06/2026", "08/06/2026", "01/06/2026"]
    assert dates("q=nothing") == dates("state=back") == []


def test_the_csv_of_prices_holds_numbers_as_they_are(owner, bought):
    def enter(buying):
        item = buying.item("=Flour", "pc", (12, "pc", 1, "pack"))
        buying.enter(buying.supplier(), "2026-06-01", (item, 2, "pack", "27.98"))
        buying.enter(buying.supplier(), "2026-06-02", (item, 2, "pack", "20.00"))

    bought(enter)
    text = owner.get(owner.account("prices/export?q=flour")).get_data(as_text=True)
    assert "27.98" in text
    assert "1.165833" in text
    assert "'=Flour" in text


def test_a_manager_of_one_restaurant_sees_its_prices_alone(browse, world, bought):
    chain = world.pelmenya

    def enter(buying):
        flour, supplier = buying.item("Flour"), buying.supplier("The mill")
        buying.enter(supplier, "2026-06-01", (flour, 1, "kg", "77.77"))
        there = {"restaurant_id": chain.assigned_restaurant_id, "store_id": chain.assigned_store_id}
        buying.enter(supplier, "2026-06-02", (flour, 1, "kg", "88.88"), **there)
        last = buying.enter(supplier, "2026-06-03", (flour, 1, "kg", "99.99"))
        return flour.id, last.lines[0].id

    item, _line = bought(enter)
    manager = browse(chain.assigned_manager)
    page = text_of(manager.get(manager.account(f"prices?item_id={item}")))
    assert ("88.88" in page, "77.77" in page) == (True, False)
    # What it costs is the chain's to know; the paper of another restaurant is not shown.
    own = text_of(manager.get(manager.account(f"items/{item}"))).replace("\u00a0", " ")
    assert "RUB 99.99" in own
    assert "The paper is of a restaurant that is not yours." in own


def test_the_page_of_an_item_asks_as_often_whatever_it_has(owner, bought, ids, statements):
    def enter(buying):
        item = buying.item("Busy", "kg", (1, "case", 12, "pack"), (1, "pack", "0.91", "kg"))
        supplier = buying.supplier()
        for day in range(1, 20):
            buying.enter(supplier, f"2026-05-{day:02}", (item, 1, "case", f"{1000 + day}.00"))
        return item.id

    busy = bought(enter)
    owner.get(owner.account(f"items/{busy}"))
    with statements() as few:
        owner.get(owner.account(f"items/{ids['item']}"))
    with statements() as many:
        owner.get(owner.account(f"items/{busy}"))
    assert many.total <= few.total + 1


def test_an_item_written_by_somebody_else_is_merged_into_the_form(owner, ids, scoped, world, superuser_sql):
    path = owner.account(f"items/{ids['item']}/edit")
    read = re.search(r'name="_read" value="([^"]*)"', owner.get(path).text)[1]
    with scoped(world.pelmenya.account_id):
        db.session.get(InventoryItem, ids["item"]).category = "Dairy"
        db.session.commit()
    form = {
        "_read": html.unescape(read),
        "name": "Another name",
        "default_unit_id": str(ids["kg"]),
        "category": "zqpelmenya category",
        "item_type": "raw_ingredient",
        "sku": "zqpelmenya-1",
    }
    assert owner.post(path, form).status_code == 303
    [row] = superuser_sql(STORED, ["Another name"])
    assert row.category == "Dairy"


def test_the_base_unit_stays_once_something_was_ordered_moved_or_counted_in_it(
    owner, ids, bought, superuser_sql, world
):
    order, count = world.pelmenya.id_of("purchase_order"), world.pelmenya.id_of("stocktake")
    told = {
        "stock_movement": "restaurant_id, store_id, quantity, kind, happened_at, group_id) VALUES (%s, %s,"
        f" '{world.pelmenya.restaurant_id}', '{world.pelmenya.store_id}', 1, 'receipt', now(), gen_random_uuid())",
        "stocktake_item": f"stocktake_id) VALUES (%s, %s, '{count}')",
        "purchase_order_item": "purchase_order_id, position, quantity, unit_id) VALUES (%s, %s,"
        f" '{order}', 9, 1, '{ids['kg']}')",
    }
    for place, (table, rest) in enumerate(told.items()):
        name = f"Sugar {place}"
        item = bought(lambda buying, name=name: buying.item(name).id)
        form = {"name": name, "default_unit_id": str(ids["g"]), "item_type": "raw_ingredient"}
        told_row = f"INSERT INTO getinn_ops.{table} (account_id, inventory_item_id, {rest}"
        superuser_sql(told_row, [world.pelmenya.account_id, item])
        refused = owner.post(owner.account(f"items/{item}/edit"), form)
        assert (table, refused.status_code) == (table, 422)
        assert "Stock or orders are told in this unit already." in text_of(refused)
