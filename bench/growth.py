"""``python -m bench.growth``: what lists cost as an account grows, among nine others that grow as well.

The median of whole requests within one process, and PostgreSQL's share of a search. With
``--superuser-url`` another server is measured (for one with pg_trgm), in a database of its own.
"""

import argparse
import re
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from bench.serving import configure, database, migrate

DATABASE, ROLE = "getinn_bench", "getinn_bench"


def main() -> None:
    """One line a page, one column a size."""
    arguments = _arguments()
    results = {size: _measure(size, arguments) for size in arguments.restaurants}
    first = arguments.restaurants[0]
    print(f"{'page':<28}" + "".join(f"{size:>12}" for size in arguments.restaurants) + f"{'× first':>9}")
    for page in results[first]:
        figures = [results[size][page] for size in arguments.restaurants]
        print(f"{page:<28}" + "".join(f"{figure:>10.2f}ms" for figure in figures) + f"{figures[-1] / figures[0]:>9.2f}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--restaurants", type=int, nargs="+", default=[1000, 100_000])
    parser.add_argument("--dialogs", type=int, default=1000)
    parser.add_argument("--repeat", type=int, default=60)
    parser.add_argument("--superuser-url", help="a server to measure instead of the embedded one")
    return parser.parse_args()


def _measure(size: int, arguments: argparse.Namespace) -> dict[str, float]:
    with _database(arguments.superuser_url) as superuser_url:
        from bench.data import TOKEN, load

        data = load(superuser_url, size, arguments.dialogs)
        from portal import create_app

        app = create_app()
        client = app.test_client()
        client.set_cookie("portal", TOKEN)
        base = f"/accounts/{data.slug}/restaurants"
        deep = _deep_page(client, base)
        rare = client.get(f"{base}?page=last").text
        word = re.search(r"/restaurants/[0-9a-f-]{36}\">\w+ (\w{8})</a>", rare).group(1)
        pages = {
            "list, page 1": base,
            "list, deep page": deep,
            "list, last page": f"{base}?page=last",
            "search, a rare word": f"{base}?q={word}",
            "search, a common word": f"{base}?q=kazan",
            "search, how names begin": f"{base}?q=tykva",
        }
        found = {name: _median(client, url, arguments.repeat) for name, url in pages.items()}
        found["database: rare word"] = _database_time(app, data, word, arguments.repeat)
        found["database: common word"] = _database_time(app, data, "kazan", arguments.repeat)
        found["database: how names begin"] = _database_time(app, data, "tykva", arguments.repeat)
        from portal.db.base import db

        with app.app_context():
            db.engine.dispose()
        return found


@contextmanager
def _database(superuser_url: str | None) -> Iterator[str]:
    if superuser_url is None:
        with database() as server:
            yield server.superuser_url("getinn")
        return
    with psycopg.connect(superuser_url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        server.execute(f"DROP ROLE IF EXISTS {ROLE}")
        server.execute(f"CREATE ROLE {ROLE} LOGIN")
        server.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
        info = server.info
        address = f"/{DATABASE}?host={info.host}&port={info.port}"
        configure(f"postgresql://{ROLE}@{address}")
        migrate()
        yield f"postgresql://{info.user}@{address}"
        server.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")
        server.execute(f"DROP ROLE {ROLE}")


def _deep_page(client, base: str) -> str:
    """The middle of the list, reached by links from its end."""
    url = f"{base}?page=last"
    for _ in range(8):
        before = re.search(r'href="([^"]*[?&;]before=[^"]*)"', client.get(url).text)
        if before is None:
            break
        url = before.group(1).replace("&amp;", "&")
    return url


def _median(client, url: str, repeat: int) -> float:
    times = []
    for _ in range(repeat):
        started = time.perf_counter()
        answer = client.get(url)
        times.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == 200, answer.status
    return statistics.median(times)


def _database_time(app, data, word: str, repeat: int) -> float:
    """PostgreSQL's own time for the statements of a search."""
    from portal.restaurants.listing import RESTAURANTS
    from portal.tenancy.scope import enter_account
    from portal.web.listing import read_page

    times = []
    with app.test_request_context():
        enter_account(data.account_id)
        for _ in range(repeat):
            started = time.perf_counter()
            read_page(RESTAURANTS, {"q": word}, "/")
            times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
