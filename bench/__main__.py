"""``python -m bench``: list, detail and toggle, ours against the floor, on a throw-away PostgreSQL."""

import argparse
import os
import secrets
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.client import Line, get, load, post  # noqa: E402
from portal.development.embedded import throwaway_server  # noqa: E402


def main() -> None:
    """Load the data, start both servers, print the ratios."""
    arguments = _arguments()
    with throwaway_server() as server:
        os.environ.update(
            DATABASE_URL=server.url(),
            SECRET_KEY=secrets.token_hex(32),
            CREDENTIAL_KEYS=secrets.token_urlsafe(32),
            ENVIRONMENT="production",
            SECURE_COOKIES="off",
            LOG_LEVEL="warning",
        )
        subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"], cwd=ROOT, check=True)
        from bench.data import load as load_data

        data = load_data(server.superuser_url("getinn"), arguments.restaurants, arguments.dialogs)
        ours, floor = _start("wsgi:app"), _start("bench.floor:app")
        try:
            for each in (ours, floor):
                _wait(each[1])
            _compare(data, ours, floor, arguments)
        finally:
            for process, _ in (ours, floor):
                process.terminate()
                process.wait(10)


def migrate() -> None:
    """Bring the database of DATABASE_URL to the newest revision."""
    subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"], cwd=ROOT, check=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--restaurants", type=int, default=1000, help="of the chain looked at; nine others hold as many"
    )
    parser.add_argument("--dialogs", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=2)
    return parser.parse_args()


def _start(application: str, stderr=None) -> tuple[subprocess.Popen, int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--blocking-threads", "4", "--no-ws", "--log-level", "warning", application]
    program = str(Path(sys.executable).parent / command[0])
    return subprocess.Popen([program, *command[1:]], cwd=ROOT, stdout=stderr, stderr=stderr), port


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            Line(port).ask(get("/healthz", ""))
            return
        except (OSError, ConnectionError):
            time.sleep(0.1)
    raise SystemExit("a server did not start")


def _compare(data, ours: tuple, floor: tuple, arguments: argparse.Namespace) -> None:
    from bench.data import TOKEN

    cookie, token = _form_cookie(ours[1], data, f"portal={TOKEN}")
    base = f"/accounts/{data.slug}"
    toggle = f"/bots/{data.bot_id}/platforms/telegram/activation"
    form = f"csrf_token={token}".encode()
    pages = {
        "list of 50": ([get(f"{base}/restaurants", cookie)], [get("/restaurants", cookie)]),
        "detail": (
            [get(f"{base}/restaurants/{data.restaurant_id}", cookie)],
            [get(f"/restaurants/{data.restaurant_id}", cookie)],
        ),
        "toggle": (
            [post(base + toggle, cookie, form + b"&_method=DELETE"), post(base + toggle, cookie, form)],
            [post(toggle, cookie, b"_method=DELETE"), post(toggle, cookie, b"x=1")],
        ),
    }
    print(f"{arguments.restaurants} restaurants, {arguments.dialogs} dialogs, {arguments.clients} clients")
    print(
        f"{'page':<12}{'ours/s':>9}{'floor/s':>9}{'ratio':>7}{'ours ms CPU':>13}{'floor ms CPU':>14}{'ours bytes':>12}"
    )
    for name, (our_requests, floor_requests) in pages.items():
        us = _best(ours, our_requests, arguments)
        them = _best(floor, floor_requests, arguments)
        print(f"{name:<12}{us[0]:>9.0f}{them[0]:>9.0f}{us[0] / them[0]:>7.2f}{us[1]:>13.2f}{them[1]:>14.2f}{us[2]:>12}")


def _form_cookie(port: int, data, cookie: str) -> tuple[str, str]:
    import http.client
    import re

    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", f"/accounts/{data.slug}/restaurants", headers={"Cookie": cookie})
    answer = connection.getresponse()
    token = re.search(rb'name="csrf_token" value="([^"]+)"', answer.read()).group(1).decode()
    return f"{cookie}; {answer.getheader('Set-Cookie').partition(';')[0]}", token


def _best(server: tuple, requests: list[bytes], arguments: argparse.Namespace) -> tuple[float, float, int]:
    process, port = server
    load(port, requests, arguments.clients, 1.0)
    best = (0.0, 0.0, 0)
    for _ in range(arguments.rounds):
        before = _cpu(process.pid)
        rate, size = load(port, requests, arguments.clients, arguments.seconds)
        cost = (_cpu(process.pid) - before) / (rate * arguments.seconds) * 1000
        best = max(best, (rate, cost, size))
    return best


def _cpu(pid: int) -> float:
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return sum(sum(each.cpu_times()[:2]) for each in family)


if __name__ == "__main__":
    main()
