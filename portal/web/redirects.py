"""Where a person may be sent on: paths of the portal alone."""

import re

_PATH = re.compile(r"^/(?![/\\])[^\x00-\x20\\]*$")
LONGEST_PATH = 2000


def safe_path(target: str | None) -> str | None:
    """The target where it is a path of this portal, else ``None``."""
    if target and len(target) <= LONGEST_PATH and _PATH.match(target):
        return target
    return None
