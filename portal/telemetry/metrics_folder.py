"""The folder in which the processes of a machine keep their measurements."""

import os
import stat
import tempfile
from pathlib import Path

from config import Config, ConfigurationError


def metrics_folder(config: Config) -> Path:
    """The folder of all processes of this machine that have the same METRICS_PORT; made here, nobody else's."""
    folder = Path(tempfile.gettempdir()) / f"getinn-metrics-{os.getuid()}-{config.metrics_port}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise ConfigurationError(f"{folder} belongs to somebody else: remove it, or choose another METRICS_PORT.")
    return folder


def forget_the_dead(folder: Path) -> None:
    """Remove what processes of an earlier start have left."""
    for kept in folder.glob("*.db"):
        number = kept.stem.rpartition("_")[2]
        if number.isdigit() and not is_alive(int(number)):
            kept.unlink(missing_ok=True)


def is_alive(process: int) -> bool:
    """Whether a process with that number runs on this machine."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
