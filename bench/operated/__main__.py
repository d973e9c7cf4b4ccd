"""``python -m bench.operated``: ten minutes of mixed traffic with every fault injected once.

Two machines of web behind nginx and a PgBouncer that pools by transaction, two workers, three messengers' stand-ins.
Guests say words and wait until the bot has repeated them; managers read and change; nothing may answer 500, no word
and no confirmed change may be lost, no message may come twice without its flag. Ends with status 1 otherwise.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import psycopg

from bench.data import CHAINS, TOKEN, Bench
from bench.data import load as load_data
from bench.deliveries import Hook
from bench.operated.injections import HangingMail, Injections
from bench.operated.stack import Stack, free_port, running
from bench.operated.traffic import Guest, Manager, Tally, forget_passwords, in_threads
from bench.operated.verdict import judge, settle
from bench.serving import database
from bench.webhooks import connect
from portal.db.base import SCHEMA
from tests.fakes import DEMO, FAKES

AFTERMATH_SECONDS = 12.0
STEPS = {
    "ask": {"message": "Say a word", "expected_input": {"type": "text", "variable": "word"}, "next_step": "echo"},
    "echo": {
        "message": "You said {{word}}",
        "expected_input": {"type": "text", "variable": "word"},
        "next_step": "echo",
    },
}


def main() -> None:
    """Run, break, judge."""
    arguments = _arguments()
    mail, port = HangingMail(), free_port()
    with ExitStack() as stack:
        fakes = {key: stack.enter_context(FAKES[key]()) for key in FAKES}
        settings = {
            "ENVIRONMENT": "test",
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "PROXY_HOPS": "1",
            "SMTP_URL": f"smtp+plain://127.0.0.1:{mail.port}",
            "MAIL_FROM": "portal@example.com",
            "LOG_LEVEL": "info",
            **{f"{key.upper()}_API_BASE": fake.base_url for key, fake in fakes.items()},
        }
        server = stack.enter_context(database(**settings))
        superuser_url = server.superuser_url("getinn").replace("+psycopg", "")
        chain = load_data(superuser_url, 100, 10)
        hooks = _hooks(superuser_url, chain)
        faults = _run(stack, server, superuser_url, chain, hooks, fakes, mail, arguments)
    sys.exit(bool(faults))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--guests", type=int, default=60)
    parser.add_argument("--managers", type=int, default=6)
    parser.add_argument("--only", help="inject those alone whose name holds this word")
    parser.add_argument("--times", type=int, default=1, help="inject each so often")
    return parser.parse_args()


def _hooks(superuser_url: str, chain: Bench) -> list[tuple[str, Hook]]:
    """Three bots on Telegram and one on each of the others, in as many chains, with a scenario that repeats words."""
    found = []
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        rows = connection.execute(
            f"SELECT b.account_id, b.id, a.slug FROM {SCHEMA}.bot_instance b JOIN {SCHEMA}.account a ON a.id = b.account_id"
            " ORDER BY a.slug LIMIT 5"
        ).fetchall()
        scenario = json.dumps({"name": "Echo", "version": "1", "start_step": "ask", "steps": STEPS})
        for place, (account, bot, slug) in enumerate(rows):
            connection.execute(
                f"INSERT INTO {SCHEMA}.bot_scenario"
                " (account_id, bot_id, name, version, scenario_data, source, number, is_live)"
                " VALUES (%s, %s, 'Echo', '1', %s, %s, 1, true)",
                (account, bot, scenario, scenario),
            )
            connection.execute(f"DELETE FROM {SCHEMA}.bot_dialog_state WHERE bot_id = %s", (bot,))
            connection.execute(f"DELETE FROM {SCHEMA}.bot_platform_credential WHERE bot_id = %s", (bot,))
            key = ("telegram", "whatsapp", "viber", "telegram", "telegram")[place]
            values = dict(DEMO[key])
            if place > 2:
                values["token"] = f"10020030{place}:FAKE-demo-token-for-the-fake-servers-0001"
            one = Bench(slug, account, bot, chain.restaurant_id)
            found.append((key, connect(superuser_url, one, key, values)))
    assert len(rows) == 5 <= CHAINS
    return found


def _run(
    stack: ExitStack,
    server: Any,
    superuser_url: str,
    chain: Bench,
    hooks: list[tuple[str, Hook]],
    fakes: Mapping[str, Any],
    mail: HangingMail,
    arguments: argparse.Namespace,
) -> int:
    names = ("DATABASE_URL", "SECRET_KEY", "CREDENTIAL_KEYS", "PUBLIC_URL")
    settings = {name: os.environ[name] for name in names}
    running_stack = stack.enter_context(running(server, settings, {"DATABASE_POOLER": "transaction"}))
    guests = list(_guests(running_stack, hooks, fakes, arguments.guests))
    tally, stop, until = Tally(), threading.Event(), time.monotonic() + arguments.minutes * 60
    managers = [
        Manager(running_stack.url, TOKEN, chain.slug, restaurant, number)
        for number, restaurant in enumerate(_restaurants(superuser_url, chain, arguments.managers))
    ]
    threads = in_threads(
        *(lambda each=each: each.talk(stop, tally) for each in guests),
        *(lambda each=each: each.work(stop, tally) for each in managers),
        lambda: forget_passwords(running_stack.url, stop, tally),
    )
    injections = Injections(running_stack, superuser_url, fakes, mail).all()
    chosen = [each for each in injections if not arguments.only or arguments.only in each[0]] * arguments.times
    faulty = list(_break(chosen, until))
    time.sleep(max(until - time.monotonic(), 0))
    stop.set()
    for thread in threads:
        thread.join(200)
    settle(superuser_url)
    print(f"{mail.taken} mails taken")
    return judge(superuser_url, guests, tally, faulty)


def _break(injections: list, until: float) -> Iterator[tuple[str, float, float]]:
    """One after the other, spread over the time that is left."""
    time.sleep(10)
    for place, (name, inject) in enumerate(injections):
        begun = time.monotonic()
        pause = (until - begun) / (len(injections) - place)
        print(f"{name} ...", flush=True)
        inject()
        yield name, begun - 1, time.monotonic() + AFTERMATH_SECONDS
        time.sleep(max(begun + pause - time.monotonic(), 0))


def _guests(stack: Stack, hooks: list[tuple[str, Hook]], fakes: Mapping[str, Any], count: int) -> Iterator[Guest]:
    bots = []
    for key, hook in hooks:
        bot = fakes[key].bot(hook.values["token"] if key == "telegram" else "")
        bot.webhook.url = stack.url + hook.path
        if key == "telegram":
            [bot.webhook.secret] = hook.proof(b"").values()
        bots.append((key, bot))
    for number in range(count):
        key, bot = bots[number % len(bots)]
        chat = {"telegram": str(5_000_000 + number), "whatsapp": f"7900{number:07}", "viber": f"guest{number:020}=="}[
            key
        ]
        yield Guest(bot.user(chat, f"Guest {number}"), f"{key}{number}")


def _restaurants(superuser_url: str, chain: Bench, count: int) -> list[Any]:
    with psycopg.connect(superuser_url) as connection:
        query = f"SELECT id FROM {SCHEMA}.restaurant WHERE account_id = %s LIMIT %s"
        return [row[0] for row in connection.execute(query, (chain.account_id, count))]


if __name__ == "__main__":
    main()
