"""One event in, one outcome out: the entry to the engine."""

from datetime import datetime
from typing import Any

from portal.messaging.events import (
    NEWS,
    Blocked,
    Event,
    Opened,
    Pressed,
    Receipt,
    SentFile,
    Typed,
    Unblocked,
    Unsupported,
    read_marker,
)
from portal.scenarios.document.steps import Step
from portal.scenarios.engine import phrases
from portal.scenarios.engine.albums import belongs, note_file, take_along
from portal.scenarios.engine.answers import Chosen
from portal.scenarios.engine.phrases import Say
from portal.scenarios.engine.program import Program
from portal.scenarios.engine.state import ConversationState, ConversationStatus, DropReason, Outcome, Tick
from portal.scenarios.engine.texts import MAX_PAYLOAD, Command, clean, read_command
from portal.scenarios.engine.values import Refused
from portal.scenarios.engine.walk import Limits, Walk

LIMITS = Limits()


def advance(
    program: Program,
    standing: ConversationState,
    event: Event | Tick,
    *,
    now: datetime,
    say: Say = str,
    limits: Limits = LIMITS,
    written_at: datetime | None = None,
    reply: str | None = None,
) -> Outcome:
    """What an event does to a conversation. Pure, and never raises whatever the scenario holds.

    ``written_at`` is when the person did it, maybe long before ``now``; ``reply`` our own words in answer to a command.
    """
    walk = Walk(program, standing, now, say, limits, written_at)
    walk.reply = reply
    if isinstance(event, (*NEWS, Receipt)):
        return walk.outcome(DropReason.NOT_A_MOVE)
    match event:
        case Blocked():
            return _blocked(walk)
        case Unblocked():
            return _unblocked(walk)
    if not isinstance(event, Tick):
        # Whoever writes can be reached again, even where the platform did not say so.
        _unblocked(walk)
    if walk.state is ConversationStatus.TAKEN_OVER:
        return walk.outcome(DropReason.TAKEN_OVER)
    return _tick(walk, event) if isinstance(event, Tick) else _heard(walk, event)


def enter(
    program: Program,
    standing: ConversationState,
    step: str,
    *,
    now: datetime,
    say: Say = str,
    limits: Limits = LIMITS,
) -> Outcome:
    """Put a conversation on a step: handed back, moved to another version, chosen in the lab."""
    walk = Walk(program, standing, now, say, limits)
    walk.enter(step)
    return walk.outcome()


def _blocked(walk: Walk) -> Outcome:
    if walk.state is not ConversationStatus.BLOCKED:
        walk.memory.before, walk.state = walk.state.value, ConversationStatus.BLOCKED
    return walk.outcome()


def _unblocked(walk: Walk) -> Outcome:
    if walk.state is ConversationStatus.BLOCKED:
        before = walk.memory.before or ""
        walk.state = ConversationStatus(before) if before in set(ConversationStatus) else ConversationStatus.RUNNING
        walk.memory.before = None
    return walk.outcome()


def _tick(walk: Walk, tick: Tick) -> Outcome:
    is_due = tick.turn == walk.turn and walk.memory.wake_at is not None
    if not is_due or walk.state is not ConversationStatus.RUNNING:
        return walk.outcome(DropReason.OLD_TICK)
    step = walk.program.step(walk.step)
    if step is None:
        walk.fail(phrases.no_step(walk.step or ""))
    else:
        walk.wake(step)
    return walk.outcome()


def _heard(walk: Walk, event: Any) -> Outcome:
    """The person did something: a message, a button, a file, a place."""
    if isinstance(event, Pressed):
        seconds = walk.limits.double_press_seconds
        if walk.memory.is_repeated(event.marker, event.message_ref or "", walk.at, seconds):
            return walk.outcome(DropReason.DUPLICATE_PRESS)
    count = walk.memory.count(walk.at)
    if count > walk.limits.messages_a_minute:
        if count == walk.limits.messages_a_minute + 1:
            walk.notice(phrases.TOO_MANY)
        return walk.outcome(DropReason.TOO_MANY)
    if walk.program.start is None:
        return walk.outcome(DropReason.NO_SCENARIO)
    match event:
        case Opened():
            return _opened(walk, clean(event.payload, MAX_PAYLOAD), event.can_be_answered)
        case Pressed():
            return _pressed(walk, event)
        case Typed():
            command = read_command(event.text)
            return _commanded(walk, command) if command else _said(walk, event)
        case SentFile():
            return _sent(walk, event)
    return _said(walk, event)


