"""Who uses the portal meanwhile: guests who write, people who read and change pages, strangers who forget passwords."""

import itertools
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

# Nobody says more than thirty words a minute: the bot would ask them to wait.
LEAST_SECONDS, MORE_SECONDS = 2.2, 1.0
PATIENCE_SECONDS = 150.0
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Tally:
    """What came of it, by kind; ``when`` holds the moments at which an answer was not a good one."""

    statuses: Counter = field(default_factory=Counter)
    bad: list[tuple[float, str, int]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, status: int) -> None:
        """One answer; 0 where the line was cut."""
        with self.lock:
            self.statuses[kind, status] += 1
            if status >= 500 or status == 0:
                self.bad.append((time.monotonic(), kind, status))


@dataclass
class Guest:
    """Somebody who says words one after the other, each once the bot has repeated the one before."""

    person: Any
    name: str
    said: list[str] = field(default_factory=list)

    def talk(self, stop: threading.Event, tally: Tally) -> None:
        """Until the end; a word that is never repeated is lost."""
        self.person.opens()
        if self.name.startswith("viber"):
            # To somebody who has only opened the chat nothing may be sent on Viber.
            self.person.says("hello")
        if not self._hears("Say a word", tally):
            return
        for number in itertools.count():
            if stop.wait(LEAST_SECONDS + random.expovariate(1 / MORE_SECONDS)):
                return
            word = f"{self.name}-{number}."
            self.said.append(word)
            started = time.monotonic()
            self.person.says(word)
            if not self._hears(f"You said {word}", tally):
                return
            with tally.lock:
                tally.waits.append(time.monotonic() - started)

    def _hears(self, words: str, tally: Tally) -> bool:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if any(words in text for text in self.person.texts[-3:]):
                return True
            time.sleep(0.2)
        tally.lost.append(f"{self.name}: {words}")
        return False


class Manager:
    """A signed-in person who looks at lists and changes a restaurant's telephone number again and again."""

    def __init__(self, url: str, cookie: str, slug: str, restaurant_id: Any, number: int) -> None:
        self.client = httpx.Client(base_url=url, cookies={"portal": cookie}, timeout=40, follow_redirects=False)
        self.base, self.restaurant, self.number = f"/accounts/{slug}", restaurant_id, number
        self.numbers = itertools.count(1)

    def work(self, stop: threading.Event, tally: Tally) -> None:
        """Until the end."""
        pages = ["/", "/restaurants", "/restaurants?q=Borscht", "/stores", "/bots", "/users", "/audit", "/notices"]
        while not stop.wait(0.25):
            if random.random() < 0.2:
                self._change(tally)
            else:
                self._ask(tally, "page", "GET", f"{self.base}{random.choice(pages)}")

    def _change(self, tally: Tally) -> None:
        address = f"{self.base}/restaurants/{self.restaurant}/edit"
        form = self._ask(tally, "form", "GET", address)
        found = TOKEN.search(form.text) if form is not None and form.status_code == 200 else None
        if found is None:
            return
        phone = f"+7 495 {self.number:03} {next(self.numbers):05}"
        fields = {
            "csrf_token": found[1],
            "name": f"Operated {self.number}",
            "phone": phone,
            "timezone": "Europe/Moscow",
        }
        saved = self._ask(tally, "change", "POST", address, data=fields)
        if saved is None or saved.status_code != 303:
            return
        shown = self._ask(tally, "page", "GET", f"{self.base}/restaurants/{self.restaurant}")
        if shown is not None and shown.status_code == 200 and phone not in shown.text:
            tally.lost.append(f"a change that was confirmed is not there: {phone}")

    def _ask(self, tally: Tally, kind: str, verb: str, path: str, **rest: Any) -> httpx.Response | None:
        try:
            answer = self.client.request(verb, path, **rest)
        except httpx.HTTPError:
            tally.note(kind, 0)
            return None
        tally.note(kind, answer.status_code)
        return answer


def forget_passwords(url: str, stop: threading.Event, tally: Tally) -> None:
    """Somebody asks for links now and then, of people who exist."""
    client = httpx.Client(base_url=url, timeout=40)
    for number in itertools.count():
        if stop.wait(20):
            return
        try:
            page = client.get("/password")
            found = TOKEN.search(page.text)
            if found:
                email = f"owner@bench-{number % 3}.example"
                tally.note("reset", client.post("/password", data={"email": email, "csrf_token": found[1]}).status_code)
        except httpx.HTTPError:
            tally.note("reset", 0)


def in_threads(*work: Callable[[], None]) -> list[threading.Thread]:
    """All of it at once."""
    threads = [threading.Thread(target=each, daemon=True) for each in work]
    for thread in threads:
        thread.start()
    return threads
