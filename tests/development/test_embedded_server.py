"""The PostgreSQL that comes with the portal: starting, stopping, and what it leaves untouched."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from portal.development import embedded
from portal.development.embedded import EmbeddedServer, database_folder, throwaway_server
from portal.development.system_account import EmbeddedServerError, SystemAccount, account_for

ROOT = Path(__file__).resolve().parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def ended(number: int) -> bool:
    # A container whose first process buries nobody keeps the dead as zombies.
    return not psutil.pid_exists(number) or psutil.Process(number).status() == psutil.STATUS_ZOMBIE


def modes(folder: Path) -> dict[Path, int]:
    return {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.parents)}


@pytest.fixture(scope="module")
def running() -> Iterator[EmbeddedServer]:
    with throwaway_server() as server:
        yield server


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of mode 700 that belongs to the server's user, with a short path."""
    account = account_for(None)
    folder = account.temporary_folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def server(home: Path) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(home / "postgres", durable=False, account=account_for(home))
    yield server
    server.stop()


def test_the_portals_role_owns_its_database_and_is_bound_by_row_security(running: EmbeddedServer) -> None:
    with connect(running.url()) as connection:
        role = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        owner = connection.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert role == (False, False, False)
    assert owner == ("getinn",)


def test_the_clock_of_the_server_runs_on_utc_and_its_letters_on_unicode(running: EmbeddedServer) -> None:
    with connect(running.url()) as connection:
        found = connection.execute("SELECT current_setting('TimeZone'), lower('ЁЖ'), 'Борщ' ILIKE 'бОРЩ'").fetchone()
    assert found == ("UTC", "ёж", True)


def test_the_server_listens_on_its_socket_alone_in_a_folder_closed_to_others(running: EmbeddedServer) -> None:
    with connect(running.superuser_url()) as connection:
        addresses, socket_folder = (
            connection.execute(f"SHOW {name}").fetchone() for name in ("listen_addresses", "unix_socket_directories")
        )
    assert addresses == ("",)
    assert socket_folder is not None
    assert stat.S_IMODE(Path(str(socket_folder[0])).stat().st_mode) == 0o700
    assert stat.S_IMODE(running.folder.stat().st_mode) == 0o700


def test_tests_get_databases_and_roles_of_their_own(running: EmbeddedServer) -> None:
    running.create_role("reader", bypass_row_security=True)
    running.create_database("copy", owner="reader")
    with connect(running.url("copy", role="reader")) as connection:
        found = connection.execute("SELECT rolbypassrls FROM pg_roles WHERE rolname = current_user").fetchone()
    assert found == (True,)
    running.drop_database("copy")
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        connect(running.url("copy", role="reader"))


def test_what_was_written_is_there_after_a_restart(server: EmbeddedServer) -> None:
    server.start()
    with connect(server.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    server.stop()
    assert not server.is_running
    server.start()
    with connect(server.url()) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_second_start_takes_over_the_server_that_runs(server: EmbeddedServer) -> None:
    server.start()
    second = EmbeddedServer(server.folder, durable=False, account=server.account)
    second.start()
    assert second.url() == server.url()
    second.stop()
    assert not server.is_running


def test_the_server_starts_again_after_a_kill_left_its_lock_file(server: EmbeddedServer) -> None:
    server.start()
    lock = server.data / "postmaster.pid"
    process = server.process
    assert process is not None
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    assert lock.exists()
    server.start()
    with connect(server.url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_lock_file_whose_number_another_program_has_got_does_not_count(server: EmbeddedServer) -> None:
    server.start()
    lock = server.data / "postmaster.pid"
    lines = lock.read_text().splitlines()
    server.stop()
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    server.account.take(lock)
    assert not server.is_running
    server.start()
    assert server.is_running


@pytest.mark.parametrize("name", ["x" * 90, "folder with, a comma"])
def test_a_path_unfit_for_a_socket_gets_a_short_one_elsewhere(home: Path, name: str) -> None:
    account = account_for(home)
    account.make_folder(home / name)
    server = EmbeddedServer(home / name / "postgres", durable=False, account=account)
    server.start()
    try:
        with connect(server.superuser_url()) as connection:
            (shown,) = connection.execute("SHOW unix_socket_directories").fetchone() or ("",)
    finally:
        server.stop()
    socket_folder = Path(str(shown))
    assert home not in socket_folder.parents
    assert not socket_folder.exists()


@as_root
def test_root_changes_the_mode_of_no_folder_above_the_data(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "home"
    (closed / "instance").mkdir(parents=True)
    closed.chmod(0o700)
    before = modes(closed / "instance")
    monkeypatch.setattr(embedded, "SHARED_FOLDER", home / "shared")
    folder = database_folder(closed / "instance")
    server = EmbeddedServer(folder, durable=False)
    server.start()
    server.stop()
    assert modes(closed / "instance") == before
    assert folder.parent == home / "shared"
    assert database_folder(closed / "instance") == folder


@as_root
def test_root_keeps_the_data_in_the_portals_folder_where_the_servers_user_can_go(home: Path) -> None:
    home.chmod(0o755)
    before = modes(home)
    assert database_folder(home) == home / "postgres"
    assert modes(home) == before


def test_a_folder_of_somebody_else_is_refused_in_plain_words(tmp_path: Path) -> None:
    nobody = SystemAccount("nobody", 65534, 65534)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    if os.geteuid() != 0:
        closed.chmod(0o000)
    server = EmbeddedServer(closed, account=nobody if os.geteuid() == 0 else None)
    with pytest.raises(EmbeddedServerError, match=str(closed)):
        server.start()


def test_data_of_another_major_version_is_refused(server: EmbeddedServer) -> None:
    server.start()
    server.stop()
    (server.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedServerError, match="major version"):
        server.start()


def test_a_throwaway_server_goes_with_the_program_that_wanted_it_even_when_that_is_killed() -> None:
    script = (
        "import os, signal\n"
        "from portal.development.embedded import throwaway_server\n"
        "with throwaway_server() as server:\n"
        "    print(server.process.pid, server.folder, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    # The sweeper holds the other end of these pipes until its work is done.
    output, errors = killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL, errors
    number, folder = output.split()
    assert not Path(folder).exists()
    assert ended(int(number))
