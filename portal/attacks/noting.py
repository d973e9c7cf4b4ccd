"""Noting an attack: a line of the log, as long as there are not too many of its kind, and one more in the counts."""

import logging
from typing import Any
from uuid import UUID

from flask import Response, g, request

from portal.access.networks import network_of
from portal.access.viewer import current_account
from portal.attacks.counting import tally
from portal.attacks.models import AttackKind
from portal.telemetry.context import keyed_hash
from portal.telemetry.metrics import metrics

log = logging.getLogger("portal.attacks")


def note_attack(kind: AttackKind, *, chain_id: UUID | None = None, **fields: Any) -> None:
    """Note it, of the present request. ``fields`` go into the line: ids and hashes, nothing that was sent."""
    counted, address = tally(), request.remote_addr or ""
    metrics().count_attack(kind.value)
    counted.count(kind.value, chain_id or _own_chain(), keyed_hash(network_of(address)))
    suppressed = counted.lines.admit(kind.value, address)
    if suppressed is None:
        return
    told = {"kind": kind.value, **fields} | ({"account_id": chain_id} if chain_id else {})
    log.warning("refused", extra={"fields": told | ({"suppressed": suppressed} if suppressed else {})})


def _own_chain() -> UUID | None:
    """The account that the page stands in, else the one that the person is of."""
    if (account := current_account()) is not None:
        return account.id
    opened = g.get("opened")
    return opened.home_id if opened is not None else None


def note_refusal(response: Response) -> Response:
    """Note what the guards refused, and what somebody signed in asked for that their chain does not have."""
    if response.status_code in (403, 404) and request.endpoint is not None:
        if (refusal := g.get("refusal")) is not None:
            note_attack(AttackKind(refusal))
        elif response.status_code == 404 and request.view_args and g.get("opened") is not None:
            note_attack(AttackKind.ROW_REFUSED)
    return response
