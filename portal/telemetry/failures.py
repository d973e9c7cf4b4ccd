"""What is told of an error where its own words may quote people and secrets."""

import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def failure_location(error: BaseException) -> str:
    """The kind of an error and where in the portal it came about."""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(str(ROOT))]
    if not own:
        return type(error).__name__
    return f"{type(error).__name__} at {Path(own[-1].filename).relative_to(ROOT)}:{own[-1].lineno}"
