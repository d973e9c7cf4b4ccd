"""What a preview says of suppliers, products and invoices."""

import re

import pytest

KEG = {"id": "k", "name": "кега 19 л", "count": "19", "is_deleted": False}
LINE = {"product": None, "sum": "1440.00", "is_expense": False}
VALUES = {
    "invoice_number": "1568", "invoice_date": "2026-11-01", "due_date": None, "status": "draft",
    "received_on": "2026-11-02", "supplier_id": {"id": "s", "name": "ООО «Напитки Плюс»"},
    "store_id": {"id": "t", "name": "Бар"}, "lines": [LINE, LINE],
}  # fmt: skip


@pytest.fixture
def read(world, browse, put_run, run_url):
    """What the page of a run with some actions says, as people read it."""

    def told(*actions):
        kinds = {each["kind"]: {"state": "planned"} for each in actions}
        page = browse(world.pelmenya.owner).get(run_url(put_run(kinds=kinds, actions=actions))).text
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))

    return told


def action(kind, word, **values):
    return {"kind": kind, "iiko_id": "x", "name": "1568", "word": word, "rank": 5, **values}


def test_a_new_invoice_is_told_by_its_days_state_supplier_and_sum(read):
    text = read(action("incoming_invoices", "create", iiko_values=VALUES))
    for told in (
        "Number: 1568",
        "Date: 1 November 2026",
        "Status: Draft",
        "Received: 2 November 2026",
        "Lines: 2 · 2880.00",
    ):
        assert told in text
    assert "Supplier: ООО «Напитки Плюс» · Store: Бар" in text


def test_a_changed_invoice_is_told_by_what_was_and_what_is(read):
    changes = {"status": ["draft", "active"], "lines": ["1 · 1440.00", "2 · 2880.00"]}
    text = read(action("incoming_invoices", "update", changes=changes))
    assert "Status: Draft → In the books" in text
    assert "Lines: 1 · 1440.00 → 2 · 2880.00" in text


def test_a_product_is_told_with_its_packs_and_its_type(read):
    values = {"name": "Морс", "sku": "00042", "item_type": "semi_finished", "packs": [KEG]}
    text = read(action("products", "create", iiko_values=values))
    assert "Article: 00042 · Type: Semi-finished · Packs: кега 19 л = 19" in text


@pytest.mark.parametrize(
    ("reason", "details", "said"),
    [
        ("transfer", {}, "Moved within the chain, not bought."),
        ("internal", {}, "It is a store of the chain itself, and no supplier."),
        ("no_supplier", {}, "It names no supplier yet."),
        ("same_name", {"name": "кг"}, "iiko has it twice; “кг” stands for both."),
    ],
)
def test_why_a_row_is_left_out_is_said_in_words(read, reason, details, said):
    assert said in read(action("incoming_invoices", "skip", reason=reason, details=details))


@pytest.mark.parametrize(
    ("reason", "buttons", "not_there"),
    [
        ("settled", ["Take iiko's", "Keep ours"], []),
        ("counted", ["Keep ours"], ["Take iiko's"]),
        ("taken", [], ["Keep ours"]),
    ],
)
def test_what_a_person_can_decide_stands_beside_the_row(read, reason, buttons, not_there):
    text = read(action("products", "conflict", reason=reason, details={"value": "Соль", "field": "name"}))
    text = text.replace("&#39;", "'")
    assert all(each in text for each in buttons)
    assert not any(each in text for each in not_there)


def test_a_new_paper_is_nobodys_to_choose(world, browse, put_run, run_url, superuser_sql):
    kinds = {"incoming_invoices": {"state": "planned"}}
    run_id = put_run(kinds=kinds, actions=[action("incoming_invoices", "create", iiko_values=VALUES)])
    owner = browse(world.pelmenya.owner)
    assert "/choice" not in owner.get(run_url(run_id)).text
    (row,) = superuser_sql("SELECT id FROM getinn_ops.iiko_action WHERE run_id = %s", [run_id])
    base = "/accounts/pelmenya/integrations/changes"
    assert owner.get(f"{base}/{row.id}/choice").status_code == 404
