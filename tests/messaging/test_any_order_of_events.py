"""Whatever happens in whatever order: updates are applied once, in their chat's order, and answered once or marked."""

import itertools

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from portal.messaging import queries
from portal.messaging.queries import Chat
from portal.messaging.receiving.update_processor import Step
from portal.messaging.sending import sender
from portal.messaging.sending.recovery import Recovery
from portal.messaging.transactions import transaction

S = "getinn_ops"
CHATS = st.sampled_from(["11", "22"])
ECHO = {
    "ask": {
        "message": "Heard {{word}}",
        "expected_input": {"type": "text", "variable": "word", "validation": {"required": True}},
        "next_step": "ask",
    }
}


class Crash(BaseException):
    """The worker is gone at this very moment."""


class Traffic(RuleBasedStateMachine):
    """What is expected is kept beside what is there: per chat what waits, what was applied, what is to be said."""

    traffic = messenger = database = monkeypatch = None

    def __init__(self):
        super().__init__()
        self.database.restore()
        self.traffic.dispatcher.in_hand._bots.clear()
        self.traffic.dispatcher.in_hand._platforms.clear()
        self.scenario = self.traffic.publish(ECHO)
        self.messenger.sent.clear()
        self.messenger.rows.clear()
        self.numbers = itertools.count(1)
        self.is_on = True
        self.given = {}
        self.waiting = {chat: set() for chat in ("11", "22")}
        self.applied = {chat: [] for chat in ("11", "22")}

    # What people and owners do.

    @rule(chat=CHATS, late=st.booleans())
    def receive(self, chat, late):
        """A message; one that is late stands before those that came already."""
        number = next(self.numbers) + (0 if late else 1000)
        self.traffic.says(chat, f"word {number}", number=number)
        self.given[number] = chat
        if self.is_on:
            self.waiting[chat].add(number)

    @precondition(lambda self: self.given)
    @rule(data=st.data())
    def deliver_again(self, data):
        number = data.draw(st.sampled_from(sorted(self.given)))
        self.traffic.says(self.given[number], f"word {number}", number=number)

    @rule()
    def toggle(self):
        self.is_on = not self.is_on
        self.traffic.sql(
            f"UPDATE {S}.bot_platform_credential SET is_active = %s WHERE id = %s",
            [self.is_on, self.traffic.chain.telegram_id],
        )

    # What workers do.

    @rule(chat=CHATS)
    def advance(self, chat):
        step = self._advance(chat)
        assert step is (Step.APPLIED if self.waiting[chat] else Step.NOTHING)
        self._expect_step(chat)

    @rule(chat=CHATS)
    def crash_while_advancing(self, chat):
        """Everything is written, nothing is committed."""
        with self.monkeypatch.context() as patched:
            finish = queries.finish_updates

            def crash(*arguments):
                finish(*arguments)
                raise Crash

            patched.setattr(queries, "finish_updates", crash)
            if self.waiting[chat]:
                with pytest.raises(Crash):
                    self._advance(chat)

    @rule(crash=st.sampled_from(["no", "before", "after"]))
    def send(self, crash):
        """One claim; the worker dies before or after the platform has it, or notes what it sent."""
        for message in self.traffic.dispatcher.claim().messages:
            if crash == "before":
                self.traffic.dispatcher.in_hand.give_back(message.credential_id, message.platform)
                continue
            with self.monkeypatch.context() as patched:
                if crash == "after":
                    patched.setattr(sender, "note", self._die)
                try:
                    self.traffic.dispatcher.deliver(message, 7)
                except Crash:
                    continue

    @rule()
    def sweep(self):
        """Nobody is at work between two rules, so what is marked as being sent is a dead worker's."""
        with transaction(self.traffic.app):
            Recovery(self.traffic.app, None).release([7])

    @rule()
    def tick(self):
        self.traffic.tick()

    # What has to be so, always and in the end.

    @invariant()
    def updates_are_applied_once_and_in_their_order(self):
        for chat, numbers in self.applied.items():
            heard = [row.text for row in self.traffic.messages(chat) if row.direction == "in"]
            assert heard == [f"word {number}" for number in numbers]

    @invariant()
    def sends_keep_the_order_of_their_chat(self):
        for chat in self.applied:
            places = {row.id: row.seq for row in self.traffic.messages(chat)}
            sent = [places[row_id] for row_id in self.messenger.rows if row_id in places]
            assert sent == sorted(sent)

    def teardown(self):
        if not self.is_on:
            self.toggle()
        for chat in self.applied:
            while self.waiting[chat]:
                self.advance(chat)
        self.sweep()
        self.traffic.make_due()
        self.traffic.send()
        assert {row.state for row in self.traffic.updates()} <= {"done", "ignored"}
        for chat, numbers in self.applied.items():
            said = [row for row in self.traffic.messages(chat) if row.direction == "out"]
            assert [row.text for row in said] == self._expected(numbers)
            for row in said:
                times = self.messenger.rows.count(row.id)
                assert row.state in ("sent", "cancelled", "failed")
                assert times > 0 or row.state != "sent"
                assert times <= 1 or row.maybe_twice
        super().teardown()

    def _expected(self, numbers):
        return [f"Heard {'{{word}}' if place == 0 else f'word {n}'}" for place, n in enumerate(numbers)]

    def _expect_step(self, chat):
        if self.waiting[chat]:
            number = min(self.waiting[chat])
            self.waiting[chat].discard(number)
            if self.is_on:
                self.applied[chat].append(number)

    def _advance(self, chat):
        own = self.traffic.chain
        return self.traffic.processor.advance(Chat(own.account_id, own.telegram_id, chat))

    @staticmethod
    def _die(*_):
        raise Crash


def test_whatever_happens(traffic, messenger, database, monkeypatch):
    class Here(Traffic):
        pass

    Here.traffic, Here.messenger, Here.database, Here.monkeypatch = traffic, messenger, database, monkeypatch
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
