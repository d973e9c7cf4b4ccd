"""A stage for adapters: the stand-in of a platform, calls to it, and a house that takes what it delivers."""

import json
import threading

import pytest
from werkzeug.wrappers import Response

from portal.messaging.events import Choice, OutgoingMessage, TextSpan
from portal.messengers.calls import Calls
from portal.messengers.registry import PLATFORM_KEYS, platform
from tests.fakes import DEMO, fake_platform
from tests.fakes.serving import Server

SECRET = "a-secret_for-the-header"
GUESTS = {"telegram": "42", "whatsapp": "79990000042", "viber": "guest/42+abc=="}


class Stage:
    """One platform with its demo bot and one guest."""

    def __init__(self, key, fake, calls):
        self.key, self.fake, self.adapter = key, fake, platform(key)
        self.values = DEMO[key]
        self.calls = calls
        self.call = calls.of(self.adapter, self.values)
        self.chat_id = GUESTS[key]
        self.guest = fake.user(self.chat_id, name="Anna Petrova", language="ru")
        self.heard, self.refused, self.changed = [], [], threading.Condition()
        self.house = Server(self._take)

    def _take(self, request):
        if request.method == "GET":
            echo = self.adapter.webhook.challenge(self.values, request.args)
            return Response(echo or "", 200 if echo else 403)
        body = request.get_data()
        if not self.adapter.webhook.verify(self.values, SECRET, request.headers, body):
            self.refused.append(body)
            return Response("", 403)
        with self.changed:
            self.heard += self.adapter.inbound.read_updates(json.loads(body), self.values)
            self.changed.notify_all()
        return Response("")

    @property
    def address(self):
        return f"{self.house.url}{self.adapter.webhook_path('00000000-0000-0000-0000-000000000007')}"

    def listen(self):
        """Have the platform deliver to the house."""
        self.adapter.webhook.set_webhook(self.call, self.address, SECRET)
        self.fake.wait_quiet()
        with self.changed:
            self.heard.clear()

    def hear(self, event):
        """The update of an event, and what the adapter understands."""
        event.wait()
        with self.changed:
            assert self.changed.wait_for(lambda: self.heard, 10)
            update = self.heard[-1]
            self.heard.clear()
        return update, self.adapter.inbound.read_event(json.loads(json.dumps(update.payload)), update.kind)

    def send(self, outgoing, file=None, row_id="row-1", **more):
        """All parts of an outgoing message; the last one's result."""
        return [
            self.adapter.outbound.send(self.call, self.chat_id, part, file, row_id, **more)
            for part in self.adapter.outbound.parts(outgoing)
        ][-1]


def saying(text="", *labels, **more):
    """An outgoing message of the author's words with buttons."""
    choices = tuple(Choice(label, f"1.{number}") for number, label in enumerate(labels))
    return OutgoingMessage((TextSpan(text),) if text else (), choices, **more)


def open_stage(key, **options):
    quick = {"webhook_interval": 0} if key == "telegram" else {}
    return fake_platform(key, **(quick | options))


@pytest.fixture(params=PLATFORM_KEYS)
def stage(request):
    yield from stage_of(request.param)


@pytest.fixture
def telegram():
    yield from stage_of("telegram")


@pytest.fixture
def whatsapp():
    yield from stage_of("whatsapp")


@pytest.fixture
def viber():
    yield from stage_of("viber")


def stage_of(key):
    with open_stage(key) as fake, Calls({key: fake.base_url}) as calls:
        found = Stage(key, fake, calls)
        found.house.start()
        try:
            found.guest.says("hello")
            if key == "viber":
                # Viber takes no message before a webhook is set.
                found.listen()
            yield found
        finally:
            found.house.stop()
