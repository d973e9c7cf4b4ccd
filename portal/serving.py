"""Starting the web server: granian in this process's place, once the portal is known to be safe."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from config import Config

ROOT = Path(__file__).resolve().parent.parent
HEALTH = ROOT / "portal" / "web" / "health"
# A request that holds a lock ends before; one that hangs is cut off, so that SIGTERM ends all within 30 seconds.
KILL_SECONDS = 25


def server_command(config: Config, more: Sequence[str] = ()) -> list[str]:
    """The command line of the web server; ``more`` are options of granian's, which win."""
    limits = config.limits
    options = {
        "--interface": "wsgi",
        "--host": "0.0.0.0",  # noqa: S104 (a proxy on another machine must reach it)
        "--port": config.port,
        "--workers": limits.web_processes,
        "--blocking-threads": limits.web_threads,
        "--workers-kill-timeout": KILL_SECONDS,
        "--working-dir": ROOT,
        # Whether the process lives is answered by the server itself: never behind pages that wait.
        "--static-path-route": "/healthz",
        "--static-path-mount": HEALTH,
        "--static-path-dir-to-file": "ok.txt",
        "--static-path-expires": 0,
    }
    told = [str(part) for option in options.items() for part in option]
    return [sys.executable, "-m", "granian", *told, "--respawn-failed-workers", "--no-ws", *more, "wsgi:app"]


def become_server(config: Config, more: Sequence[str] = ()) -> NoReturn:
    """Go on as the web server, under the same process id: signals reach it directly."""
    command = server_command(config, more)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(command[0], command)  # noqa: S606
