"""A conversation in tests: a clock that the test moves, and the last outcome at hand."""

from datetime import UTC, datetime, timedelta

from portal.messaging.events import Pressed, Typed
from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.engine.advance import advance, enter
from portal.scenarios.engine.program import Program
from portal.scenarios.engine.state import ConversationState, Tick


class Talk:
    """``said`` is what the bot said to the last event, ``outcome`` everything about it."""

    def __init__(self, data, standing=None):
        self.program = Program.of(ScenarioDocument.from_data(data))
        self.standing = standing or ConversationState.fresh()
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self.shown = []
        self.outcome = None

    def hear(self, event, after=5.0):
        self.now += timedelta(seconds=after)
        return self._keep(advance(self.program, self.standing, event, now=self.now))

    def say(self, text, after=5.0):
        return self.hear(Typed(text), after)

    def put_on(self, step):
        return self._keep(enter(self.program, self.standing, step, now=self.now))

    def press(self, label, after=5.0, **values):
        """The newest button with this label, in the message that carried it."""
        marker, place = next(
            (choice.marker, place)
            for place, outgoing in reversed(list(enumerate(self.shown)))
            for choice in outgoing.choices
            if choice.label == label
        )
        return self.hear(Pressed(marker, label, **{"message_ref": str(place), "callback": "c", **values}), after)

    def tick(self):
        return self.hear(Tick(self.standing.turn), self.outcome.wake_after)

    def _keep(self, outcome):
        self.outcome, self.standing = outcome, outcome.standing
        self.shown += outcome.outgoing_messages
        self.said = [outgoing.text for outgoing in outcome.outgoing_messages]
        return self.said

    @property
    def variables(self):
        return self.standing.variables

    @property
    def buttons(self):
        """The buttons under the last message."""
        return [choice.label for choice in self.outcome.outgoing_messages[-1].choices]


def message(text="…", **keys):
    return {"message": {"text": text}, **keys}


def asking(text="?", kind="text", following="end", variable="x", buttons=(), **validation):
    """A step that asks; ``validation`` as in the file."""
    expected = {"type": kind, "variable": variable, "validation": validation}
    shown = {"buttons": [{"text": label, "value": value} for label, value in buttons]} if buttons else {}
    return message(text, expected_input=expected, next_step=following, **shown)


def started(data):
    """A conversation that has heard its first message."""
    talk = Talk(data)
    talk.say("hi")
    return talk


def question(kind="text", buttons=(), **validation):
    """A conversation that stands on one question; afterwards the bot says Done."""
    steps = {"ask": asking("?", kind, "end", "x", buttons, **validation), "end": message("Done")}
    return started({"steps": steps})
