"""``bin/dev`` from inside: its environment, its keys, and one whole run."""

import os
import signal
import socket
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from config import Config
from portal.development.local import CannotStart, development_environment, kept_keys, refuse_busy_port
from portal.development.system_account import account_for

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def data() -> Iterator[Path]:
    """A folder for the portal's data that the embedded server's user can enter."""
    account = account_for(None)
    folder = account.temporary_folder()
    yield folder
    account.run("rm", "-rf", folder)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_keys_are_made_once_and_readable_by_their_owner_alone(tmp_path: Path) -> None:
    first = kept_keys(tmp_path / "keys.env")
    assert stat.S_IMODE((tmp_path / "keys.env").stat().st_mode) == 0o600
    assert kept_keys(tmp_path / "keys.env") == first
    assert kept_keys(tmp_path / "others.env") != first


def test_a_machine_of_ones_own_needs_no_settings_at_all(tmp_path: Path) -> None:
    config = Config.from_environment(development_environment({"DATABASE_URL": "postgresql:///x"}, tmp_path))
    config.require_secrets()
    assert config.is_development
    assert not config.secure_cookies


def test_settings_that_are_given_win_over_those_for_development(tmp_path: Path) -> None:
    env = development_environment({"PORT": "8080", "SECRET_KEY": "mine" * 10, "SECURE_COOKIES": " "}, tmp_path)
    assert (env["PORT"], env["SECRET_KEY"], env["SECURE_COOKIES"]) == ("8080", "mine" * 10, "off")


def test_a_busy_port_is_named_together_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken = listener.getsockname()[1]
        with pytest.raises(CannotStart, match=rf"Port {taken} .*PORT=\d+ bin/dev"):
            refuse_busy_port(str(taken))


def start(data: Path, port: int) -> subprocess.Popen[str]:
    passed = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return subprocess.Popen(
        [sys.executable, "-m", "portal.development.local"],
        cwd=ROOT, env=passed | {"PORTAL_DATA": str(data), "PORT": str(port)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def read_until(portal: subprocess.Popen[str], wanted: str) -> str:
    """What the portal printed up to the wanted line; all of it where that never comes."""
    assert portal.stdout is not None
    printed = ""
    for line in portal.stdout:
        printed += line
        if line.startswith(wanted):
            break
    return printed


def test_one_command_serves_the_portal_and_ends_all_that_it_started(data: Path, port: int) -> None:
    portal = start(data, port)
    try:
        printed = read_until(portal, "Ready: ")
        assert f"Ready: http://127.0.0.1:{port}\n" in printed, printed
        assert "root@getinn.example" in printed
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/login", timeout=10) as answer:
            assert answer.status == 200
        started = psutil.Process(portal.pid).children(recursive=True)
        second = start(data, port)
        assert "already runs" in second.communicate(timeout=30)[0]
        assert second.returncode == 1
    finally:
        portal.send_signal(signal.SIGTERM)
        portal.communicate(timeout=60)
    assert portal.returncode == 0
    assert len(started) >= 2
    assert not [child for child in started if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    assert not (data / "postgres" / "data" / "postmaster.pid").exists()
