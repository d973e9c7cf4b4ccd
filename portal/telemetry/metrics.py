"""What is counted and measured while the portal works. Without METRICS_PORT nothing is, and it costs nothing."""

from flask import Flask, current_app


class Metrics:
    """Takes measurements; this one forgets them. Every label is one of few words."""

    def observe_request(self, route: str, status: int, seconds: float) -> None:
        """A request, by the rule of its address."""

    def count_delivery(self, platform: str, outcome: str) -> None:
        """A webhook's delivery: ``stored``, ``unknown``, ``forged``, ``malformed``, ``too_large``, ``unavailable``."""

    def count_sending(self, platform: str, outcome: str) -> None:
        """A call that was to send a message, by the state that the message came to."""

    def count_attack(self, kind: str) -> None:
        """Something that was refused to whoever should not have tried it."""

    def observe_pool_wait(self, seconds: float) -> None:
        """How long somebody waited for a connection of the pool."""

    def show_pool(self, in_use: int) -> None:
        """How many connections of this process are in use."""


def metrics(app: Flask | None = None) -> Metrics:
    """Those of the app, or of the present one."""
    found: Metrics = (app or current_app).extensions["metrics"]
    return found


def install(app: Flask) -> None:
    """Nothing is measured until a process that serves begins to (``portal.telemetry.serving``)."""
    app.extensions["metrics"] = Metrics()
