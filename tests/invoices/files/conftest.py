"""What the tests of files of invoices share: somebody who sends one, looks at it and applies it."""

import html
import io
import re
from collections.abc import Callable

import pytest

from tests.browsing import Browser
from tests.importing.spreadsheets import csv_file
from tests.jobs.conftest import run_job as run_job

HEADINGS = ("Поставщик", "Номер", "Дата", "Наименование", "Ед. изм.", "Количество", "Цена", "Сумма", "НДС %")


class Sending:
    """A person before the pages of files of invoices of their chain."""

    def __init__(self, browser: Browser, chain) -> None:
        self.browser, self.chain = browser, chain
        self.url = browser.account("invoices/files")
        self.here = ""
        self.supplier = f"{chain.marker} supplier 1"

    def send(self, data: bytes, name: str = "papers.csv", *, supplier: int | None = 1, **fields: str):
        """Upload a file; the answer as it came."""
        told = {
            "file": (io.BytesIO(data), name),
            "supplier_id": str(self.chain.id_of("supplier", supplier)) if supplier else "",
            "store_id": str(self.chain.store_id),
        }
        answer = self.browser.post(self.url, told | fields)
        self.here = answer.location or ""
        return answer

    def send_rows(self, *rows: tuple[str, ...], headings: tuple[str, ...] = HEADINGS, **fields) -> "Sending":
        """Upload rows below those headings; they are taken."""
        assert self.send(csv_file([headings, *rows], ";"), **fields).status_code == 303
        return self

    def line(
        self, number="УТ-1", *, day="04.05.2026", what="Масло", unit="кг", quantity="10", price="100", total="1000"
    ):
        """A row of the usual table."""
        return (self.supplier, number, day, what, unit, quantity, price, total, "10")

    def page(self, query: str = "") -> str:
        """The page of the file, without its markup's escapes."""
        answer = self.browser.get(self.here + query)
        assert answer.status_code == 200, answer.location
        return html.unescape(answer.text)

    def results(self) -> dict[int, str]:
        """Result by the number of each row."""
        rows = re.findall(r'<tr id="row-(\d+)">(.*?)</tr>', self.page(), re.DOTALL)
        return {int(number): re.search(r'badge--\w+">([^<]*)<', row)[1] for number, row in rows}

    def details(self) -> dict[int, str]:
        """What is told of each row, by its number."""
        rows = re.findall(r'<tr id="row-(\d+)">.*?<td class="import-details">(.*?)</td>', self.page(), re.DOTALL)
        return {int(number): " ".join(re.sub(r"<[^>]*>", " ", row).split()) for number, row in rows}

    def apply(self, **fields: str):
        """Press the button of the preview."""
        return self.browser.post(self.here + "/application", fields)

    def undo(self):
        """Press the button of an import that was applied."""
        return self.browser.delete(self.here + "/application")


@pytest.fixture
def sending(browse, world) -> Callable[..., Sending]:
    """``sending(person)``: that person before the pages of files of invoices."""
    return lambda person=None, chain=None: Sending(browse(person or world.pelmenya.owner), chain or world.pelmenya)


@pytest.fixture
def entered_papers(superuser_sql, world):
    """``entered_papers()``: the invoices that came from files, with their lines."""

    def read():
        return superuser_sql(
            "SELECT i.*, lines.told AS lines FROM getinn_ops.invoice i CROSS JOIN LATERAL ("
            " SELECT array_agg(x.description || ' ' || x.quantity || ' ' || x.line_total ORDER BY x.position) AS told"
            " FROM getinn_ops.invoice_item x WHERE x.invoice_id = i.id) lines"
            " WHERE i.source = 'file' AND i.account_id = %s ORDER BY i.invoice_number",
            [world.pelmenya.account_id],
        )

    return read
