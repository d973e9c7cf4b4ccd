"""Carries updates to webhooks: each chat strictly in order, tried again with growing pauses."""

import contextlib
import heapq
import itertools
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from tests.fakes.asking import http_client
from tests.fakes.bots import Bot
from tests.fakes.records import Event

if TYPE_CHECKING:
    from tests.fakes.platform import FakePlatform

CARRIERS = 32  # requests at the same time
MAX_RETRY_AFTER = 3600  # seconds


@dataclass(frozen=True)
class Retry:
    """Seconds until an update is offered again: ``first``, doubling to ``longest``; given up after ``give_up``."""

    first: float = 0.05
    longest: float = 1.0
    give_up: float = 24 * 3600

    def pause(self, tries: int) -> float:
        """After that many tries."""
        return float(min(self.longest, self.first * 2 ** min(tries - 1, 30)))


@dataclass(eq=False)
class Parcel:
    """What one request carries."""

    events: list[Event]
    tries: int = 0
    since: float = field(default_factory=time.monotonic)


@dataclass(eq=False)
class Lane:
    """Parcels that follow one another."""

    bot: Bot
    parcels: list[Parcel] = field(default_factory=list)
    is_busy: bool = False


class Courier:
    """The platform's deliveries, and what can be made to go wrong with them."""

    def __init__(self, fake: "FakePlatform", retry: Retry) -> None:
        self.fake, self.retry = fake, retry
        self._lanes: dict[Any, Lane] = {}
        self._due: list[tuple[float, int, Lane]] = []
        self._numbers = itertools.count()
        self._held: list[Event] | None = None
        self._faults: list[list[Any]] = []  # [effect, value, times]
        self._stopped = False
        self._client = http_client(
            fake.webhook_timeout,
            limits=httpx.Limits(max_connections=CARRIERS * 2, max_keepalive_connections=CARRIERS),
        )
        self._pool = ThreadPoolExecutor(CARRIERS, thread_name_prefix="courier")
        self._thread = threading.Thread(target=self._run, daemon=True, name="courier")

    def duplicate(self, times: int | None = 1, copies: int = 2) -> None:
        """Updates arrive several times."""
        self._plan("duplicate", copies, times)

    def drop(self, times: int | None = 1) -> None:
        """Updates are lost on the way, and the platform thinks that they arrived."""
        self._plan("drop", 0, times)

    def fail(self, times: int | None = 1, message: str = "Connection refused") -> None:
        """The platform cannot reach the webhook, for that reason."""
        self._plan("fail", message, times)

    def clear(self) -> None:
        """Deliveries work again, at once."""
        with self.fake.changed:
            self._faults.clear()
        self.kick()

    @property
    def planned(self) -> list[str]:
        """What is still to go wrong."""
        return [effect for effect, _, _ in self._faults]

    @contextlib.contextmanager
    def held(
        self, *, shuffle: bool = False, reverse: bool = False, batch: bool = False, copies: int = 1, seed: int = 0
    ) -> Iterator[None]:
        """What happens inside is delivered at the end, in an order of choice; ``batch``: in one request (WhatsApp)."""
        with self.fake.changed:
            self._held = []
        try:
            yield
        finally:
            with self.fake.changed:
                events, self._held = self._held, None
            events = [event for event in events for _ in range(copies)]
            if shuffle:
                random.Random(seed).shuffle(events)
            self._release(events[::-1] if reverse else events, shuffle or reverse or copies > 1, batch)

    def post(self, bot: Bot, payload: dict[str, Any], chat_id: str | None = None, kind: str = "raw") -> Event:
        """Any payload at all, rightly signed; on WhatsApp the ``value`` of a change."""
        return self.take(Event(bot, chat_id, kind, payload))

    def take(self, event: Event) -> Event:
        """An update that is to be delivered."""
        with self.fake.changed:
            event.bot.pending.append(event)
            if self._held is not None:
                self._held.append(event)
            else:
                self._enqueue((event.bot.public_id, event.chat_id), Parcel([event]))
            self.fake.changed.notify_all()
        return event

    def kick(self, bot: Bot | None = None) -> None:
        """Offer at once what waits."""
        with self.fake.changed:
            for lane in self._lanes.values():
                if bot in (None, lane.bot) and lane.parcels:
                    self._schedule(lane, 0)

    def start(self) -> None:
        """Begin to carry."""
        self._thread.start()

    def stop(self) -> None:
        """No more deliveries; those under way end by themselves."""
        with self.fake.changed:
            self._stopped = True
            self.fake.changed.notify_all()
        self._thread.join()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def _plan(self, effect: str, value: object, times: int | None) -> None:
        with self.fake.changed:
            self._faults.append([effect, value, times])

    def _release(self, events: list[Event], reordered: bool, batch: bool) -> None:
        parcels = self.fake.parcels(events) if batch else [Parcel([event]) for event in events]
        with self.fake.changed:
            number = next(self._numbers)
            for parcel in parcels:
                first = parcel.events[0]
                together = ("released", number) if reordered or batch else first.chat_id
                self._enqueue((first.bot.public_id, together), parcel)

    def _enqueue(self, key: Any, parcel: Parcel) -> None:
        lane = self._lanes.setdefault(key, Lane(parcel.events[0].bot))
        lane.parcels.append(parcel)
        if len(lane.parcels) == 1 and not lane.is_busy:
            self._schedule(lane, 0)

    def _schedule(self, lane: Lane, pause: float) -> None:
        heapq.heappush(self._due, (time.monotonic() + pause, next(self._numbers), lane))
        self.fake.changed.notify_all()

    def _run(self) -> None:
        while True:
            with self.fake.changed:
                while not self._stopped and not (self._due and self._due[0][0] <= time.monotonic()):
                    self.fake.changed.wait(max(0.0, self._due[0][0] - time.monotonic()) if self._due else None)
                if self._stopped:
                    return
                _, _, lane = heapq.heappop(self._due)
                if lane.is_busy or not lane.parcels:
                    continue
                lane.is_busy = True
            self._pool.submit(self._advance, lane)

    def _advance(self, lane: Lane) -> None:
        parcel = lane.parcels[0]
        pause = self._offer(parcel)
        with self.fake.changed:
            lane.is_busy = False
            if all(event.settled.is_set() for event in parcel.events):
                lane.parcels.remove(parcel)
                pause = 0
            if lane.parcels and pause is not None:
                self._schedule(lane, pause)
            self.fake.changed.notify_all()

    def _offer(self, parcel: Parcel) -> float | None:
        """Try once: seconds until the next try where it was not taken, None where there is nowhere to go."""
        waiting = [event for event in parcel.events if not event.settled.is_set()]
        # Copies made on purpose go out although their first was taken.
        events = waiting or [event for event in parcel.events if event.outcome == "delivered"]
        if not events:
            return 0
        bot = events[0].bot
        if not self.fake.webhook_url(bot):
            if not self.fake.keeps_updates:
                self._settle(events, "ignored")
            return None if self.fake.keeps_updates else 0
        effect, value = self._fault()
        if effect == "drop":
            self._settle(events, "dropped")
            return 0
        parcel.tries += 1
        result = None
        for _ in range(value if effect == "duplicate" else 1):
            result = value if effect == "fail" else self._request(bot, events)
        return self._judge(parcel, events, result)

    def _fault(self) -> tuple[str, Any]:
        with self.fake.changed:
            if not self._faults:
                return "", None
            fault = self._faults[0]
            if fault[2] is not None:
                fault[2] -= 1
                if fault[2] <= 0:
                    self._faults.pop(0)
            return fault[0], fault[1]

    def _request(self, bot: Bot, events: list[Event]) -> httpx.Response | str:
        url, headers, body = self.fake.delivery(bot, events)
        try:
            return self._client.post(url, content=body, headers={"Content-Type": "application/json", **headers})
        except (httpx.HTTPError, httpx.InvalidURL, RuntimeError) as error:
            return error_words(error)

    def _judge(self, parcel: Parcel, events: list[Event], result: Any) -> float | None:
        bot = events[0].bot
        answered = isinstance(result, httpx.Response)
        with self.fake.changed:
            for event in events:
                event.tries.append(result.status_code if answered else str(result))
        if answered and result.is_success:
            self._settle(events, "delivered")
            self.fake.taken(bot, events, result)
            return 0
        words = f"Wrong response from the webhook: {result.status_code} {result.reason_phrase}" if answered else result
        with self.fake.changed:
            bot.webhook.note_error(words.strip(), self.fake.now())
        if time.monotonic() - parcel.since > self.retry.give_up:
            self._settle(events, "dropped")
        if answered and result.status_code == 410:
            self.fake.webhook_gone(bot)
        asked = result.headers.get("Retry-After", "") if answered else ""
        return min(int(asked), MAX_RETRY_AFTER) if asked.isdigit() else self.retry.pause(parcel.tries)

    def _settle(self, events: list[Event], outcome: str) -> None:
        with self.fake.changed:
            for event in events:
                event.settle(outcome)
                if event in event.bot.pending:
                    event.bot.pending.remove(event)
            self.fake.changed.notify_all()


def error_words(error: Exception) -> str:
    """What went wrong with a request, as Telegram words it."""
    text = str(error)
    if isinstance(error, httpx.TimeoutException):
        return "Connection timed out" if isinstance(error, httpx.ConnectTimeout) else "Read timeout expired"
    if "SSL" in text or "certificate" in text.lower():
        return "SSL error {error:0A000086:SSL routines::certificate verify failed}"
    if "refused" in text.lower() or "attempts failed" in text:
        return "Connection refused"
    if isinstance(error, httpx.ConnectError):
        return "Failed to resolve host: Name or service not known"
    return "Connection reset by peer"
