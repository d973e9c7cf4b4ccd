"""The server itself: log-ins that take seats, and the paths of the API."""

import hashlib
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import TracebackType
from typing import Any, Self
from xml.sax.saxutils import escape

from werkzeug.wrappers import Request, Response

from tests.fakes.faults import Cut
from tests.fakes.iiko.certificate import Certificate
from tests.fakes.iiko.chain import Chain, id_of
from tests.fakes.iiko.deliveries import Deliveries, Goods, stock, told_goods
from tests.fakes.iiko.faults import NO_SEAT, STATUSES, Faults
from tests.fakes.iiko.oddities import add_oddities
from tests.fakes.iiko.pages import Pages
from tests.fakes.iiko.purchases import Purchases
from tests.fakes.iiko.seats import Seats
from tests.fakes.serving import Server

LOGIN, PASSWORD = "portal", "iiko-demo"
API = "/resto/api/"
# What a path is called in faults, rights and records.
PATHS = {
    "auth": "auth",
    "logout": "logout",
    "licence/info": "licence",
    "replication/serverType": "server_type",
    "corporation/departments": "departments",
    "corporation/stores": "stores",
    "suppliers": "suppliers",
    "employees": "employees",
    "v2/entities/products/list": "products",
    "v2/entities/products/group/list": "groups",
    "v2/entities/list": "units",
    "v2/assemblyCharts/getAll": "charts",
    "documents/export/incomingInvoice": "invoices",
    "v2/reports/olap/columns": "columns",
    "v2/reports/olap": "olap",
}
XML = ("server_type", "departments", "stores", "suppliers", "employees", "invoices")
RECENT = 400


@dataclass
class Call:
    """One request; ``status`` is 0 where the connection was cut, ``None`` while it is under way."""

    name: str
    method: str
    at: float
    token: str = ""
    status: int | None = None
    agent: str = ""


