"""What a page costs in statements, from the url_map: few, and no more with more rows."""

import pytest

from tests.rules.site.listings import listings
from tests.rules.site.targets import targets

LIST, PAGE, OVERVIEW = 3, 4, 8
# What the messenger calls a guest besides is asked first: all that is counted then goes by it.
DEARER = {
    "account.guests.show": 1,
    # Whose chat it is, and who works there.
    "account.bot_conversations.show": 1,
    # Its people, of one that iiko names the row with its link, what it buys and awaits, what came last, and how its
    # stock stands.
    "account.restaurants.show": 6,
    # What it buys, what of that waits, what is expected, what came last, and how its stock stands.
    "account.stores.show": 4,
    # Restaurants and suppliers may be chosen.
    "account.purchase_orders.index": 1,
    # Supplier and place, lines, items and their packs, what the supplier calls and asks for them, units and
    # conversions, what was sent.
    "account.purchase_orders.show": 9,
    "account.purchase_orders.sheet": 3,
    "account.order_standing.send": 5,
    # Suppliers, stores, items and their packs, units and conversions, what the supplier asks.
    "account.purchase_orders.edit": 17,
    "account.purchase_orders.new": 1,
    # Restaurants and suppliers may be chosen.
    "account.deliveries.index": 1,
    # Lines, items, units; what was ordered, received and billed of the same items; papers, proposals, who and where.
    "account.deliveries.show": 17,
    # The order's lines, items by id and by name, units and packs, the supplier, and what came of it already.
    "account.deliveries.receive_order": 6,
    # The categories of items may be chosen.
    "account.stock.index": 1,
    # What movements come to, lots, the latest movements.
    "account.stock.show": 2,
    # What was entered together, what has undone it, by what it came, who and where.
    "account.movements.show": 4,
    # What the books say of the moment of each line.
    "account.stocktakes.review": 3,
    # What has changed since, and how many lines there are.
    "account.stocktakes.follow": 1,
    # What was bought of it and what waits, its papers, its doubles and what was merged with it, its link with iiko.
    "account.suppliers.show": 5,
    # What rose, what waits, who was bought from, which statements are open and which are missing,
    # what is expected and what came last.
    "account.supply.home": 6,
    # Its link with iiko, and what of it is kept as typed here.
    "account.legal_entities.show": 2,
    # What the last check found, its runs, its licence seats, what was said of its tree, by whose clocks it is read.
    "account.iiko_servers.show": 4,
    # Its kinds, beside the rows that it plans.
    "account.iiko_runs.show": 1,
    # Every room of the staff shows its part.
    "account.staff.show": 9,
    "account.staff.today": 4,
    # Its steps, and how many checklists run that were made of it.
    "account.checklists.show": 1,
    # What of each step changes, and in how many.
    "account.checklists.running": 2,
    # Positions, restaurants and kinds of papers may be chosen.
    "account.checklists.edit": 2,
    # Restaurants and suppliers may be chosen.
    "account.invoices.index": 1,
    # Suppliers and stores may be chosen, and earlier files are shown.
    "account.invoice_files.index": 1,
    # Its rows, its papers, whose they are, what they may be twice, and what of the chain they name.
    "account.invoice_files.show": 4,
    "account.exceptions.index": 1,
    # Supplier and store, items, units, photos, what is to be decided and who decided; whether VAT is deducted,
    # and by which delivery it came.
    "account.invoices.show": 7,
    # Suppliers, stores, items and their packs, units, what the supplier's words are known for.
    "account.invoices.edit": 6,
    "account.invoices.new": 1,
    # How its rows stand, and its latest changes.
    "account.reconciliations.show": 2,
    # The row, its statement, what other rows are, and what this one may be.
    "account.statement_rows.show": 3,
    # Whether the step's engagement is the latest.
    "account.steps.edit": 1,
    # Units, conversions, packs, prices with their papers, what suppliers call it; what the chain reckons in.
    "account.items.show": 6,
    # All units, and the conversions that the packs must agree with.
    "account.items.packs": 1,
    # Suppliers and units may be chosen.
    "account.supplier_items.edit": 1,
    # The one before, and by which conversions both came about.
    "account.prices.show": 3,
    # What it is in other units.
    "account.units.show": 1,
}
# What a copy has of its own.
CHANGED = {
    "id": "gen_random_uuid()",
    "name": "name || ' ' || n",
    "entity_id": "gen_random_uuid()",
    "key": "key || n",
    "email": "n || email",
    "number": "number + 10 * n",
    "is_live": "false",
    "token_hash": "decode(md5(encode(token_hash, 'hex') || n), 'hex')",
    "platform_chat_id": "platform_chat_id || n",
    "dedupe_key": "dedupe_key || n",
    "seq": "seq + 1000 * n",
    "day": "day + n::int",
    "code": "code || n",
    "phone": "phone || n",
    "lot_number": "lot_number || n",
    "symbol": "symbol || n",
    "invoice_number": "invoice_number || n",
    "po_number": "po_number || n",
    "sku": "sku || n",
    "okei_code": "NULL",
    "iiko_id": "iiko_id || n",
    "request_key": "gen_random_uuid()",
    "entry_no": "entry_no + 1000 * n",
}
# Of what there is one at a time, the copies are out of use.
ONCE = {
    "stocktake": {"status": "'posted'"},
    "onboarding_template": {"is_active": "false"},
    "inventory_item_price_history": {"invoice_item_id": "NULL"},
    # A draft's total need not be the sum of its lines.
    "invoice": {"status": "'draft'"},
    "invoice_exception": {"state": "'resolved'"},
    # Its invoice's total is the sum of its lines.
    "invoice_item": {"line_total": "0", "vat_amount": "0"},
}
# Shown on pages without being lists of their own.
SHOWN_ELSEWHERE = {"invitation", "user_session", "import_batch"}
# Lines of documents, copied last, each for another item.
LINES = ("purchase_order_item", "delivery_item", "stocktake_item", "invoice_item")
OTHER_ITEM = {
    "inventory_item_id": "(SELECT id FROM getinn_ops.inventory_item other"
    " WHERE other.account_id = line.account_id AND other.id <> line.inventory_item_id ORDER BY id OFFSET n LIMIT 1)",
    "position": "position + n",
}


