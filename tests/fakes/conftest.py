"""The three stand-ins, and a bot's server and calls that are alike on all of them."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.fakes import DEMO, FAKES, FakePlatform
from tests.fakes.asking import http_client
from tests.fakes.receiver import Receiver

PLATFORMS = tuple(FAKES)


class Client:
    """A bot's side of the platform, as plain as can be."""

    def __init__(self, fake: FakePlatform) -> None:
        self.fake, self.demo = fake, DEMO[fake.key]
        self._http = http_client(base_url=fake.base_url)

    def close(self) -> None:
        self._http.close()

    def telegram(self, method: str, files: Any = None, **values: Any) -> httpx.Response:
        path = f"/bot{self.demo['token']}/{method}"
        return self._http.post(path, data=values, files=files) if files else self._http.post(path, json=values)

    def whatsapp(self, path: str = "/messages", method: str = "POST", **request: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.demo['access_token']}"}
        address = path if path.startswith("http") else f"/v23.0/{self.demo['phone_number_id']}{path}"
        return self._http.request(method, address, headers=headers, **request)

    def viber(self, method: str, **values: Any) -> httpx.Response:
        return self._http.post(f"/pa/{method}", json=values, headers={"X-Viber-Auth-Token": self.demo["auth_token"]})

    def send(self, chat_id: str, text: str, *labels: str) -> httpx.Response:
        return getattr(self, f"_send_{self.fake.key}")(chat_id, text, labels)

    def set_webhook(self, url: str) -> httpx.Response:
        if self.fake.key == "telegram":
            return self.telegram("setWebhook", url=url, secret_token="s-e_c")
        if self.fake.key == "viber":
            return self.viber("set_webhook", url=url)
        configuration = {"override_callback_uri": url, "verify_token": "verify-me"}
        return self.whatsapp("", json={"webhook_configuration": configuration})

    def get(self, url: str) -> httpx.Response:
        return self._http.get(url)

    def post(self, url: str, **request: Any) -> httpx.Response:
        return self._http.post(url, **request)

    def _send_telegram(self, chat_id: str, text: str, labels: tuple[str, ...]) -> httpx.Response:
        rows = [[{"text": label, "callback_data": f"1.{n}"}] for n, label in enumerate(labels)]
        more = {"reply_markup": {"inline_keyboard": rows}} if rows else {}
        return self.telegram("sendMessage", chat_id=chat_id, text=text, **more)

    def _send_whatsapp(self, chat_id: str, text: str, labels: tuple[str, ...]) -> httpx.Response:
        message: dict[str, Any] = {"messaging_product": "whatsapp", "to": chat_id, "biz_opaque_callback_data": "row-7"}
        if labels:
            replies = [{"type": "reply", "reply": {"id": f"1.{n}", "title": label}} for n, label in enumerate(labels)]
            interactive = {"type": "button", "body": {"text": text}, "action": {"buttons": replies}}
            return self.whatsapp(json=message | {"type": "interactive", "interactive": interactive})
        return self.whatsapp(json=message | {"type": "text", "text": {"body": text}})

    def _send_viber(self, chat_id: str, text: str, labels: tuple[str, ...]) -> httpx.Response:
        message: dict[str, Any] = {"receiver": chat_id, "type": "text", "text": text, "sender": {"name": "Demo"}}
        if labels:
            buttons = [{"ActionBody": f"1.{n}", "Text": label} for n, label in enumerate(labels)]
            message |= {"keyboard": {"Type": "keyboard", "Buttons": buttons}, "tracking_data": "turn 1"}
        return self.viber("send_message", **message)


@pytest.fixture
def start() -> Iterator[Callable[..., tuple[FakePlatform, Client]]]:
    """``start("viber")`` is a running stand-in with a client."""
    started: list[tuple[FakePlatform, Client]] = []

    def run(key: str, **options: Any) -> tuple[FakePlatform, Client]:
        fake = FAKES[key](**options).start()
        started.append((fake, Client(fake)))
        return started[-1]

    yield run
    for fake, client in started:
        client.close()
        fake.stop()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A bot's server."""
    with Receiver() as running:
        yield running
