"""The files that the demo data are written in."""

import json
from functools import cache
from importlib import resources
from typing import Any


@cache
def text_of(name: str) -> str:
    """The text of a file beside this module."""
    return resources.files("portal.development.demo").joinpath(name).read_text("utf-8")


def plan_of(name: str) -> Any:
    """What a JSON file beside this module holds."""
    return json.loads(text_of(name))