def multiplied():
    """The tables of every list, and of what pages show beside them; chains are not multiplied."""
    return [*sorted({each.entity.__tablename__ for each in listings()} - {"account"} | SHOWN_ELSEWHERE), *LINES]


def ceiling(app, target):
    """How many statements a page may cost, the opening one included; one more where it takes a costly page's place."""
    return _ceiling(target) + getattr(app.view_functions[target.rule.endpoint], "is_costly", False)


def _ceiling(target):
    if target.rule.rule == "/accounts/<slug:account_slug>/":
        return OVERVIEW
    kind = LIST if target.rule.endpoint.endswith(".index") else PAGE
    return kind + DEARER.get(target.rule.endpoint, 0)


def pages(app):
    """Every page that is only shown; exports write to the log as well."""
    return [each for each in targets(app) if each.is_safe and not each.rule.endpoint.endswith(".export")]


def costs(app, browser, chain, statements):
    """Statements by page."""
    found = {}
    for target in pages(app):
        path = target.path(target.values(chain))
        browser.get(path)  # Whatever a process reads once, it has read now.
        with statements() as counted:
            answer = browser.get(path)
        if answer.status_code == 200:
            found[str(target)] = (counted.total, ceiling(app, target), counted.statements)
    return found


@pytest.fixture(params=["owner", "assigned_manager", "superuser"])
def person_and_browser(request, browse, world):
    if request.param == "superuser":
        return browse(world.superuser, visiting=world.pelmenya)
    return browse(getattr(world.pelmenya, request.param))


def test_no_page_costs_more_statements_than_its_kind_may(app, world, statements, person_and_browser):
    found = costs(app, person_and_browser, world.pelmenya, statements)
    assert len(found) > 10
    dear = {page: (total, most, told) for page, (total, most, told) in found.items() if total > most}
    assert dear == {}


def test_no_page_costs_more_statements_with_more_rows(app, world, statements, superuser_sql, person_and_browser):
    few = costs(app, person_and_browser, world.pelmenya, statements)
    multiply(superuser_sql, 60)
    many = costs(app, person_and_browser, world.pelmenya, statements)
    grown = {page: (few[page][0], many[page][0]) for page in few if many[page][0] > few[page][0]}
    assert grown == {}


def multiply(sql, times):
    """Copy rows of every kind, each copy with an id and a name of its own."""
    for table in multiplied():
        columns = sql(
            "SELECT attname AS name FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
            " AND NOT attisdropped AND attgenerated = ''",
            [f'getinn_ops."{table}"'],
        )
        changed = CHANGED | ONCE.get(table, {}) | (OTHER_ITEM if table in LINES else {})
        names = [row.name for row in columns]
        values = ", ".join(changed.get(name, f'"{name}"') for name in names)
        told = ", ".join(f'"{name}"' for name in names)
        sql(
            f'INSERT INTO getinn_ops."{table}" ({told}) SELECT {values} FROM getinn_ops."{table}" line,'
            f" generate_series(1, {times}) n"
            " WHERE account_id = (SELECT id FROM getinn_ops.account WHERE slug = 'pelmenya')"
        )
