"""``flask scenarios talk``: a conversation in the terminal, with neither database nor services."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BOOKING = ROOT / "portal" / "development" / "demo" / "booking.json"


def flask(*arguments, said="", **environment):
    """The command in an environment that names no database."""
    known = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return subprocess.run(
        [sys.executable, "-m", "flask", *arguments],
        input=said.encode(),
        capture_output=True,
        cwd=ROOT,
        env={**known, "PYTHONUTF8": "1", **environment},
        timeout=60,
    )


def told(run):
    return run.stdout.decode(), run.stderr.decode()


def test_a_conversation_needs_neither_database_nor_secrets():
    run = flask("scenarios", "talk", str(BOOKING), said="привет\n\n/press Самара\n25.04.2026\n")
    out, err = told(run)
    assert run.returncode == 0, err
    assert "< В каком городе?\n  [Санкт-Петербург] [Казань] [Самара]\n< На какую дату?" in out
    assert out.rstrip().endswith("[12:00] [14:00] [18:00] [19:30] [21:00]")


def test_a_button_that_is_not_there_is_told_and_the_conversation_goes_on():
    out, _err = told(flask("scenarios", "talk", str(BOOKING), said="/start\n/press Тверь\nКазань\n"))
    assert "# There is no button “Тверь”.\n< На какую дату?" in out


@pytest.mark.parametrize("name", ["telegram", "whatsapp", "viber"])
def test_each_platform_shows_messages_its_own_way(name):
    run = flask("scenarios", "talk", str(BOOKING), "--platform", name, said="/start\nКазань\n")
    out, err = told(run)
    assert run.returncode == 0, err
    assert "Самара" in out
    assert "На какую дату?" in out


def test_an_unknown_platform_or_file_is_refused():
    assert flask("scenarios", "talk", str(BOOKING), "--platform", "pigeon").returncode == 2
    assert flask("scenarios", "talk", "no-such-file.json").returncode == 2


def test_what_is_wrong_with_the_file_is_told_by_its_place(tmp_path):
    file = tmp_path / "broken.json"
    file.write_text('{\n "steps": {\n')
    run = flask("scenarios", "talk", str(file))
    assert run.returncode == 1
    assert f"{file}:3:1: error: " in told(run)[1]
    file.write_text('{\n "steps": {"a": {"message": {"text": "Hi"},\n "next_step": "gone"}}\n}')
    out, err = told(flask("scenarios", "talk", str(file), said="hello\n"))
    assert f"{file}:3: error: steps.a.next_step: " in err
    assert out == "< Hi\n"


def test_commands_that_need_a_database_say_so_in_words():
    secrets = {"SECRET_KEY": "s" * 40, "CREDENTIAL_KEYS": "A" * 43}
    for command in (["worker"], ["doctor"], ["run", "--port", "0"]):
        run = flask(*command, **secrets)
        assert run.returncode != 0
        assert "DATABASE_URL is not set" in "".join(told(run))


def test_a_server_does_not_start_without_a_database():
    known = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    run = subprocess.run([sys.executable, "-c", "import wsgi"], capture_output=True, cwd=ROOT, env=known, timeout=60)
    assert run.returncode != 0
    assert b"DATABASE_URL is not set" in run.stderr
