"""A conversation with a scenario in the terminal: the engine of the bots, without database and messenger."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask_babel import force_locale

from portal.messaging.events import OutgoingMessage
from portal.scenarios.checks.linter import lint
from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.document.packages import read_file
from portal.scenarios.document.problems import Problem
from portal.scenarios.engine.program import Program
from portal.scenarios.transcripts import Chat, ScriptLine, TranscriptError, written

Write = Callable[[str], Any]


def open_file(path: Path) -> ScenarioDocument:
    """The scenario in a file; raises ``ScenarioUnreadable``."""
    return read_file(path.read_bytes())


def told(path: Path, problem: Problem) -> str:
    """A problem in one line, by its place in the file."""
    spot = f":{problem.line}" if problem.line else ""
    spot += f":{problem.column}" if problem.line and problem.column else ""
    place = f"{problem.place}: " if problem.place else ""
    return f"{path}{spot}: {problem.severity}: {place}{problem.message}"


def problems_of(path: Path, document: ScenarioDocument) -> list[str]:
    """What the check of the file finds, errors first."""
    return [told(path, problem) for problem in lint(document)]


def talk(document: ScenarioDocument, lines: Iterable[str], write: Write, adapter: Any = None) -> None:
    """Answer each line; messages are written as a transcript has them, as ``adapter`` would send them."""
    program = Program.of(document)
    chat = Chat(program)
    with force_locale(program.language):
        for line in lines:
            if line.strip():
                _answer(chat, line, write, adapter)


def _answer(chat: Chat, line: str, write: Write, adapter: Any) -> None:
    try:
        outgoing_messages = chat.hear(line)
    except TranscriptError as fault:
        return write(f"# {fault}")
    for outgoing in outgoing_messages:
        for text in _as_sent(outgoing, adapter):
            write(str(ScriptLine(False, text)))
    return None


def _as_sent(outgoing: OutgoingMessage, adapter: Any) -> list[str]:
    if adapter is None:
        return [written(outgoing)]
    return ["\n".join(adapter.outbound.shown(part)) for part in adapter.outbound.parts(outgoing)]
