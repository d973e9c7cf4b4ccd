"""A check of a webhook: read the target, close the transaction, speak to the platform, write down what came of it."""

import threading
from uuid import UUID

from flask import current_app

from portal.channels.models import UNDER_WAY
from portal.channels.webhook_health.record import CheckRecord
from portal.channels.webhook_health.repair import WebhookRepair
from portal.channels.webhook_health.target import open_target
from portal.db.base import db
from portal.messengers.calls import Calls

_making = threading.Lock()


def check_webhook(credential_id: UUID, *, generation: int | None = None, asked: bool = False) -> None:
    """Settle what is under way, else examine; a check for a former ``generation`` of the owner's wishes does nothing.

    The account is in scope; the caller commits.
    """
    target = open_target(credential_id)
    # What follows may take half a minute.
    db.session.rollback()
    if target is None or generation not in (None, target.generation):
        return
    repair = WebhookRepair(target, shared_calls())
    result = repair.settle() if target.state in UNDER_WAY else repair.examine(asked=asked)
    CheckRecord(target, result, asked=asked).keep()


def shared_calls() -> Calls:
    """The connections to platforms that all checks of this process share."""
    with _making:
        if "platform_calls" not in current_app.extensions:
            current_app.extensions["platform_calls"] = Calls.configured(current_app.config["PORTAL"])
    calls: Calls = current_app.extensions["platform_calls"]
    return calls
