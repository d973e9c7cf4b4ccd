"""A visit to a platform: read the case, close the transaction, speak to the platform, write down what came of it."""

import threading
from uuid import UUID

from flask import current_app

from portal.channels.connection import UNDER_WAY
from portal.channels.webhook_health.record import Notes
from portal.channels.webhook_health.repair import Treatment
from portal.channels.webhook_health.target import open_case
from portal.db.base import db
from portal.messengers.calls import Calls

_making = threading.Lock()


def visit(credential_id: UUID, *, generation: int | None = None, asked: bool = False) -> None:
    """Settle what is under way, else examine; a visit for a former ``generation`` of the owner's wishes does nothing.

    The account is in scope; the caller commits.
    """
    case = open_case(credential_id)
    # What follows may take half a minute.
    db.session.rollback()
    if case is None or generation not in (None, case.generation):
        return
    treatment = Treatment(case, shared_calls())
    finding = treatment.settle() if case.state in UNDER_WAY else treatment.examine(asked=asked)
    Notes(case, finding, asked=asked).keep()


def shared_calls() -> Calls:
    """The connections to platforms that all visits of this process share."""
    with _making:
        if "platform_calls" not in current_app.extensions:
            current_app.extensions["platform_calls"] = Calls.configured(current_app.config["PORTAL"])
    calls: Calls = current_app.extensions["platform_calls"]
    return calls
