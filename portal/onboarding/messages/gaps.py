"""What is filled into the texts that people are told."""

from portal.scenarios.document.placeholders import BRACED, PLACEHOLDER

GAPS = ("name", "step", "left", "date")


def filled(text: str, **values: str) -> str:
    """The text with each ``{{name}}`` that is known; the others stay as they were written."""
    return PLACEHOLDER.sub(lambda gap: values.get(gap[1], gap[0]), text)


def odd_gap(text: str) -> str | None:
    """The first ``{{gap}}`` that nothing fills in."""
    return next((gap for gap in gaps_of(text) if gap not in GAPS), None)


def gaps_of(text: str) -> list[str]:
    """Every ``{{gap}}`` of a text, by name."""
    return [gap.strip() for gap in BRACED.findall(text)]
