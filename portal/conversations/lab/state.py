"""What the lab remembers between two messages: nothing on the server, all of it signed in the page's own form."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from portal.conversations.lab.rehearsal import Line, Rehearsal
from portal.scenarios.engine.state import DialogState, Standing


def seal(rehearsal: Rehearsal, scenario_id: UUID) -> str:
    """The state as a form carries it: readable, and good for that version alone."""
    return _serializer(scenario_id).dumps(
        {
            "standing": asdict(rehearsal.standing),
            "lines": [line.as_json() for line in rehearsal.lines],
            "clock": rehearsal.clock.timestamp(),
        }
    )


def unseal(token: str, scenario_id: UUID) -> dict[str, Any] | None:
    """What :func:`seal` kept: ``standing``, ``lines`` and ``clock``; None for anything else."""
    try:
        kept = _serializer(scenario_id).loads(token)
    except BadData:
        return None
    standing = kept["standing"]
    standing["state"] = DialogState(standing["state"])
    return {
        "standing": Standing(**standing),
        "lines": [Line.from_json(line) for line in kept["lines"]],
        "clock": kept["clock"],
    }


def _serializer(scenario_id: UUID) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"lab {scenario_id}")
