"""``bin/fakes``: the stand-ins of messengers and iiko, until Ctrl-C. FAKES_PORT is the first of four ports."""

import os
import signal
import sys
import threading
from contextlib import ExitStack

import click

from tests.fakes import DEMO, FAKES, FakePlatform
from tests.fakes.courier import Retry
from tests.fakes.credentials import PORTS
from tests.fakes.iiko import FakeIiko
from tests.fakes.limits import Limits

PUBLIC_URL = "http://127.0.0.1:5000"
# A person watches the portal heal, so the platforms are a little less patient than in earnest.
PATIENCE = Retry(first=1, longest=15)


def main() -> int:
    """Run until told to stop; the exit code."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())
    with ExitStack() as stack:
        try:
            ports = chosen_ports()
            iiko = stack.enter_context(FakeIiko(port=ports.pop("iiko")))
            fakes = [stack.enter_context(start(key, port)) for key, port in ports.items()]
        except (OSError, OverflowError, ValueError) as error:
            click.echo(f"The stand-ins cannot start: {error}. Choose other ports, such as FAKES_PORT=6081.", err=True)
            return 1
        # Beside ``bin/dev`` that program does the talking.
        is_quiet = "--quiet" in sys.argv[1:]
        if not is_quiet:
            click.echo(greeting(fakes, iiko))
        stop.wait()
        if not is_quiet:
            click.echo("Stopping ...")
    return 0


def chosen_ports() -> dict[str, int]:
    """The port of each platform and of iiko: the usual ones, or four from FAKES_PORT on."""
    first = os.environ.get("FAKES_PORT", "").strip()
    return {key: int(first) + number for number, key in enumerate(PORTS)} if first else dict(PORTS)


def start(key: str, port: int) -> FakePlatform:
    """A stand-in with the limits of the real platform."""
    limits = Limits(overall=30, per_chat=1) if key == "telegram" else Limits(overall=80, overall_burst=80)
    return FAKES[key](port=port, limits=limits, retry=PATIENCE)


def greeting(fakes: list[FakePlatform], iiko: FakeIiko) -> str:
    """Addresses, credentials, and how to start the portal against them."""
    lines = []
    for fake in fakes:
        lines.append(f"{fake.label:<9} {fake.base_url}")
        lines += [f"    {name}: {value}" for name, value in DEMO[fake.key].items()]
    lines += [f"{iiko.label:<9} {iiko.base_url}", f"    login: {iiko.login}", f"    password: {iiko.password}"]
    bases = " ".join(f"{fake.key.upper()}_API_BASE={fake.base_url}" for fake in fakes)
    lines += [
        "",
        "Open an address to write as a person, or to break iiko. The portal speaks with them when started so:",
        "",
    ]
    return "\n".join([*lines, f"  ALLOW_LOOPBACK_ADDRESSES=on PUBLIC_URL={PUBLIC_URL} {bases} bin/dev", ""])


if __name__ == "__main__":
    sys.exit(main())
