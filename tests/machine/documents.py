"""Blocks of the operator's documents, and a machine on which they are run as they stand."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.leftovers import end_with_us
from tests.machine.packaged import PackagedServer, programs
from tests.machine.programs import ROOT, free_port
from tests.machine.proxying import Proxy

FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What of a release is needed to run; the files of deploy/ are copied, because they name folders.
RELEASE = ("config.py", "config", "migrations", "portal", "static", "templates", "wsgi.py", "docs", ".venv")


@dataclass(frozen=True)
class Block:
    """One fenced block: ``options`` stand after its language, such as ``as=portal_owner server=second``."""

    place: str
    language: str
    options: Mapping[str, str]
    text: str

    @property
    def first_line(self) -> str:
        """What it is known by."""
        return self.text.splitlines()[0]

    @property
    def restarts(self) -> bool:
        """Whether it restarts what serves."""
        return any(line.startswith("getinn-restart ") for line in self.text.splitlines())


def blocks_of(file: Path) -> Iterator[Block]:
    """The blocks of a document in their order."""
    text = file.read_text("utf-8")
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        options = dict(option.split("=", 1) for option in found[2].split())
        yield Block(f"{file.name}:{line}", found[1], options, found[3])


class Machine:
    """A folder in the place of ``/``, and servers; ``changes`` are all that differs from the documents' text."""

    def __init__(self, root: Path, servers: Mapping[str, PackagedServer]) -> None:
        self.root, self.servers = root, servers
        self.current = "first"
        self.proxy: Proxy | None = None
        self.noted: dict[str, Any] = {}
        self.ports = {"5001": free_port(), "5002": free_port()}
        self._make_folders()
        self._make_stand_ins()
        end_with_us(self.root / "run")

    @property
    def changes(self) -> dict[str, str]:
        """Folders of the system, ports, the group that no test may make, and one process for each web server."""
        folders = ("/opt/getinn", "/etc/getinn", "/etc/systemd", "/usr/local/bin", "/var/backups/getinn", "/var/cache")
        return {
            "-g getinn ": "",
            "PROXY_HOPS=1\n": "PROXY_HOPS=1\nWEB_PROCESSES=1\n",
            **{folder: f"{self.root}{folder}" for folder in folders},
            **{port: str(free) for port, free in self.ports.items()},
        }

    def changed(self, text: str, server: str) -> str:
        """A text as it holds on this machine."""
        for old, new in {**self.changes, "5432": str(self.servers[server].port)}.items():
            text = text.replace(old, new)
        return text

    def run(self, block: Block, keys: str = "", *, restarting: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a block; ``keys`` are what somebody types meanwhile. ``restarting=False`` leaves out its restart."""
        server = block.options.get("server", "first")
        text = self.changed(block.text, server)
        if not restarting:
            text = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("getinn-restart "))
        command = ["bash", "-euo", "pipefail", "-c", text]
        environment = self._environment(server)
        if block.language == "sql":
            command, keys = [str(programs() / "psql"), "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1"], text
            if role := block.options.get("as"):
                environment |= {"PGUSER": role, "PGPASSWORD": self.password_of(role), "PGDATABASE": "getinn"}
        process = subprocess.Popen(
            command, env=environment, cwd=self.root, text=True, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        end_with_us(process)
        with process:
            said, _ = process.communicate(keys)
        return subprocess.CompletedProcess(command, process.returncode, said)

    @property
    def keys(self) -> str:
        """The present CREDENTIAL_KEYS."""
        return re.findall(r"^CREDENTIAL_KEYS=(.*)$", (self.root / "etc/getinn/portal.env").read_text(), re.MULTILINE)[0]

    def password_of(self, role: str) -> str:
        """The password that the documents give a role."""
        text = (ROOT / "docs/deploy.md").read_text("utf-8")
        return re.findall(rf"ROLE {role} .*PASSWORD '([^']+)'", text)[0]

    def move_to(self, server: str) -> None:
        """Have the portal's environment name another server, as an operator would."""
        if server == self.current:
            return
        self.current = server
        (self.root / "etc/getinn/release.env").unlink(missing_ok=True)
        file = self.root / "etc/getinn/portal.env"
        file.write_text(re.sub(r"@127\.0\.0\.1:\d+/", f"@127.0.0.1:{self.servers[server].port}/", file.read_text()))

    def end(self) -> None:
        """End whatever still runs, by its number."""
        for mark in (self.root / "run").glob("*.pid"):
            try:
                os.killpg(int(mark.read_text()), signal.SIGKILL)
            except ProcessLookupError:
                continue

    def logs(self) -> str:
        """What the services have said lately."""
        return "\n".join(f"{log.name}: {log.read_text()[-2000:]}" for log in (self.root / "run").glob("*.log"))

    def _environment(self, server: str) -> dict[str, str]:
        path = f"{self.root}/bin:{self.root}/usr/local/bin:{programs()}:/usr/sbin:/usr/bin:/sbin:/bin"
        return {"PATH": path, "LANG": "C.UTF-8", "HOME": str(self.root), **self.servers[server].environment}

    def _make_folders(self) -> None:
        for folder in ("run", "bin", "opt/getinn/releases", "etc/systemd/system", "usr/local/bin", "var/backups"):
            (self.root / folder).mkdir(parents=True)
        for version in ("2026.1", "2026.2"):
            release = self.root / "opt/getinn/releases" / version
            release.mkdir()
            for name in RELEASE:
                if (ROOT / name).exists():
                    (release / name).symlink_to(ROOT / name)
            shutil.copytree(ROOT / "deploy", release / "deploy")
            for file in (path for path in (release / "deploy").rglob("*") if path.is_file()):
                file.write_text(self.changed(file.read_text("utf-8"), "first"))

    def _make_stand_ins(self) -> None:
        """No service manager runs here, and no other user is there."""
        manager = f'exec {sys.executable} {ROOT}/tests/machine/systemctl.py {self.root} "$@"'
        # runuser -u USER -- COMMAND
        stand_ins = {"systemctl": manager, "runuser": 'shift 3; exec "$@"'}
        for name, text in stand_ins.items():
            file = self.root / "bin" / name
            file.write_text(f"#!/bin/sh\n{text}\n")
            file.chmod(0o755)
