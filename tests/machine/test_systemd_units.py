"""The units for systemd, as systemd's own program judges them; test_deploy_docs starts what they start."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.machine.programs import PROCFILE, ROOT, program
from tests.machine.systemctl import Unit

UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))
FOLDER = "/opt/getinn/current/.venv/bin/"
# A worker ends within 30 seconds by itself.
GRACE_SECONDS = 30


@pytest.fixture
def installed(tmp_path):
    """The units in a folder of their own, with the programs of this checkout."""
    for unit in UNITS:
        (tmp_path / unit.name).write_text(unit.read_text().replace(FOLDER, f"{Path(sys.executable).parent}/"))
    return sorted(tmp_path.glob("*.service"))


def analyzed(*arguments):
    command = [program("systemd-analyze"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_systemd_finds_nothing_wrong_with_them(installed):
    assert analyzed("verify", "--man=no", *installed) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_process_may_do_little_beside_its_work(unit):
    # Of ten; without any of the settings it is 9.2.
    code, told = analyzed("security", "--offline=true", "--threshold=20", unit)
    assert code == 0, told


@pytest.fixture
def settings(tmp_path):
    """``settings(name)`` is a unit as it is read."""
    (tmp_path / "etc/systemd").mkdir(parents=True)
    (tmp_path / "etc/systemd/system").symlink_to(ROOT / "deploy/systemd")
    return lambda name: Unit(tmp_path, name)


@pytest.mark.parametrize(
    ("name", "kind"), [("getinn-web@5001", "web"), ("getinn-worker", "worker"), ("getinn-release", "release")]
)
def test_they_start_what_the_procfile_starts(settings, name, kind):
    command = settings(name).one("ExecStart").removeprefix(FOLDER)
    assert command.removesuffix(" --host 127.0.0.1 --port 5001") == PROCFILE[kind]


@pytest.mark.parametrize("name", ["getinn-web@5001", "getinn-worker"])
def test_what_ends_is_started_again_and_what_is_to_end_has_the_time_for_it(settings, name):
    unit = settings(name)
    assert (unit.one("Restart"), unit.one("StartLimitIntervalSec")) == ("always", "0")
    assert unit.one("KillSignal") == "SIGTERM"
    assert int(unit.one("TimeoutStopSec")) > GRACE_SECONDS
