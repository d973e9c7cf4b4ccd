"""What a template says to the person, with the gaps filled in."""

import re

GAPS = ("name", "step", "left", "date")
_GAP = re.compile(r"{{\s*([a-z]+)\s*}}")


def filled(text: str, **values: str) -> str:
    """The text with each ``{{name}}`` that is known; the others stay as they were written."""
    return _GAP.sub(lambda gap: values.get(gap[1], gap[0]), text)
