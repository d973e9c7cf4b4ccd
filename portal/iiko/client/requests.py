"""The questions that the portal asks: only these paths, only these verbs, each with its bounds.

Facts: iiko's Server API documentation (ru.iiko.help, "API iikoServer"). Nothing here writes at iiko.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

MIB = 1024 * 1024
ALL_REVISIONS = ("revisionFrom", "-1")
XML, JSON, ANY = "application/xml", "application/json", "*/*"
INFO_PATH = "get_server_info.jsp"
# Paths below /resto. ``licence/clean`` is none of them: it ends other programs' sessions.
READ_PATHS = frozenset(
    {
        INFO_PATH, "api/licence/info", "api/replication/serverType", "api/corporation/departments",
        "api/corporation/stores", "api/suppliers", "api/employees", "api/v2/entities/list",
        "api/v2/entities/products/list", "api/v2/entities/products/group/list", "api/documents/export/incomingInvoice",
        "api/v2/assemblyCharts/getAll", "api/v2/reports/olap/columns",
    }
)  # fmt: skip
POST_PATHS = frozenset(
    {
        "api/auth", "api/logout", "api/v2/entities/products/list", "api/v2/entities/products/group/list",
        "api/v2/reports/olap",
    }
)  # fmt: skip
ALLOWED = frozenset(
    {("GET", path) for path in READ_PATHS} | {("POST", path) for path in POST_PATHS} | {("GET", "api/logout")}
)
# The number of the API's module in iiko's licences.
API_MODULE = "28008806"
MAX_OLAP_FIELDS = 7


class NotAllowed(ValueError):
    """Not one of the questions that the portal may ask."""


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """One question. ``path`` follows ``/resto/``; ``seconds`` are for all of it; ``right`` is what iiko asks for."""

    name: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str], ...] | None = None
    accept: str = XML
    seconds: float = 30.0
    body_cap: int = MIB
    right: str | None = None
    # Of documents: the first and the last day that they are asked for by.
    days: tuple[date, date] | None = None
    # Whether the answer holds what is nobody's business: passwords, cards, days of birth. Its bytes are not kept.
    is_private: bool = False
    json: Mapping[str, Any] | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        if (self.method, self.path) not in ALLOWED:
            raise NotAllowed(f"{self.method} {self.path}")
        if any(key in ("key", "pass", "login") for key, _ in self.query):
            # Addresses are written into logs.
            raise NotAllowed("a secret in an address")

    @property
    def key(self) -> str:
        """What tells it from others of one run."""
        return f"{self.name} {self.days[0]}" if self.days else self.name


SERVER_INFO = ApiRequest("info", "GET", INFO_PATH, (("encoding", "UTF-8"),), seconds=15)
AUTH = ApiRequest("auth", "POST", "api/auth", form=(), accept=ANY, seconds=15)
LOGOUT = ApiRequest("logout", "POST", "api/logout", form=(), accept=ANY, seconds=15)
# For servers that know no other way.
LOGOUT_BY_GET = ApiRequest("logout", "GET", "api/logout", accept=ANY, seconds=15)
LICENCE = ApiRequest("licence", "GET", "api/licence/info", (("moduleId", API_MODULE),), accept=ANY)
SERVER_TYPE = ApiRequest("server_type", "GET", "api/replication/serverType")
DEPARTMENTS = ApiRequest("departments", "GET", "api/corporation/departments", (ALL_REVISIONS,), body_cap=8 * MIB)
STORES = ApiRequest("stores", "GET", "api/corporation/stores", (ALL_REVISIONS,), body_cap=8 * MIB)
SUPPLIERS = ApiRequest(
    "suppliers", "GET", "api/suppliers", (ALL_REVISIONS,), seconds=60, body_cap=32 * MIB, is_private=True
)
EMPLOYEES = ApiRequest(
    "employees", "GET", "api/employees", (ALL_REVISIONS,), seconds=60, body_cap=32 * MIB, is_private=True
)
_LIVING = ("includeDeleted", "false")
PRODUCTS = ApiRequest(
    "products", "GET", "api/v2/entities/products/list", (_LIVING,),
    accept=JSON, seconds=120, body_cap=128 * MIB, right="B_EN",
)  # fmt: skip
GROUPS = ApiRequest(
    "groups", "GET", "api/v2/entities/products/group/list", (_LIVING,),
    accept=JSON, seconds=120, body_cap=128 * MIB, right="B_EN",
)  # fmt: skip
UNITS = ApiRequest("units", "GET", "api/v2/entities/list", (("rootType", "MeasureUnit"), _LIVING), accept=JSON)
OLAP_COLUMNS = ApiRequest("columns", "GET", "api/v2/reports/olap/columns", (("reportType", "SALES"),), accept=JSON)


def products_of(*product_ids: str) -> ApiRequest:
    """Products by id alone: that of nobody asks whether products may be read, and brings none."""
    form = (*(("ids", each) for each in product_ids), _LIVING)
    return ApiRequest(
        "products", "POST", PRODUCTS.path, form=form, accept=JSON, seconds=120, body_cap=128 * MIB, right="B_EN"
    )


def incoming_invoices(first: date, last: date | None = None) -> ApiRequest:
    """Invoices by their date of receipt, both days inclusive; a day where ``last`` is left out, never over a month."""
    last = last or first
    if not 0 <= (last - first).days <= 31:
        raise NotAllowed("invoices of more than a month, or of none")
    days = (("from", first.isoformat()), ("to", last.isoformat()))
    path = "api/documents/export/incomingInvoice"
    return ApiRequest("invoices", "GET", path, days, seconds=120, body_cap=64 * MIB, days=(first, last))


def assembly_charts(business_day: date, following: date) -> ApiRequest:
    """Every recipe that holds on a business day."""
    query = (
        ("dateFrom", business_day.isoformat()), ("dateTo", following.isoformat()),
        ("includeDeletedProducts", "false"), ("includePreparedCharts", "false"),
    )  # fmt: skip
    path = "api/v2/assemblyCharts/getAll"
    return ApiRequest("charts", "GET", path, query, accept=JSON, seconds=180, body_cap=128 * MIB, right="B_EN")


def olap(report: Mapping[str, Any]) -> ApiRequest:
    """A report; at most seven fields, and no summary, which older versions answer by hanging."""
    fields = [*report.get("groupByRowFields", ()), *report.get("aggregateFields", ())]
    if len(fields) > MAX_OLAP_FIELDS:
        raise NotAllowed("a report of too many fields")
    body = {**report, "buildSummary": False}
    return ApiRequest("olap", "POST", "api/v2/reports/olap", json=body, accept=JSON, seconds=120, body_cap=64 * MIB)
