"""The stand-in's own page: seats, what goes wrong, the chain, and what was asked lately."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from tests.fakes.iiko.faults import BODIES, STATUSES, TIMES

if TYPE_CHECKING:
    from tests.fakes.iiko.server import FakeIiko

FOLDER = Path(__file__).resolve().parents[1]
STATIC = {"style.css": "text/css", "live.js": "text/javascript"}
SHOWN_NODES, SHOWN_CALLS = 60, 15
MOST_DEPARTMENTS, MOST_SEATS = 10_000, 100
SECONDS = {"delay": 5.0, "drip": 20.0, "hang": 60.0}
REQUESTS = (
    "auth", "logout", "info", "departments", "stores", "suppliers", "units", "products", "groups", "invoices",
    "columns",
)  # fmt: skip
ROUTES = Map(
    [
        Rule("/", endpoint="home", methods=["GET"]),
        Rule("/_/static/<name>", endpoint="static", methods=["GET"]),
        Rule("/_/introductions", endpoint="introduce", methods=["POST"]),
        Rule("/_/faults", endpoint="plan", methods=["POST"]),
        Rule("/_/mend", endpoint="mend", methods=["POST"]),
        Rule("/_/restart", endpoint="restart", methods=["POST"]),
        Rule("/_/seats", endpoint="seats", methods=["POST"]),
        Rule("/_/time", endpoint="time", methods=["POST"]),
        Rule("/_/size", endpoint="size", methods=["POST"]),
        Rule("/_/rights/<name>", endpoint="right", methods=["POST"]),
        Rule("/_/departments", endpoint="add", methods=["POST"]),
        Rule("/_/nodes/<id>/store", endpoint="add_store", methods=["POST"]),
        Rule("/_/nodes/<id>/name", endpoint="rename", methods=["POST"]),
        Rule("/_/nodes/<id>/removal", endpoint="remove", methods=["POST"]),
    ]
)
TEMPLATES = Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined)


class Pages:
    """Everything under ``/_/``, and ``/``. It is for one person's own machine: there is no log-in."""

    def __init__(self, fake: "FakeIiko") -> None:
        self.fake = fake

    def answer(self, request: Request) -> Response:
        """A page, or what a button of one does."""
        # Another site's page in the same browser has no business here.
        if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            return Response("", 403)
        try:
            endpoint, values = ROUTES.bind_to_environ(request.environ).match()
            return getattr(self, f"_{endpoint}")(request, **values) or self._back(request)
        except HTTPException as error:
            return Response(error.description, error.code)
        except (LookupError, ValueError) as error:
            return self._page("problem.html", problem=str(error), back="/", status=422)

    def _page(self, template: str, status: int = 200, **values: Any) -> Response:
        text = TEMPLATES.get_template(template).render(fake=self.fake, **values)
        return Response(text, status, mimetype="text/html")

    def _home(self, request: Request) -> Response:
        nodes = list(self.fake.chain.nodes.values())
        return self._page(
            "iiko.html",
            calls=self.fake.calls[-SHOWN_CALLS:][::-1],
            nodes=[node for node in nodes if node.type != "CORPORATION"][:SHOWN_NODES],
            faults={"Answers instead": tuple(STATUSES), "Bytes": tuple(BODIES), "Time": TIMES},
            requests=REQUESTS,
        )

    def _static(self, request: Request, name: str) -> Response:
        if name not in STATIC:
            raise NotFound
        return Response((FOLDER / "static" / name).read_bytes(), mimetype=STATIC[name])

    def _introduce(self, request: Request) -> Response:
        self.fake.introduce(json.loads(request.get_data()))
        return Response(self.fake.base_url, mimetype="text/plain")

    def _plan(self, request: Request) -> None:
        times = int(request.form.get("times") or 0)
        name = request.form["fault"]
        self.fake.faults.plan(name, request.form.get("on") or None, times or None, SECONDS.get(name, 0.0))

    def _mend(self, request: Request) -> None:
        self.fake.faults.clear()
        self.fake.denied.clear()
        self.fake.lacking.clear()
        self.fake.seats.taken_by_others = 0

    def _restart(self, request: Request) -> None:
        self.fake.restart()

    def _seats(self, request: Request) -> None:
        total, others = (int(request.form[key]) for key in ("total", "others"))
        if not (0 <= others <= MOST_SEATS and 0 <= total <= MOST_SEATS):
            raise ValueError(f"From 0 to {MOST_SEATS} seats.")
        self.fake.seats.total, self.fake.seats.taken_by_others = total, others

    def _time(self, request: Request) -> None:
        self.fake.pass_time(minutes=float(request.form["minutes"]))

    def _size(self, request: Request) -> None:
        departments, stores = (int(request.form[key]) for key in ("departments", "stores"))
        if not (0 <= departments <= MOST_DEPARTMENTS and 0 <= stores <= 10):
            raise ValueError(f"Up to {MOST_DEPARTMENTS} restaurants with up to 10 stores each.")
        self.fake.chain.resize(departments, stores)

    def _right(self, request: Request, name: str) -> None:
        self.fake.denied.symmetric_difference_update({name})

    def _add(self, request: Request) -> None:
        owners = self.fake.chain.of_type("JURPERSON")
        name = _name(request)
        department = self.fake.chain.add_department(name, owners[-1] if owners else None)
        self.fake.chain.add_store(f"{name}, кухня", department)

    def _add_store(self, request: Request, id: str) -> None:  # noqa: A002
        self.fake.chain.add_store(_name(request), self.fake.chain.nodes[id])

    def _rename(self, request: Request, id: str) -> None:  # noqa: A002
        self.fake.chain.rename(id, _name(request))

    def _remove(self, request: Request, id: str) -> None:  # noqa: A002
        self.fake.chain.remove(id)

    def _back(self, request: Request) -> Response:
        return redirect(urlsplit(request.referrer or "/").path, 303)


def _name(request: Request) -> str:
    name = request.form["name"].strip()
    if not name:
        raise ValueError("A name is needed.")
    return name
