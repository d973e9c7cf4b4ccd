"""What can be made to go wrong with the calls of a bot."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.fakes.records import Call

HANG_SECONDS = 600  # a hung call is let go after that, whatever was forgotten


class Cut(Exception):
    """The connection ends without an answer."""


class Refused(Exception):
    """The platform says no: HTTP status, JSON body, headers."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status, self.body, self.headers = status, body, headers or {}


@dataclass(eq=False)
class Fault:
    """One thing that goes wrong ``times`` times (None: until cleared) with the calls that match."""

    effect: str  # delay, hang, cut, cut_accepted, fail, throttle
    value: float = 0
    times: int | None = 1
    on: str | None = None
    bot: str | None = None
    chat: str | None = None

    def concerns(self, call: Call) -> bool:
        """Whether it happens to that call."""
        named = self.on is None or self.on in (call.name, call.action)
        return named and self.bot in (None, call.bot, call.token) and self.chat in (None, call.chat)


class Faults:
    """Faults of calls. ``on`` is a method (``sendMessage``) or an action (``send``), None any call of the API.

    ``bot`` is the bot's public id or credential, ``chat`` the chat's id. All that match happen; each counts down.
    """

    def __init__(self, throttled: Callable[[float], Refused], broken: Callable[[int], Refused]) -> None:
        self._throttled, self._broken = throttled, broken
        self._planned: list[Fault] = []
        self._lock = threading.Lock()
        self._released = threading.Event()

    def delay(self, seconds: float, times: int | None = None, **where: str | None) -> Fault:
        """Answers take longer."""
        return self._plan(Fault("delay", seconds, times, **where))

    def hang(self, times: int | None = 1, **where: str | None) -> Fault:
        """No answer at all until :meth:`release`; nothing is accepted, the connection ends then."""
        return self._plan(Fault("hang", 0, times, **where))

    def cut(self, times: int | None = 1, *, accepted: bool = False, **where: str | None) -> Fault:
        """The connection ends without an answer, before or after the call has done its work."""
        return self._plan(Fault("cut_accepted" if accepted else "cut", 0, times, **where))

    def fail(self, times: int | None = 1, status: int = 500, **where: str | None) -> Fault:
        """The platform has an error of its own."""
        return self._plan(Fault("fail", status, times, **where))

    def throttle(self, times: int | None = 1, retry_after: float = 1, **where: str | None) -> Fault:
        """Too many requests, in the platform's own words."""
        return self._plan(Fault("throttle", retry_after, times, **where))

    def clear(self) -> None:
        """Everything works again; hung calls end."""
        with self._lock:
            self._planned.clear()
        self.release()

    def release(self) -> None:
        """Ends what hangs at this moment."""
        with self._lock:
            self._released.set()
            self._released = threading.Event()

    @property
    def planned(self) -> list[Fault]:
        """What is still to happen."""
        with self._lock:
            return list(self._planned)

    def befall(self, call: Call) -> bool:
        """Let the call suffer what is planned for it; True: to be cut after its work. Raises Cut and Refused."""
        effects = self._take(call)
        for effect, value in effects:
            if effect == "delay":
                self._released.wait(value)
        for effect, value in effects:
            if effect == "hang":
                self._released.wait(HANG_SECONDS)
            if effect in ("hang", "cut"):
                raise Cut
            if effect == "fail":
                raise self._broken(int(value))
            if effect == "throttle":
                raise self._throttled(value)
        return any(effect == "cut_accepted" for effect, _ in effects)

    def _plan(self, fault: Fault) -> Fault:
        with self._lock:
            self._planned.append(fault)
        return fault

    def _take(self, call: Call) -> list[tuple[str, float]]:
        with self._lock:
            found = [fault for fault in self._planned if fault.concerns(call)]
            for fault in found:
                if fault.times is not None:
                    fault.times -= 1
            self._planned = [fault for fault in self._planned if fault.times is None or fault.times > 0]
        return [(fault.effect, fault.value) for fault in found]
