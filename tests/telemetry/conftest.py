"""Log lines as they are written in production, caught."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from portal.attacks.counting import Tally
from portal.telemetry.log_lines import JsonLines
from portal.telemetry.requests import REFUSALS_A_MINUTE
from portal.telemetry.sampling import Sampler


class Caught(logging.Handler):
    """Every line of the portal's, formed where it came about."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.text: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("portal"):
            self.text.append(self.format(record))

    def of(self, logger: str) -> list[dict[str, Any]]:
        """The lines of one logger, read."""
        return [line for line in map(json.loads, self.text) if line["logger"] == logger]


@pytest.fixture
def lines(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Caught]:
    """``lines.of("portal.request")``; all levels from INFO on, and nothing was refused before."""
    monkeypatch.setitem(app.extensions, "refusals", Sampler(REFUSALS_A_MINUTE))
    monkeypatch.setitem(app.extensions, "attacks", Tally())
    caught, root = Caught(), logging.getLogger("portal")
    before = root.level
    root.addHandler(caught)
    root.setLevel(logging.INFO)
    yield caught
    root.setLevel(before)
    root.removeHandler(caught)


@pytest.fixture
def failing(app: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """``failing(endpoint, error)`` has the view of an endpoint raise."""

    def make(endpoint: str, error: Exception) -> None:
        def view(**_values: Any) -> None:
            raise error

        view.access = app.view_functions[endpoint].access  # type: ignore[attr-defined]
        monkeypatch.setitem(app.view_functions, endpoint, view)

    return make