def _sent(walk: Walk, file: SentFile) -> Outcome:
    """A file. Of several that were sent at once the first one moves the conversation, the others go with it."""
    if belongs(walk, file):
        take_along(walk, file)
        return walk.outcome(DropReason.SAME_ALBUM)
    turn, asked = walk.turn, walk.open_question
    outcome = _said(walk, file)
    note_file(walk, file, turn, asked if outcome.dropped is None else None)
    return walk.outcome(outcome.dropped)


def _opened(walk: Walk, payload: str, can_be_answered: bool) -> Outcome:
    """A chat that is new begins; so does one that is over, where a link led there."""
    if not can_be_answered:
        walk.memory.link = payload or walk.memory.link
        return walk.outcome(DropReason.NOT_YET)
    is_over = walk.state in (ConversationStatus.FINISHED, ConversationStatus.FAILED)
    if walk.step is not None and not (is_over and payload):
        return walk.outcome(DropReason.ALREADY_OPEN)
    walk.begin(payload)
    return walk.outcome()


def _commanded(walk: Walk, command: Command) -> Outcome:
    if walk.reply is not None:
        walk.tell(walk.reply)
        return walk.outcome()
    match command.name:
        case "start":
            walk.begin(command.payload)
        case "reset":
            walk.notice(phrases.CLEARED)
            walk.begin()
        case _:
            walk.help()
            if walk.step is None:
                walk.begin()
    return walk.outcome()


def _said(walk: Walk, event: Any) -> Outcome:
    step = walk.program.step(walk.step)
    if step is not None and walk.is_unseen and walk.state is not ConversationStatus.FAILED:
        walk.say_again(step)
        return walk.outcome(DropReason.UNSEEN)
    if walk.step is None:
        walk.begin()
    elif walk.state is ConversationStatus.FINISHED:
        walk.notice(phrases.FINISHED)
    elif walk.state is ConversationStatus.FAILED:
        walk.notice(phrases.CANNOT_GO_ON)
    else:
        return _said_on_the_way(walk, walk.step, event)
    return walk.outcome()


def _said_on_the_way(walk: Walk, address: str, event: Any) -> Outcome:
    step = walk.program.step(address)
    if step is None:
        walk.fail(phrases.no_step(address))
    elif walk.is_last(step):
        # Left there as running by another writer, or by a block in between.
        walk.state = ConversationStatus.FINISHED
        walk.notice(phrases.FINISHED)
    else:
        return _answered(walk, step, event)
    return walk.outcome()


def _pressed(walk: Walk, event: Pressed) -> Outcome:
    place = read_marker(event.marker)
    step = walk.program.step(walk.step)
    if step is not None and place is not None and place[0] == walk.turn and walk.state is ConversationStatus.RUNNING:
        option = next((one for one in walk.options(step) if one.index == place[1]), None)
        if option is not None:
            # Whoever presses its button has seen it.
            walk.memory.unseen = None
            return _answered(walk, step, Chosen(option))
    return _stale(walk, event, step)


def _stale(walk: Walk, event: Pressed, step: Step | None) -> Outcome:
    """A button of an older menu moves nothing. Where the platform shows no short texts, the chat says so."""
    if walk.step is None:
        walk.begin()
    else:
        if event.callback is None:
            walk.notice(phrases.MENU_IS_OLD)
        _ask_what_is_open(walk, step)
    return walk.outcome(DropReason.STALE_PRESS, phrases.MENU_IS_OLD)


def _ask_what_is_open(walk: Walk, step: Step | None) -> None:
    question = walk.question(step) if step is not None and walk.state is ConversationStatus.RUNNING else None
    if question is None or step is None:
        return
    try:
        question.read(None)
    except Refused as fault:
        walk.ask_again(step, fault.refusal)


def _answered(walk: Walk, step: Step, event: Any) -> Outcome:
    question = walk.question(step)
    if question is None:
        if step.goes_on_alone and walk.is_waiting:
            return walk.outcome(DropReason.NOT_AWAITED)
        walk.go_on(step)
        return walk.outcome()
    try:
        value = question.read(event)
    except Refused as fault:
        walk.ask_again(step, fault.refusal, unread=event.name if isinstance(event, Unsupported) else None)
    else:
        walk.keep(question.expected.variable, value)
        walk.go_on(step)
    return walk.outcome()
