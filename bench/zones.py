"""The time zones on offer in the form of a restaurant, the same for every contestant."""

from importlib import resources


def zones() -> list[str]:
    """UTC and the zones of the table of countries."""
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    return ["UTC", *sorted({line.split("\t")[2] for line in table.splitlines() if line and line[0] != "#"})]
