"""What bots say, read once: a version never changes, so a process keeps the programs it has used last."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any
from uuid import UUID

from portal.db.base import SCHEMA
from portal.db.cursor import row, scalar
from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.engine.program import Program
from portal.scenarios.models import read_document

MAX_KEPT = 64

# What a bot without a live version says.
EMPTY_PROGRAM = Program.of(ScenarioDocument.from_data({}))

_LIVE = f"""
    SELECT id FROM {SCHEMA}.bot_scenario WHERE account_id = %(account)s AND bot_id = %(bot)s AND is_live
""".encode()  # noqa: S608
_WRITTEN = f"""
    SELECT source, scenario_data FROM {SCHEMA}.bot_scenario WHERE account_id = %(account)s AND id = %(id)s
""".encode()  # noqa: S608


@dataclass(frozen=True, slots=True)
class _Written:
    source: str | None
    scenario_data: dict[str, Any]


_kept: OrderedDict[UUID, Program] = OrderedDict()
_lock = Lock()


def live_version(account_id: UUID, bot_id: UUID) -> UUID | None:
    """The version that the bot's new conversations begin with."""
    found: UUID | None = scalar(_LIVE, account=account_id, bot=bot_id)
    return found


def program_of(account_id: UUID, scenario_id: UUID) -> Program:
    """The program of a version of an account; of one that is gone, silence."""
    with _lock:
        if scenario_id in _kept:
            _kept.move_to_end(scenario_id)
            return _kept[scenario_id]
    written = row(_Written, _WRITTEN, account=account_id, id=scenario_id)
    if written is None:
        return EMPTY_PROGRAM
    program = Program.of(read_document(written.source, written.scenario_data))
    with _lock:
        _kept[scenario_id] = program
        while len(_kept) > MAX_KEPT:
            _kept.popitem(last=False)
    return program
