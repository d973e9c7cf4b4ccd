"""How iiko servers stand, told in a word and in a sentence that says what a person can do about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import aliased

from portal.db.base import db
from portal.db.words import Label
from portal.iiko.models import IikoConnection, IikoRun, Purpose, RunState, WaitsFor
from portal.iiko.words_page import why_failed
from portal.integrations.models import FURTHER, IIKO, AccountIntegrationCredentials

RUN_TONES = {
    RunState.PLANNED: "accent",
    RunState.DONE: "good",
    RunState.FAILED: "bad",
    RunState.CANCELLED: "neutral",
}
# What a person has to see to, and where that is done.
WAITS: dict[WaitsFor, Label] = {
    WaitsFor.PASSWORD: _l(
        "iiko refuses this log-in and password. Nothing more is tried until an owner types them again."
    ),
    WaitsFor.LICENCE: _l(
        "This iiko server has no API licence. Buy it from your iiko dealer, then press “Check the connection”."
    ),
    WaitsFor.CERTIFICATE: _l(
        "The server's certificate is signed by nobody whom the portal trusts. An owner can compare its fingerprint with"
        " the server's own and trust it below."
    ),
    WaitsFor.ADDRESS: _l("At this address no iiko server answers. Compare it with the address in iikoOffice."),
}


@dataclass(frozen=True)
class ServerState:
    """How one server stands, told by its switch, what it waits for and its latest run."""

    integration: AccountIntegrationCredentials
    connection: IikoConnection | None
    run: IikoRun | None

    @property
    def is_moving(self) -> bool:
        """Whether a run works at it, so that its page follows by itself."""
        return self.run is not None and not self.run.state.is_over

    @property
    def next_run_at(self) -> datetime | None:
        """When it is read next by itself; ``None`` where nothing is planned."""
        is_planned = self.connection and self.connection.is_scheduled and self.integration.is_active
        return self.connection.next_run_at if is_planned and self.connection else None

    @property
    def waits_for(self) -> WaitsFor | None:
        """What a person has to see to first."""
        return self.connection.waits_for if self.connection and not self.is_moving else None

    @property
    def told(self) -> tuple[Label, str]:
        """The state in a word or two, and its tone."""
        if not self.integration.is_active:
            return _l("Off"), "neutral"
        if self.is_moving and self.run:
            return (_l("Being checked") if self.run.purpose is Purpose.CHECK else self.run.state.label), "accent"
        if self.waits_for is not None:
            return _l("Needs you"), "bad"
        if self.run is None:
            # What an older version found, or nothing yet.
            return self.integration.status_label, "neutral" if self.integration.connection_status is None else "warn"
        if self.run.state is RunState.FAILED:
            return _l("Failed"), "bad"
        return (_l("Preview ready"), "accent") if self.run.state is RunState.PLANNED else (_l("Works"), "good")

    @property
    def sentence(self) -> Label:
        """The state in one sentence, with what to do where a person can do something."""
        if not self.integration.is_active:
            return _l("Switched off: nothing is read, and nothing is changed. Address and log-in are kept.")
        if self.waits_for is not None:
            return WAITS[self.waits_for]
        if self.run is None:
            return self.integration.error_text or _l("Nobody has checked this connection yet.")
        return self._of_run(self.run)

    def _of_run(self, run: IikoRun) -> Label:
        if run.state is RunState.FAILED:
            return why_failed(run)
        if run.state is RunState.CANCELLED:
            return _l("The last run was cancelled. Nothing was changed by it.")
        if run.state is RunState.PLANNED:
            return _l("A preview is ready. Look through it and apply it.")
        if run.state is RunState.DONE:
            return OF_DONE[run.purpose]
        return OF_MOVING.get(run.state, READING)


READING = _l("iiko is being read.")
OF_DONE: dict[Purpose, Label] = {
    Purpose.CHECK: _l("The connection works, and its licence seat was returned."),
    Purpose.PREVIEW: _l("Everything that is read stands here as iiko says."),
    Purpose.SCHEDULE: _l("Everything that is read stands here as iiko says."),
}
OF_MOVING: dict[RunState, Label] = {
    RunState.QUEUED: _l("A run begins in a moment."),
    RunState.WAITING: _l("Another run is reading this server. iiko answers one at a time, so this one waits its turn."),
    RunState.COMPARING: _l("iiko's answers are compared with what the portal holds. The licence seat is free again."),
    RunState.APPLYING: _l("The changes are being written."),
}


class Servers:
    """Every iiko server of the chain, in one statement."""

    def __init__(self) -> None:
        self.states = list(read_states())

    @property
    def integrations(self) -> list[AccountIntegrationCredentials]:
        """The connections."""
        return [each.integration for each in self.states]

    @property
    def is_moving(self) -> bool:
        """Whether one of them is being read."""
        return any(each.is_moving for each in self.states)


def read_states(*conditions: Any) -> Sequence[ServerState]:
    """The servers with what is kept of them and their latest runs, the first server first."""
    integration, connection = AccountIntegrationCredentials, IikoConnection
    newest = aliased(IikoRun)
    latest = (
        select(newest.id)
        .where(newest.account_id == connection.account_id, newest.connection_id == connection.id)
        .order_by(newest.created_at.desc(), newest.id.desc())
        .limit(1)
        .correlate(connection)
        .scalar_subquery()
    )
    kind = integration.integration_type
    query = (
        select(integration, connection, IikoRun)
        .outerjoin(connection, connection.integration_id == integration.id)
        .outerjoin(IikoRun, IikoRun.id == latest)
        .where((kind == IIKO) | kind.startswith(FURTHER, autoescape=True), *conditions)
        .order_by(kind)
    )
    return [ServerState(*row) for row in db.session.execute(query)]
