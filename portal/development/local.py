"""``bin/dev``: database, migrations, demo data, stand-ins, web server and worker on one machine, until Ctrl-C."""

import base64
import contextlib
import ctypes
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from config import Config, ConfigurationError, portal_data
from portal.development import stand_ins
from portal.development.embedded import EmbeddedServer, database_folder
from portal.development.system_account import EmbeddedServerError

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
START_TIMEOUT = 60  # seconds
STOP_TIMEOUT = 10  # seconds
ACCESS_LOG = "%(status)s %(method)s %(path)s %(dt_ms).0f ms"
NO_DEMO = "no demo data"  # what the demo command says of a database that holds something else
DEVELOPMENT = "portal.development.app"
PR_SET_PDEATHSIG = 1  # prctl(2)


class CannotStart(Exception):
    """The portal cannot start here; the message says why and what to do."""


def main() -> int:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())
    try:
        with contextlib.ExitStack() as stack:
            return _run(stack, stop)
    except (CannotStart, ConfigurationError, EmbeddedServerError, stand_ins.NoPorts, OSError) as error:
        if stop.is_set():
            return 0
        print(error, file=sys.stderr)
        return 1


def _run(stack: contextlib.ExitStack, stop: threading.Event) -> int:
    data = portal_data()
    data.mkdir(parents=True, exist_ok=True)
    stack.enter_context(_only_one(data))
    env = development_environment(os.environ, data)
    refuse_busy_port(env["PORT"])
    if "DATABASE_URL" not in env:
        env["DATABASE_URL"] = stack.enter_context(_own_server(data))
    config = Config.from_environment(env)
    config.require_secrets()
    _flask(env, "db", "upgrade")
    is_demo = NO_DEMO not in _flask(env, "demo", "--if-empty", app=DEVELOPMENT)
    if stop.is_set():
        return 0
    address = f"http://{HOST}:{config.port}"
    commands = _commands(config.port, is_demo)
    has_stand_ins = is_demo and stand_ins.are_wanted(env)
    if has_stand_ins:
        chosen_settings = stand_ins.settings(stand_ins.free_ports(), address)
        # One that was left over from ``bin/fakes`` would have them listen where nobody asks.
        env = chosen_settings | env | {"FAKES_PORT": chosen_settings["FAKES_PORT"]}
        commands = {"stand-ins": stand_ins.command()} | commands
    processes = {name: stack.enter_context(_process(command, env)) for name, command in commands.items()}

    def greet() -> str:
        """What a person needs to begin; only now do the stand-ins find the portal."""
        chosen = ["--stand-ins", "--iiko", stand_ins.iiko_address(env)] if has_stand_ins else ["--no-stand-ins"]
        return _flask(env, "come-alive", *chosen, "--address", address, app=DEVELOPMENT) if is_demo else ""

    return _watch(processes, config.port, stop, greet)


def development_environment(env: Mapping[str, str], data: Path) -> dict[str, str]:
    """``env`` with what a machine of one's own needs: plain HTTP on localhost, and keys kept in ``data``."""
    given = {name: value for name, value in env.items() if value.strip()}
    defaults = {
        "ENVIRONMENT": "development",
        "SECURE_COOKIES": "off",
        "PORT": "5000",
        "PORTAL_DATA": str(data),
    }
    return kept_keys(data / "keys.env") | defaults | given | {"PYTHONUNBUFFERED": "1"}


def kept_keys(file: Path) -> dict[str, str]:
    """The keys of this folder, made at the first start; only their owner may read them (mode 600)."""
    if not file.exists():
        credential_key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        lines = f"SECRET_KEY={secrets.token_urlsafe(48)}\nCREDENTIAL_KEYS={credential_key}\n"
        unfinished = file.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
            output.write(lines)
        unfinished.rename(file)
    pairs = (line.partition("=") for line in file.read_text().splitlines() if "=" in line)
    return {name: value for name, _, value in pairs}


def refuse_busy_port(text: str) -> None:
    """Raise :class:`CannotStart` where another program listens on the port already."""
    port = Config.from_environment({"DATABASE_URL": "postgresql:///none", "PORT": text}).port
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} cannot be used ({error.strerror}). Choose another one: PORT={port + 1} bin/dev"
            ) from error


@contextlib.contextmanager
def _only_one(data: Path) -> Iterator[None]:
    with (data / "development.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise CannotStart(
                f"The portal already runs on {data} (process {file.read().strip()}). "
                "Choose another folder for a second one with PORTAL_DATA, and another PORT."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextlib.contextmanager
def _own_server(data: Path) -> Iterator[str]:
    server = EmbeddedServer(database_folder(data))
    print(f"Starting PostgreSQL in {server.folder} ...", flush=True)
    try:
        server.start()
        yield server.url()
    finally:
        server.stop()


def _flask(env: Mapping[str, str], *arguments: str, app: str = "wsgi") -> str:
    command = [sys.executable, "-m", "flask", "--app", app, *arguments]
    # A session of its own: Ctrl-C reaches this program alone, which then ends things in order.
    result = subprocess.run(
        command, cwd=ROOT, env=env, text=True, capture_output=True, check=False, start_new_session=True
    )
    if result.returncode != 0:
        raise CannotStart(f"{result.stdout}{result.stderr}\nflask {' '.join(arguments)} failed (see above).")
    return result.stdout


def _commands(port: int, is_demo: bool) -> dict[str, list[str]]:
    app = DEVELOPMENT if is_demo else "wsgi"
    web = ["granian", "--interface", "wsgi", "--host", HOST, "--port", str(port), "--blocking-threads", "8"]
    quiet = ["--no-ws", "--log-level", "error", "--access-log", "--access-log-fmt", ACCESS_LOG, f"{app}:app"]
    return {
        "web server": [sys.executable, "-m", *web, *quiet],
        "worker": [sys.executable, "-m", "flask", "--app", "wsgi", "worker"],
    }


@contextlib.contextmanager
def _process(command: list[str], env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with_parent,
    )
    try:
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_TIMEOUT)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _die_with_parent() -> None:
    """End with this program even where it is killed without a chance to clean up (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _watch(
    processes: Mapping[str, subprocess.Popen[bytes]], port: int, stop: threading.Event, greet: Callable[[], str]
) -> int:
    deadline = time.monotonic() + START_TIMEOUT
    ready = False
    while not stop.wait(1 if ready else 0.1):
        for name, process in processes.items():
            if process.poll() is not None:
                raise CannotStart(f"The {name} ended by itself (exit code {process.returncode}), so all ends.")
        if not ready and _answers(port):
            ready = True
            print(greet(), f"Ready: http://{HOST}:{port}", sep="\n", flush=True)
        if not ready and time.monotonic() > deadline:
            raise CannotStart(f"The portal did not become ready within {START_TIMEOUT} seconds.")
    print("Stopping ...", flush=True)
    return 0


def _answers(port: int) -> bool:
    # Straight to this machine, whatever proxy the environment names.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://{HOST}:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
