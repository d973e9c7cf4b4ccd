"""The stand-ins for messengers and iiko beside ``bin/dev``: whether, where, and how they are started."""

import socket
import sys
from collections.abc import Mapping

from config import API_BASES

HOST = "127.0.0.1"
FIRST_PORT = 5081
# Where the usual ports are taken the next ones are tried, so many times.
STEP, TRIES = 10, 40


class NoPorts(Exception):
    """No free ports in a row were found."""


def are_wanted(env: Mapping[str, str]) -> bool:
    """Unless they are declined, or the messengers are somewhere else: PORTAL_STAND_INS=0, or an address of its own."""
    return env.get("PORTAL_STAND_INS", "1") != "0" and not any(_setting(key) in env for key in API_BASES)


def free_ports() -> int:
    """The first of as many free ports in a row as there are messengers, and one for iiko."""
    for first in range(FIRST_PORT, FIRST_PORT + STEP * TRIES, STEP):
        if all(_is_free(first + place) for place in range(len(API_BASES) + 1)):
            return first
    raise NoPorts(f"No free ports from {FIRST_PORT} on: PORTAL_STAND_INS=0 bin/dev goes without the stand-ins.")


def settings(first_port: int, portal_url: str) -> dict[str, str]:
    """What tells the portal of them, and them where to listen."""
    bases = {_setting(key): f"http://{HOST}:{first_port + place}" for place, key in enumerate(API_BASES)}
    # The address of an iiko server is what an owner types: this machine's are let through.
    return bases | {"FAKES_PORT": str(first_port), "PUBLIC_URL": portal_url, "ALLOW_LOOPBACK_ADDRESSES": "on"}


def iiko_address(env: Mapping[str, str]) -> str:
    """Where the stand-in for an iiko server is: behind those of the messengers."""
    return f"http://{HOST}:{int(env['FAKES_PORT']) + len(API_BASES)}"


def command() -> list[str]:
    """The program that plays all of them."""
    return [sys.executable, "-m", "tests.fakes", "--quiet"]


def _setting(key: str) -> str:
    return f"{key.upper()}_API_BASE"


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