class FakeIiko:
    """A server; ``overlaps`` counts requests that came before the last was answered, ``leaks`` secrets in addresses."""

    key = label = "iiko"

    def __init__(
        self, port: int = 0, *, seats: int = 2, chain: Chain | None = None, tls: Certificate | None = None
    ) -> None:
        self.chain = chain or Chain.of_size(3)
        # What it buys: nothing until somebody says so.
        self.purchases = Purchases()
        self.login, self.password = LOGIN, PASSWORD
        self.version, self.edition, self.server_type = "8.7.6028.0", "chain", "CHAIN"
        self.needs_browser_agent = False
        self.free_seats_are_told = True
        self.denied: set[str] = set()
        self.lacking: set[str] = set()
        self.tls, self.faults = tls, Faults()
        self.calls: list[Call] = []
        self.overlaps, self.leaks = 0, 0
        # Told of each request of the API before it is answered, such as to kill whoever asks.
        self.on_call: Callable[[Call], None] = lambda call: None
        self.changed = threading.Condition()
        self._skipped = 0.0
        self.seats = Seats(seats, self.now)
        self._numbers = itertools.count()
        self._under_way: dict[int, Call] = {}
        self._pages = Pages(self)
        self._server = Server(self._answer, port, tls.context() if tls else None)

    @property
    def base_url(self) -> str:
        """What an owner types."""
        return self._server.url

    def start(self) -> Self:
        """Listen."""
        self._server.start()
        return self

    __enter__ = start

    def stop(self) -> None:
        """Connections are refused from now on, open ones end."""
        self.faults.clear()
        self._server.stop()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def now(self) -> float:
        """The server's clock, in seconds."""
        return time.monotonic() + self._skipped

    def pass_time(self, *, seconds: float = 0, minutes: float = 0) -> None:
        """Let sessions age."""
        self._skipped += seconds + 60 * minutes

    def restart(self, answers: int = 2) -> None:
        """Every session is gone, and the next so many requests meet a page of the proxy."""
        self.seats.drop_all()
        self.faults.plan("restart", times=answers)

    def introduce(self, values: Mapping[str, Any]) -> None:
        """Log-in and password that are right from now on, and the restaurants of the chain with their stores."""
        self.login, self.password = values["login"], values["password"]
        restaurants = ((each["name"], each["stores"]) for each in values["restaurants"])
        self.chain.introduce(values["name"], restaurants)
        self.trade(more=told_goods(values.get("goods", ())))

    def trade(self, every_days: int = 3, more: tuple[Goods, ...] = ()) -> None:
        """Let suppliers come to the restaurants, each once in so many days; some of the papers are odd."""
        self.purchases = stock(Purchases(daily=Deliveries(every_days, more=more)), more)
        add_oddities(self.chain, self.purchases, datetime.now(UTC).date())

    def calls_of(self, *names: str) -> list[Call]:
        """The requests of those names."""
        with self.changed:
            return [call for call in self.calls if call.name in names]

    def wait_for_call(self, name: str, n: int = 1, timeout: float = 10) -> None:
        """Until so many requests of that name have come; AssertionError where they do not."""
        with self.changed:
            is_so = self.changed.wait_for(lambda: sum(call.name == name for call in self.calls) >= n, timeout)
        assert is_so, f"fewer than {n} calls of {name}: {[call.name for call in self.calls]}"

    def _answer(self, request: Request) -> Response:
        if request.path == "/" or request.path.startswith("/_/"):
            return self._pages.answer(request)
        call = self._note(request)
        number = next(self._numbers)
        self._begin(number, call)
        try:
            self.on_call(call)
            fault = self.faults.take(call.name)
            if fault is not None and fault.name == "unauthorized":
                # Of a token that is no longer known the seat is free.
                self.seats.give_back(call.token)
            answer = self.faults.apply(fault, lambda: self._work(call, request))
            call.status = answer.status_code
        except Cut:
            call.status = 0
            raise
        finally:
            self._end(number)
        return answer

    def _note(self, request: Request) -> Call:
        path = request.path.removeprefix(API) if request.path.startswith(API) else ""
        name = PATHS.get(path, "info" if request.path == "/resto/get_server_info.jsp" else "unknown")
        token = request.cookies.get("key") or request.values.get("key", "")
        if "key" in request.args or "pass" in request.args:
            self.leaks += 1
        return Call(name, request.method, self.now(), token, agent=request.headers.get("User-Agent", ""))

    def _begin(self, number: int, call: Call) -> None:
        with self.changed:
            # A log-out may come while the server still works at what its client gave up.
            if self._under_way and call.name != "logout":
                self.overlaps += 1
            self._under_way[number] = call
            self.calls.append(call)
            del self.calls[:-RECENT]
            self.changed.notify_all()

    def _end(self, number: int) -> None:
        with self.changed:
            self._under_way.pop(number, None)
            self.changed.notify_all()

    def _work(self, call: Call, request: Request) -> Response:
        if self.needs_browser_agent and "Mozilla" not in call.agent:
            return STATUSES["server_error"]()
        if call.name in ("info", "auth", "logout"):
            return getattr(self, f"_{call.name}")(request)
        if not self.seats.is_known(call.token):
            return STATUSES["unauthorized"]()
        if call.name == "unknown" or call.name in self.lacking:
            return STATUSES["not_offered"]()
        if call.name in self.denied:
            return STATUSES["no_right"]()
        return getattr(self, f"_{call.name}")(request)

    def _info(self, request: Request) -> Response:
        return _xml(
            [
                f"<r><serverName>{escape(self.chain.name)}</serverName><edition>{self.edition}</edition>",
                f"<version>{self.version}</version><serverState>STARTED_SUCCESSFULLY</serverState></r>",
            ]
        )

    def _auth(self, request: Request) -> Response:
        digest = hashlib.sha1(self.password.encode(), usedforsecurity=False).hexdigest()
        if (request.values.get("login"), request.values.get("pass")) != (self.login, digest):
            return STATUSES["unauthorized"]()
        token = self.seats.take()
        if token is None:
            return Response(NO_SEAT, 403, content_type="text/plain;charset=UTF-8")
        answer = Response(token, content_type="text/plain;charset=UTF-8")
        answer.headers.add("Set-Cookie", f"key={token}; Path=/; HttpOnly")
        return answer

    def _logout(self, request: Request) -> Response:
        token = request.cookies.get("key") or request.values.get("key", "")
        if not self.seats.give_back(token):
            return STATUSES["unauthorized"]()
        return Response("", content_type="text/plain")

    def _licence(self, request: Request) -> Response:
        return Response(str(self.seats.free), content_type="text/plain")

    def _server_type(self, request: Request) -> Response:
        return _xml([f"<serverType>{self.server_type}</serverType>"])

    def _departments(self, request: Request) -> Response:
        return self._tree(request, self.chain.departments_xml())

    def _stores(self, request: Request) -> Response:
        return self._tree(request, self.chain.stores_xml())

    @staticmethod
    def _tree(request: Request, pieces: Iterable[str]) -> Response:
        """Some chains answer so where somebody asks for JSON."""
        if "json" in request.headers.get("Accept", ""):
            return _json([{}, {}, {}])
        return _xml(pieces)

    def _suppliers(self, request: Request) -> Response:
        return _xml(self.purchases.suppliers_xml())

    def _employees(self, request: Request) -> Response:
        return _xml(["<employees>", *(_employee(number) for number in range(3)), "</employees>"])

    def _invoices(self, request: Request) -> Response:
        try:
            first, last = (date.fromisoformat(request.args[key]) for key in ("from", "to"))
        except (KeyError, ValueError):
            return STATUSES["our_mistake"]()
        return _xml(self.purchases.invoices_xml(self.chain, first, last))

    def _products(self, request: Request) -> Response:
        # By id alone are asked those that exist: nobody's is none.
        return _json("[]" if request.method == "POST" else self.purchases.products_json())

    def _groups(self, request: Request) -> Response:
        return _json(self.purchases.groups_json())

    def _units(self, request: Request) -> Response:
        return _json(self.purchases.units_json())

    def _charts(self, request: Request) -> Response:
        return _json({"knownRevision": 1, "assemblyCharts": [], "preparedCharts": []})

    def _columns(self, request: Request) -> Response:
        return _json({"Department.Id": {"name": "Подразделение", "type": "STRING", "groupingAllowed": True}})

    def _olap(self, request: Request) -> Response:
        return _json({"data": [], "summary": []})


def _employee(number: int) -> str:
    """With the private fields that nobody may read into anything."""
    return (
        f"<employee><id>{id_of('employee', str(number))}</id><code>{number}</code><name>Ромашкин {number}</name>"
        f"<login>l{number}</login><password>p{number}</password><pinCode>1234</pinCode><snils>000-000-000 00</snils>"
        "<deleted>false</deleted><supplier>false</supplier><employee>true</employee></employee>"
    )


def _xml(pieces: Iterable[str]) -> Response:
    return Response("".join(pieces), content_type="application/xml")


def _json(value: Any) -> Response:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Response(text, content_type="application/json")
