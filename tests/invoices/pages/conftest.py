"""The form of an invoice as a browser fills it in, and what became of it in the database."""

import html
import re

import pytest

ROW = {
    "description": "Butter",
    "inventory_item_id": "",
    "quantity": "1",
    "unit_id": "",
    "unit_price": "100",
    "vat_rate": "10",
    "line_total": "",
    "discount": "",
    "vat_amount": "",
}


class InvoiceForm:
    """The form of a paper: a head, and rows by key."""

    def __init__(self, browser, world):
        self.browser, self.world = browser, world
        self.path = browser.account("invoices/new")

    def head(self, **values):
        chain = self.world.pelmenya
        told = {
            "supplier_id": str(chain.id_of("supplier")),
            "store_id": str(chain.store_id),
            "kind": "invoice",
            "invoice_number": "Z-77",
            "invoice_date": "04/05/2026",
            "due_date": "",
            "prices_include_vat": "1",
            "stated_total": "",
            "currency": "RUB",
            "lines-stamp": "none",
        }
        return told | values

    @staticmethod
    def row(key, **values):
        return {f"lines-{key}-{name}": value for name, value in (ROW | values).items()}

    def filled(self, *rows, **head):
        """The form with those rows."""
        form = self.head(**head) | {"lines": [f"n{place}" for place in range(1, len(rows) + 1)]}
        for place, values in enumerate(rows, 1):
            form |= self.row(f"n{place}", **values)
        return form

    def send(self, *rows, htmx=False, path=None, **head):
        """Send it; a row is what differs from a pound of butter."""
        more = {key: head.pop(key) for key in list(head) if key.startswith(("lines_", "as_", "duplicate_", "_"))}
        form = self.filled(*rows, **head) | {key.replace("lines_", "lines-", 1): value for key, value in more.items()}
        return self.browser.post(path or self.path, form, htmx=htmx)

    def read(self, page):
        """What a browser would send of a page's form."""
        form = {"lines": re.findall(r'name="lines" value="(\w+)"', page)}
        form["lines-stamp"] = re.search(r'name="lines-stamp" value="([^"]+)"', page).group(1)
        if mark := re.search(r'name="_read" value="([^"]*)"', page):
            form["_read"] = mark.group(1)
        for tag in re.findall(r"<input[^>]*>", page):
            name, value = (re.search(rf'\b{each}="([^"]*)"', tag) for each in ("name", "value"))
            if name and value and (name.group(1).startswith("lines-") or name.group(1) in self.head()):
                form.setdefault(name.group(1), html.unescape(value.group(1)))
        for name, choices in re.findall(r'<select[^>]*\bname="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
            chosen = re.search(r'<option selected value="([^"]*)"', choices)
            form[name] = chosen.group(1) if chosen else ""
        form.pop("lines-command", None)
        return form


@pytest.fixture
def owner(browse, world):
    return browse(world.pelmenya.owner)


@pytest.fixture
def paper(owner, world):
    return InvoiceForm(owner, world)


@pytest.fixture
def stored(superuser_sql):
    """The newest invoice of that number with its lines."""

    def read(number="Z-77"):
        invoices = superuser_sql(
            "SELECT * FROM getinn_ops.invoice WHERE invoice_number = %s ORDER BY created_at DESC, id", [number]
        )
        if not invoices:
            return None, []
        lines = superuser_sql(
            "SELECT * FROM getinn_ops.invoice_item WHERE invoice_id = %s ORDER BY position", [invoices[0].id]
        )
        return invoices[0], lines

    return read
