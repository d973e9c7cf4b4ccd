"""``python -m bench.peers``: the portal beside Flask-Admin, Django's admin and the floor, on one throw-away PostgreSQL.

The peers show the same columns of the same rows, 50 a page, searched and filtered by the same columns, to somebody
signed in, and only the rows of that person's account. They need no row security and connect past it. First each page
is asked for once: it must hold the right rows, and its statements and bytes are counted.
"""

import argparse
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.engine import make_url

from bench import pages
from bench.comparison import Contestant, heading, in_rounds, lines, options
from bench.data import load
from bench.observation import Observer
from bench.peers import environment
from bench.serving import ROOT, Served, database, serving, start
from portal.db.base import SCHEMA

APPLICATIONS = {
    "ours": ("wsgi:app", pages.ours),
    "floor": ("bench.floor:app", pages.floor),
    "Flask-Admin": ("bench.peers.flask_admin:app", pages.flask_admin),
    "Django admin": ("bench.peers.django_admin.wsgi:app", pages.django_admin),
}
ALL_PAGES = (*pages.PAGES[:3], pages.PLAIN_FORM, *pages.PAGES[3:])


def main() -> None:
    """Load the data, start all servers, look at each page, print the ratios."""
    arguments = _arguments()
    python = environment.python()
    with database() as server:
        superuser_url = server.superuser_url("getinn")
        about = pages.asked(superuser_url, load(superuser_url, arguments.restaurants, 100))
        _prepare_peers(superuser_url, python)
        for number, kind in enumerate(arguments.servers):
            with _contestants(kind, python, about) as contestants:
                if number == 0:
                    _look(contestants, Observer(server), about, superuser_url)
                for clients in arguments.clients:
                    _measure(kind, contestants, clients, arguments)


def _arguments() -> argparse.Namespace:
    parser = options(__doc__)
    parser.add_argument(
        "--restaurants", type=int, default=1000, help="of the chain looked at; nine others hold as many"
    )
    parser.add_argument("--servers", nargs="+", choices=["granian", "gunicorn"], default=["granian"])
    parser.add_argument("--pages", nargs="+", choices=ALL_PAGES, default=ALL_PAGES)
    return parser.parse_args()


def _prepare_peers(superuser_url: str, python: str) -> None:
    """Tell the peers where the database is; make the tables that Django wants for itself."""
    url = make_url(superuser_url)
    os.environ.update(
        PEERS_DATABASE_URL=superuser_url,
        PEERS_DATABASE=url.database or "",
        PEERS_HOST=str(url.query["host"]),
        PEERS_USER=url.username or "",
        DJANGO_SETTINGS_MODULE="bench.peers.django_admin.settings",
    )
    with psycopg.connect(superuser_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE SCHEMA peer_django")
    subprocess.run([python, "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"], cwd=ROOT, check=True)


@contextmanager
def _contestants(kind: str, python: str, about: pages.Asked) -> Iterator[list[Contestant]]:
    with serving(*(_start(name, kind, python) for name in APPLICATIONS)) as served:
        yield [
            Contestant(name, each, make_pages(each.port, about))
            for each, (name, (_, make_pages)) in zip(served, APPLICATIONS.items(), strict=True)
        ]


def _start(name: str, kind: str, python: str) -> Served:
    application = APPLICATIONS[name][0]
    gunicorn = environment.packages() if kind == "gunicorn" else None
    if application.startswith("bench.peers"):
        return start(application, python=python, gunicorn=gunicorn)
    return start(application, gunicorn=gunicorn)


def _look(contestants: list[Contestant], observer: Observer, about: pages.Asked, superuser_url: str) -> None:
    """Print what one answer costs beside time; end where a page does not show what it should."""
    print(f"{'page':<26}{'of':<14}{'statements':>11}{'bytes sent':>12}{'uncompressed':>14}")
    with observer.watching():
        for page in ALL_PAGES:
            for each in contestants:
                seen = observer.look(each, page)
                faults = about.faults(page, seen.text) + (
                    [] if page != pages.SWITCH else _switched(superuser_url, about)
                )
                if faults:
                    raise SystemExit(f"{each.name}, {page}: {faults}")
                print(f"{page:<26}{each.name:<14}{seen.statements:>11}{seen.sent:>12}{seen.plain:>14}", flush=True)


def _switched(superuser_url: str, about: pages.Asked) -> list[str]:
    """The first request of the switch turns the platform off."""
    with psycopg.connect(superuser_url.replace("+psycopg", "")) as connection:
        row = connection.execute(
            f"SELECT is_active FROM {SCHEMA}.bot_platform_credential WHERE id = %s", (about.credential_id,)
        ).fetchone()
    return ["it is still on"] if row is None or row[0] else []


def _measure(kind: str, contestants: list[Contestant], clients: int, arguments: argparse.Namespace) -> None:
    print(heading(kind, clients, arguments))
    for page in arguments.pages:
        print(
            *lines(page, in_rounds(page, contestants, pages.clients_of(page, clients), arguments)), sep="\n", flush=True
        )


if __name__ == "__main__":
    main()
