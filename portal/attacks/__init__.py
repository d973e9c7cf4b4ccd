"""What was refused to people and programs that should not have tried: a bounded trace of it."""

from flask import Flask

from portal.attacks.counting import Tally, write_counts
from portal.attacks.noting import note_refusal
from portal.telemetry.batches import batches


def install(app: Flask) -> None:
    """Give the app its tally; it is written down by the processes that serve."""
    app.extensions["attacks"] = Tally()
    app.after_request(note_refusal)
    batches(app).writers.append(write_counts)
