"""Sends everybody out and notes what should not have happened."""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice

from flask import Flask

from portal.db.base import JOBS_SCHEMA, SCHEMA
from tests.browsing import Browser
from tests.database import Database
from tests.rules.site.pages import Offers, offers_of
from tests.rules.site.targets import Target, targets, tenant_tables
from tests.rules.sweeping.actors import ABSENT, Actor, actors
from tests.rules.sweeping.answers import Answer, reduced
from tests.rules.sweeping.asking import Question, Request, questions, takes_a_bearers_secret
from tests.world import Chain, World

MAX_FAULTS = 50
# A test of all people at once takes as long as a test may.
PARTS = 4


class Sweep:
    """One run over the whole url_map.

    ``behind_doors`` leaves whoever the guards do not let in before the door: what holds behind it is not asked there.
    """

    def __init__(self, app: Flask, database: Database, world: World, *, behind_doors: bool = False) -> None:
        self.app, self.database, self.world, self.behind_doors = app, database, world, behind_doors
        self.faults: list[str] = []
        self._secrets = [secret.lower() for chain in world.chains for secret in chain.secrets]
        self._told: set[tuple[str, ...]] = set()
        self.count = 0
        database.restore()
        self._row_queries = _row_queries(tenant_tables(database.sql))
        self.expected = {chain: self._rows(chain, self._row_queries) for chain in world.chains}
        self.offers = self._read_offers()
        self._browser: Browser | None = None
        self._settled = 0

    def run(self, part: int) -> None:
        """Ask everything that this part of the people asks; ``faults`` tells what went wrong."""
        for actor in islice(actors(self.world), part, None, PARTS):
            self._start(actor)
            for target in targets(self.app):
                for question in self._asked_by(actor, target):
                    self._check(actor, target, question)
                    if len(self.faults) >= MAX_FAULTS:
                        return

    def _asked_by(self, actor: Actor, target: Target) -> Iterator[Question]:
        if actor.is_superuser and target.access.superuser:
            return iter(())  # The list of accounts and the door to each are what superusers are for.
        if takes_a_bearers_secret(target):
            values = (target.values(chain) for chain in (actor.home, ABSENT))
            return iter([Question(Request(target.method, target.path(each))) for each in values])
        asked = questions(target, actor, self.offers)
        return asked if self._is_open(actor, target) else islice(asked, 1)

    def _is_open(self, actor: Actor, target: Target) -> bool:
        return not self.behind_doors or actor.may_enter(target.access)

    def _check(self, actor: Actor, target: Target, question: Question) -> None:
        answer = self._ask(actor, target, question.asked)
        if question.twin is None or question.foreign is None:
            self._search(actor, target, question.asked, answer)
            if answer.status == 200 and not self._is_open(actor, target):
                self._fault(actor, question.asked, "is let in")
            return
        twin = self._ask(actor, target, question.twin)
        told, expected = (
            answer.renamed(question.foreign, ABSENT, asked=request.cursors)
            for answer, request in ((answer, question.asked), (twin, question.twin))
        )
        if told != expected and not self._may_tell(actor, target, question.foreign, answer):
            difference = _difference(told, expected)
            self._fault(actor, question.asked, f"a foreign id is told from an absent one: {difference}")

    def _may_tell(self, actor: Actor, target: Target, foreign: Chain, answer: Answer) -> bool:
        """A superuser knows every account by name; what stands in it stays hidden."""
        if not actor.is_superuser:
            return False
        told = _without(answer.text, [foreign.name, *target.values(foreign).values()])
        return Answer(answer.status, told).mentions(foreign) is None

    def _search(self, actor: Actor, target: Target, request: Request, answer: Answer) -> None:
        for chain in self._hidden(actor, target):
            # What was asked may be repeated: a log-in page remembers where one wanted to go.
            asked = [request.path, *target.values(chain).values()] if chain is actor.home else [request.path]
            names = [chain.name] if actor.is_superuser else []
            if found := Answer(answer.status, _without(answer.text, asked + names)).mentions(chain):
                self._fault(actor, request, f"shows a row of {chain.slug}: …{found}…")

    def _ask(self, actor: Actor, target: Target, request: Request) -> Answer:
        assert self._browser is not None
        self.count += 1
        self._browser.forget_toasts()
        response = self._browser.open(
            request.path,
            request.method,
            query_string=dict(request.query),
            data=dict(request.form) if request.form is not None else None,
            htmx=request.htmx,
            csrf=not target.is_safe,
        )
        answer = reduced(self.app, response)
        if answer.status >= 500 and request.path != "/readyz":
            self._fault(actor, request, f"answers {answer.status}")
        if any(secret in answer.text for secret in self._secrets):
            self._fault(actor, request, "shows a sealed secret")
        self._settle(actor, target, request)
        return answer

    def _hidden(self, actor: Actor, target: Target) -> list[Chain]:
        """Whose rows must stay unseen; whoever holds a link's secret may act on what it opens."""
        opened = (actor.home,) if takes_a_bearers_secret(target) else ()
        return [chain for chain in actor.hidden if chain not in opened]

    def _settle(self, actor: Actor, target: Target, request: Request) -> None:
        """Put everything back, if anything was written at all."""
        if self.database.transactions() == self._settled:
            return
        written = self.database.written()
        for chain in self._hidden(actor, target):
            for table, told in self._rows(chain, written).items():
                if told != self.expected[chain][table]:
                    self._fault(actor, request, f"changes rows of {chain.slug} in {table}")
        self._start(actor)

    def _start(self, actor: Actor) -> None:
        self.database.restore()
        self._browser = Browser(self.app, self.database, actor.person, actor.visiting)
        self._settled = self.database.transactions()

    def _rows(self, chain: Chain, tables: Iterable[str]) -> dict[str, str]:
        """A fingerprint of every row of a chain in each of the tables, and of the jobs that name one."""
        parameters = {"account_id": chain.account_id, "prefix": f"%{chain.prefix}%"}
        told = {}
        for table in tables:
            if query := self._row_queries.get(table):
                rows = [row.told for row in self.database.sql(query, parameters) if "a test" not in row.told]
                told[table] = hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()
        return told

    def _read_offers(self) -> Offers:
        home = self.world.pelmenya
        people = ((home.owner, None), (self.world.superuser, home))
        return offers_of(self.app, lambda: [Browser(self.app, self.database, *each) for each in people], home)

    def _fault(self, actor: Actor, request: Request, told: str) -> None:
        kind = (str(actor), request.method, request.path, told[:40])
        if kind not in self._told:
            self._told.add(kind)
            self.faults.append(f"{actor}: {str(request)[:300]}: {told}")


def _without(text: str, told: list[str]) -> str:
    for each in told:
        text = text.replace(each.lower(), "{told}")
    return text


def _row_queries(tables: list[str]) -> dict[str, str]:
    """What asks for the rows of a chain, by table with its schema."""
    names = {f'{SCHEMA}."{table}"': "account_id" for table in tables} | {f'{SCHEMA}."account"': "id"}
    queries = {
        name: f"SELECT t::text AS told FROM {name} t WHERE {column} = %(account_id)s" for name, column in names.items()
    }
    jobs = f'{JOBS_SCHEMA}."procrastinate_jobs"'
    queries[jobs] = f"SELECT t::text AS told FROM {jobs} t WHERE args::text LIKE %(prefix)s"
    return queries


def _difference(one: str, other: str) -> str:
    place = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    start = max(0, place - 80)
    return f"…{one[start : place + 80]!r}… but …{other[start : place + 80]!r}…"
