"""What bots say, read once: a version never changes, so a process keeps the programs it has used last."""

from collections import OrderedDict
from threading import Lock
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import lazyload

from portal.db.base import db
from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.engine.program import Program
from portal.scenarios.models import BotScenario

MAX_KEPT = 64

# What a bot without a live version says.
EMPTY_PROGRAM = Program.of(ScenarioDocument.from_data({}))

_kept: OrderedDict[UUID, Program] = OrderedDict()
_lock = Lock()


def live_version(bot_id: UUID) -> UUID | None:
    """The version that the bot's new conversations begin with."""
    return db.session.scalar(select(BotScenario.id).where(BotScenario.bot_id == bot_id, BotScenario.is_live))


def program_of(scenario_id: UUID) -> Program:
    """The program of a version of the account in scope; of one that is gone, silence."""
    with _lock:
        if scenario_id in _kept:
            _kept.move_to_end(scenario_id)
            return _kept[scenario_id]
    query = select(BotScenario).where(BotScenario.id == scenario_id)
    scenario = db.session.scalar(query.options(lazyload(BotScenario.bot), lazyload(BotScenario.author)))
    if scenario is None:
        return EMPTY_PROGRAM
    program = Program.of(scenario.document)
    with _lock:
        _kept[scenario_id] = program
        while len(_kept) > MAX_KEPT:
            _kept.popitem(last=False)
    return program
