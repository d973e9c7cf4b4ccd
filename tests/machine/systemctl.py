"""Stands in for systemctl where no systemd runs: starts what units say, with the environment that they say.

``python systemctl.py ROOT VERB UNIT...`` reads the units from ``ROOT/etc/systemd/system``. What systemd keeps a process
from (``ProtectSystem`` and the like) is not done here; ``systemd-analyze`` judges that.
"""

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Unit:
    """One service, an instance of a template included (``getinn-web@5001``)."""

    def __init__(self, root: Path, name: str) -> None:
        self.root, self.name = root, name.removesuffix(".service")
        template, at, self.instance = self.name.partition("@")
        file = root / "etc/systemd/system" / f"{template}{at}.service"
        self.settings: dict[str, list[str]] = {}
        for line in file.read_text().splitlines():
            key, equals, value = line.partition("=")
            if equals and not line.startswith(("#", ";")):
                self.settings.setdefault(key, []).append(value.replace("%i", self.instance))
        self.mark = root / "run" / f"{self.name}.pid"
        self.log = root / "run" / f"{self.name}.log"

    def one(self, key: str, default: str = "") -> str:
        """The last value of a setting."""
        return self.settings.get(key, [default])[-1]

    def environment(self) -> dict[str, str]:
        """What systemd gives a service: little of its own, then the unit's, then that of its files."""
        found = {"PATH": SYSTEM_PATH, "LANG": "C.UTF-8"}
        for line in self.settings.get("Environment", []):
            found.update(part.split("=", 1) for part in shlex.split(line))
        for name in self.settings.get("EnvironmentFile", []):
            file = Path(name.removeprefix("-"))
            if name.startswith("-") and not file.exists():
                continue
            for line in file.read_text().splitlines():
                if line.strip() and not line.startswith(("#", ";")):
                    key, _, value = line.partition("=")
                    found[key] = value
        return found

    def start(self) -> int:
        """Start it; one that ends by itself (``oneshot``) is waited for."""
        for name in self.settings.get("CacheDirectory", []):
            (self.root / "var/cache" / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                shlex.split(self.one("ExecStart")),
                cwd=self.one("WorkingDirectory", "/"), env=self.environment(),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        if self.one("Type") == "oneshot":
            code = process.wait()
            if code:
                sys.stderr.write(self.log.read_text())
            return code
        self.mark.write_text(str(process.pid))
        return 0

    def stop(self) -> int:
        """Ask it to end; one that has not ended in time is killed, which counts as a failure here."""
        if not self.mark.exists():
            return 0
        number = int(self.mark.read_text())
        self.mark.unlink()
        deadline = time.monotonic() + float(self.one("TimeoutStopSec", "90"))
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.Signals[self.one("KillSignal", "SIGTERM")])
            while time.monotonic() < deadline:
                if is_gone(number):
                    return 0
                time.sleep(0.05)
            os.killpg(number, signal.SIGKILL)
            sys.stderr.write(f"{self.name} did not end in time\n")
            return 1
        return 0


def is_gone(number: int) -> bool:
    """Whether a process has ended; one that nobody has buried counts as ended."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def main(root: Path, verb: str, *arguments: str) -> int:
    """What an operator types, as far as the documents have it."""
    units = [Unit(root, name) for name in arguments if not name.startswith("--")]
    if verb == "daemon-reload":
        return 0
    if verb == "enable":
        return max(unit.start() for unit in units) if "--now" in arguments else 0
    steps = {"start": ("start",), "stop": ("stop",), "restart": ("stop", "start")}[verb]
    return max(getattr(unit, step)() for unit in units for step in steps)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
