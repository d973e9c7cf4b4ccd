"""``python -m bench.growth_talks``: what pages of conversations cost as histories grow.

1 000 conversations with 100 000 messages against 10 000 with 1 000 000, in a chain among nine others that hold a tenth
of it each. The median of whole requests within one process.
"""

import argparse
import re
import statistics
import time

from bench.growth import _database


def main() -> None:
    """One line a page, one column a size."""
    arguments = _arguments()
    sizes = list(zip(arguments.dialogs, arguments.messages, strict=True))
    results = [_measure(dialogs, messages, arguments) for dialogs, messages in sizes]
    heads = [f"{dialogs}/{messages}" for dialogs, messages in sizes]
    print(f"{'conversations/messages':<32}" + "".join(f"{head:>16}" for head in heads) + f"{'× first':>9}")
    for page in results[0]:
        figures = [result[page] for result in results]
        print(f"{page:<32}" + "".join(f"{figure:>14.2f}ms" for figure in figures) + f"{figures[-1] / figures[0]:>9.2f}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dialogs", type=int, nargs="+", default=[1000, 10_000], help="of the chain looked at")
    parser.add_argument("--messages", type=int, nargs="+", default=[100_000, 1_000_000], help="of the chain looked at")
    parser.add_argument("--repeat", type=int, default=60)
    parser.add_argument("--superuser-url", help="a server to measure instead of the embedded one")
    return parser.parse_args()


def _measure(dialogs: int, messages: int, arguments: argparse.Namespace) -> dict[str, float]:
    with _database(arguments.superuser_url, "getinn_bench_talks") as (superuser_url, _is_new):
        from bench.data import TOKEN, load
        from bench.talks import load as load_talks

        data = load(superuser_url, 10, 10)
        talk = load_talks(superuser_url, data, dialogs, messages)
        from portal import create_app

        app = create_app()
        client = app.test_client()
        client.set_cookie("portal", TOKEN)
        html = client.get(talk.path).text
        earlier = re.search(r'href="([^"]*\?before=\d+)"', html)[1]
        following = re.search(r'<div id="following"[^>]*>', html)[0].replace("&amp;", "&")
        question = re.search(r'hx-get="([^"]*)"', following)[1]
        mark = re.search(r'If-None-Match": "\\"([^"\\]*)', following)[1]
        everywhere = f"/accounts/{data.slug}/dialogs"
        pages = {
            "list, page 1": talk.list_path,
            "list, deep page": _deep_page(client, talk.list_path),
            "list, blocked": f"{talk.list_path}?state=blocked",
            "list, a step": f"{talk.list_path}?step=step_7",
            "list, search": f"{talk.list_path}?q=talk-7",
            "list of all bots, page 1": everywhere,
            "list of all bots, blocked": f"{everywhere}?state=blocked",
            "conversation": talk.path,
            "conversation, earlier page": earlier,
        }
        found = {name: _median(client, url, arguments.repeat) for name, url in pages.items()}
        found["question of a watching page"] = _question(client, question, mark, arguments.repeat)
        from portal.db.base import db

        with app.app_context():
            db.engine.dispose()
        return found


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


def _question(client, url: str, mark: str, repeat: int) -> float:
    """What it costs to hear that nothing is new."""
    times = []
    for _ in range(repeat):
        started = time.perf_counter()
        answer = client.get(url, headers={"HX-Request": "true", "If-None-Match": f'"{mark}"'})
        times.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == 304, answer.status
    return statistics.median(times)


if __name__ == "__main__":
    main()
