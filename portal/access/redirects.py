"""Where a person may be sent on: paths of the portal alone."""

import re
from urllib.parse import urlsplit

_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")
MAX_PATH = 2000


def safe_path(target: str | None) -> str | None:
    """The target where it is a path of this portal, else ``None``."""
    if target and len(target) <= MAX_PATH and _PATH.fullmatch(target):
        return target
    return None


def path_at(host: str, address: str | None) -> str | None:
    """Path and query of an address on that host, as a browser tells where it stands; else ``None``."""
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return None
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return safe_path(path) if parts.netloc == host else None
