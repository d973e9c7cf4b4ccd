"""``python -m bench.watching``: many people watching one conversation each; what their questions cost.

Each page asks every three seconds. First the questions come as fast as the server answers, then at their own
pace, for the share of a core that they take; at last one in ten finds something new.
"""

import argparse
import hashlib
import http.client
import os
import re
import threading
import time

import psycopg

from bench.client import HOST
from bench.serving import Served, database, serving, start

PACE = 3.0


def main() -> None:
    """Load the data, start the server, print the figures."""
    arguments = _arguments()
    with database() as server:
        from bench.data import load
        from bench.talks import load as load_talks

        data = load(server.superuser_url("getinn"), 100, 100)
        talk = load_talks(server.superuser_url("getinn"), data, 1000, 100_000)
        with serving(start("wsgi:app")) as (served,):
            _watch(server.superuser_url("getinn"), served, data, talk, arguments)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=15.0)
    return parser.parse_args()


def _watch(superuser_url: str, served: Served, data, talk, arguments: argparse.Namespace) -> None:
    with psycopg.connect(superuser_url.replace("+psycopg", ""), autocommit=True) as database:
        questions = _questions(database, served.port, data, talk, arguments.people)
        rate, cost, _ = _ask(served, questions, 8, arguments.seconds, pace=None)
        print(f"questions without news, as fast as they are answered: {rate:.0f}/s, {cost:.2f} ms CPU each")
        _report("nothing new", arguments.people, _ask(served, questions, 16, arguments.seconds, PACE))
        stop = threading.Event()
        talking = threading.Thread(target=_talk, args=(superuser_url, data, arguments.people, stop))
        talking.start()
        found = _ask(served, questions, 16, arguments.seconds, PACE)
        stop.set()
        talking.join()
        _report("20 messages a second arriving", arguments.people, found)


def _report(name: str, people: int, found: tuple[float, float, float]) -> None:
    rate, cost, worst = found
    print(
        f"{people} people, {name}: {rate:.0f} questions/s, {rate * cost / 10:.0f} % of one core in the web process,"
        f" 99 % answered within {worst:.0f} ms"
    )


def _questions(database: psycopg.Connection, port: int, data, talk, people: int) -> list[dict[str, str]]:
    """One signed-in person and one open conversation each."""
    schema = os.environ.get("DATABASE_SCHEMA", "getinn_ops")
    dialogs = database.execute(
        f"SELECT id FROM {schema}.bot_dialog_state WHERE bot_id = %s AND platform_chat_id LIKE 'talk-%%' LIMIT %s",
        (data.bot_id, people),
    ).fetchall()
    questions = []
    for number, (dialog,) in enumerate(dialogs):
        token = f"bench-watching-{number:04}"
        database.execute(
            f"INSERT INTO {schema}.user_session (account_id, user_id, token_hash, expires_at, last_seen_at) SELECT account_id,"
            f" id, %s, now() + interval '1 day', now() + interval '1 hour' FROM {schema}.\"user\" WHERE account_id = %s",
            (hashlib.sha256(token.encode()).digest(), data.account_id),
        )
        question = {"cookie": f"portal={token}", "url": f"{talk.list_path}/{dialog}"}
        _update(question, _page(port, question))
        questions.append(question)
    return questions


def _page(port: int, question: dict[str, str]) -> str:
    line = http.client.HTTPConnection(HOST, port)
    line.request("GET", question["url"], headers={"Cookie": question["cookie"]})
    answer = line.getresponse()
    body = answer.read().decode()
    line.close()
    return body


def _update(question: dict[str, str], html: str) -> None:
    """What the page asks next, as its watching part says."""
    part = re.search(r'<div id="following"[^>]*>', html)[0].replace("&amp;", "&")
    question["next"] = re.search(r'hx-get="([^"]*)"', part)[1]
    question["mark"] = re.search(r'If-None-Match": "\\"([^"\\]*)', part)[1]


def _ask(served: Served, questions: list, clients: int, seconds: float, pace: float | None) -> tuple:
    """Questions per second, CPU milliseconds of one, and the 99th percentile in milliseconds."""
    times: list[float] = []
    before, started = served.cpu, time.perf_counter()
    work = [
        threading.Thread(target=_work, args=(served.port, questions[place::clients], started + seconds, pace, times))
        for place in range(clients)
    ]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    elapsed = time.perf_counter() - started
    times.sort()
    return (
        len(times) / elapsed,
        (served.cpu - before) / len(times) * 1000,
        times[int(len(times) * 0.99)] * 1000,
    )


def _work(port: int, questions: list, deadline: float, pace: float | None, times: list[float]) -> None:
    line, due = http.client.HTTPConnection(HOST, port), time.perf_counter()
    while True:
        for question in questions:
            due += (pace or 0) / len(questions)
            time.sleep(max(0.0, due - time.perf_counter()))
            if time.perf_counter() >= deadline:
                return
            started = time.perf_counter()
            mark = f'"{question["mark"]}"'
            headers = {"Cookie": question["cookie"], "HX-Request": "true", "If-None-Match": mark}
            line.request("GET", question["next"], headers=headers)
            answer = line.getresponse()
            body = answer.read()
            times.append(time.perf_counter() - started)
            if answer.status == 200:
                _update(question, body.decode())
            elif answer.status != 304:
                raise RuntimeError(f"status {answer.status}")


def _talk(superuser_url: str, data, people: int, stop: threading.Event) -> None:
    """People who write, twenty messages a second over all conversations."""
    schema = os.environ.get("DATABASE_SCHEMA", "getinn_ops")
    with psycopg.connect(superuser_url.replace("+psycopg", ""), autocommit=True) as database:
        while not stop.wait(0.05):
            database.execute(
                f"INSERT INTO {schema}.bot_message (account_id, bot_id, credential_id, dialog_id, direction, author, kind,"
                " text, state) SELECT account_id, bot_id, credential_id, dialog_id, 'in', 'guest', 'text', 'news',"
                f" 'received' FROM {schema}.bot_message WHERE dialog_id = (SELECT id FROM {schema}.bot_dialog_state"
                " WHERE bot_id = %s AND platform_chat_id LIKE 'talk-%%' ORDER BY random() LIMIT 1) LIMIT 1",
                (data.bot_id,),
            )


if __name__ == "__main__":
    main()
