"""Files that were sent at once are one answer: the first moves the conversation, the others are added to it.

Each is an event of its own, so what became of the first stands in the memory: nothing waits for the others, and
whoever dies between two of them goes on where it was.
"""

from portal.messaging.events import SentFile
from portal.scenarios.document.steps import Step
from portal.scenarios.engine.state import Album, ConversationStatus
from portal.scenarios.engine.values import Refused
from portal.scenarios.engine.walk import Walk


def note_file(walk: Walk, file: SentFile, turn: int, asked: Step | None) -> None:
    """Remember what became of a file that came in a turn; ``asked`` is the step whose question was open then."""
    has_moved = walk.turn != turn or walk.state is not ConversationStatus.RUNNING
    answered = asked.id if asked is not None and has_moved else ""
    walk.memory.album = Album(file.group, walk.written_at, turn, answered)


def belongs(walk: Walk, file: SentFile) -> bool:
    """Whether a file goes with the former one, instead of being an answer, or a wrong one, of its own."""
    album = walk.memory.album
    if album is None or not album.includes(file.group, walk.written_at):
        return False
    asked = walk.open_question
    if album.step:
        # Where the platform does not say that they are one, a file that is asked for is the answer to that.
        return bool(file.group) or not _is_taken(walk, asked, file)
    return asked is None or walk.turn != album.turn or not _is_taken(walk, asked, file)


def take_along(walk: Walk, file: SentFile) -> None:
    """Add it to the answer that the former one became, if it would have been one."""
    album = walk.memory.album
    assert album is not None, "it belongs to a former one"
    walk.memory.album = Album(album.group, max(album.at, walk.written_at), album.turn, album.step)
    step = walk.program.step(album.step) if album.step else None
    question = walk.question(step) if step is not None else None
    if question is None:
        return
    try:
        walk.add_file(question.expected.variable, question.read(file))
    except Refused:
        return


def _is_taken(walk: Walk, step: Step | None, file: SentFile) -> bool:
    """Whether the file answers what the step asks."""
    question = walk.question(step) if step is not None else None
    if question is None:
        return False
    try:
        question.read(file)
    except Refused:
        return False
    return True
