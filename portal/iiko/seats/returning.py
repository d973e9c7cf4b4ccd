"""Giving back a seat that a log-in of before may still hold."""

import logging

from portal.iiko.client.addresses import outbound_guard
from portal.iiko.client.client import IikoClient
from portal.iiko.client.outcomes import Outcome
from portal.iiko.seats.log_ins import LogIns, OpenLogIn

log = logging.getLogger(__name__)
# What a log-in came to that ended by itself.
LAPSED = "lapsed"
# Whether a seat was taken, nobody knows.
UNKNOWN = "unknown"


def give_back(log_ins: LogIns, log_in: OpenLogIn) -> bool:
    """Log a former log-in out and note what iiko says; whether its seat is free. The server's lock is held."""
    opened = log_ins.open_token(log_in)
    if opened is None:
        return _let_lapse(log_ins, log_in, UNKNOWN)
    token, server = opened
    outcome = IikoClient(server, guard=outbound_guard()).log_out(token)
    if outcome is Outcome.RETURNED:
        log_ins.close(log_in.id, outcome)
        return True
    log.warning("a seat of connection %s was not given back: %s", log_in.connection_id, outcome)
    if log_in.is_over:
        return _let_lapse(log_ins, log_in, outcome)
    log_ins.put_off(log_in.id, outcome, tries=log_in.tries, ends_at=log_in.ends_at)
    return False


def _let_lapse(log_ins: LogIns, log_in: OpenLogIn, outcome: str) -> bool:
    if log_in.is_over:
        log_ins.close(log_in.id, LAPSED)
        return True
    log_ins.let_lapse(log_in.id, outcome, log_in.ends_at)
    return False
