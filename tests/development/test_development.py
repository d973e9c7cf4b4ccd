"""``bin/dev`` from inside: its environment, its keys, and one whole run."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from config import Config
from portal.development import stand_ins
from portal.development.local import CannotStart, development_environment, kept_keys, refuse_busy_port
from portal.development.system_account import account_for
from tests.fakes.__main__ import chosen_ports

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


@pytest.mark.parametrize("given", [{"PORTAL_STAND_INS": "0"}, {"VIBER_API_BASE": "https://chatapi.viber.com"}])
def test_stand_ins_are_there_unless_they_are_declined_or_the_messengers_are_elsewhere(given: dict[str, str]) -> None:
    assert stand_ins.are_wanted({"PORT": "5000"})
    assert not stand_ins.are_wanted(given)


def test_the_portal_and_the_stand_ins_mean_the_same_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = stand_ins.settings(7000, "http://127.0.0.1:5000")
    monkeypatch.setenv("FAKES_PORT", chosen["FAKES_PORT"])
    ports = chosen_ports()
    assert stand_ins.iiko_address(chosen) == f"http://127.0.0.1:{ports.pop('iiko')}"
    assert {f"{key.upper()}_API_BASE": f"http://127.0.0.1:{port}" for key, port in ports.items()} == {
        name: value for name, value in chosen.items() if name.endswith("_API_BASE")
    }
    assert chosen["PUBLIC_URL"] == "http://127.0.0.1:5000"


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


def browser() -> urllib.request.OpenerDirector:
    """Keeps cookies, and asks this machine directly."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor())


def guest_is_answered(chat: str) -> bool:
    """Whether the bot says something to a guest who follows the link and greets it."""
    guest = browser()
    with guest.open(chat, timeout=10) as answer:
        address = answer.url
    guest.open(f"{address}/do/says", urllib.parse.urlencode({"text": "/start"}).encode(), timeout=10).close()
    for _ in range(300):
        with guest.open(address, timeout=10) as answer:
            if '<li class="left">' in answer.read().decode():
                return True
        time.sleep(0.1)
    return False


def test_one_command_serves_the_portal_and_ends_all_that_it_started(data: Path, port: int) -> None:
    portal = start(data, port)
    try:
        printed = read_until(portal, "Ready: ")
        assert f"Ready: http://127.0.0.1:{port}\n" in printed, printed
        assert "root@getinn.example" in printed
        [link] = re.findall(rf"owner@pelmenya\.example +(http://127\.0\.0\.1:{port}/\S+)", printed)
        with browser().open(link, timeout=10) as answer:
            assert answer.url == f"http://127.0.0.1:{port}/accounts/pelmenya/"
        chats = re.findall(r"http://127\.0\.0\.1:[0-9]+/_/guests/\S+", printed)
        assert len(chats) >= 6
        for chat in chats:
            assert guest_is_answered(chat), chat
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
