"""The pages, and ``bin/fakes`` as a whole."""

import os
import random
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.fakes import FAKES
from tests.fakes.asking import http_client
from tests.fakes.bots import png

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=FAKES)
def open_chat(request, start, receiver):
    """A stand-in, a person of it, and the address of their chat."""
    fake, client = start(request.param)
    client.set_webhook(receiver.url)
    guest = fake.user("42", "Anna <b>Guest</b>")
    return fake, client, guest, f"/_/bots/{fake.bot().public_id}/chats/42"


def test_a_person_is_played_in_the_browser(open_chat):
    fake, client, guest, address = open_chat
    client.send("42", "Yes or no?", "Yes", "No").raise_for_status()
    assert "Yes or no?" in client.get(address).text
    client.post(f"{address}/do/says", data={"text": "<script>"})
    client.post(f"{address}/do/presses", data={"message": guest.last.id, "button": "1"})
    client.post(f"{address}/do/sends_file", files={"file": ("a.png", png(b"abc"), "image/png")}, data={"caption": "me"})
    client.post(f"{address}/do/shares_contact", data={"phone": "+79990001122", "own": "on"})
    client.post(f"{address}/do/shares_location", data={"latitude": "1.5", "longitude": "2.5"})
    client.post(f"{address}/do/opens", data={"payload": "table-5"})
    fake.wait_quiet()
    page = client.get(address).text
    assert "&lt;script&gt;" in page
    assert "Anna &lt;b&gt;" in page
    picture = next(message for message in guest.transcript if message.file)
    assert client.get(f"{address}/files/{picture.id}").content == png(b"abc")
    client.post(f"{address}/do/blocks")
    assert guest.chat.is_blocked


def test_what_breaks_at_a_button_is_mended_at_a_button(open_chat):
    fake, client, guest, _ = open_chat
    for action in ("throttle", "hang", "fail", "cut", "cut-accepted", "slow", "unreachable", "duplicate", "drop"):
        assert client.post(f"/_/break/{action}").status_code == 303
    assert len(fake.faults.planned) == 6
    assert "Still to come" in client.get("/").text
    client.post("/_/break/mend")
    client.send("42", "hello")
    assert guest.texts == ["hello"]
    client.post(f"/_/bots/{fake.bot().public_id}/do/revoke")
    assert "token revoked" in client.get("/").text
    client.post(f"/_/bots/{fake.bot().public_id}/do/restore")
    client.post(f"/_/bots/{fake.bot().public_id}/do/steal")
    assert "other-tool.example" in client.get("/").text


def test_a_chat_can_be_begun_and_what_is_missing_is_404(open_chat):
    _, client, _, address = open_chat
    begun = client.post(f"{address.rpartition('/')[0]}", data={"chat_id": "77", "name": "Boris"})
    assert begun.headers["Location"].endswith("/chats/77")
    assert "Boris" in client.get("/").text
    assert client.get(f"{address}9").status_code == 404
    assert client.post(f"{address}/do/nonsense").status_code == 404
    assert client.post(f"{address}/do/shares_location", data={"latitude": "x", "longitude": "y"}).status_code == 422


def test_the_owner_of_an_app_of_meta_sets_its_secret_and_callback(start, receiver):
    fake, client = start("whatsapp")
    path = f"/_/bots/{fake.bot().public_id}/app"
    wanted = {"app_secret": "f" * 32, "callback": receiver.url, "verify_token": "wrong"}
    assert "does not match the challenge" in client.post(path, data=wanted).text
    assert client.post(path, data=wanted | {"verify_token": "verify-me"}).status_code == 303
    assert (fake.bot().app_secret, fake.app_callback) == ("f" * 32, receiver.url)


def test_pages_of_other_sites_cannot_press_the_buttons(open_chat):
    _, client, guest, address = open_chat
    refused = client.post(f"{address}/do/says", data={"text": "hi"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status_code == 403
    assert guest.transcript == []


def four_free_ports():
    """The first of four, below the range from which connections of others are given theirs."""
    for first in random.sample(range(20_000, 30_000, 4), 100):
        with ExitStack() as stack:
            try:
                for port in range(first, first + 4):
                    stack.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
            return first
    raise AssertionError("no four free ports")


def test_the_process_names_its_addresses_and_ends_when_told():
    environment = os.environ | {"FAKES_PORT": str(four_free_ports()), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "tests.fakes"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        line = next(line for line in process.stdout if "bin/dev" in line)
        addresses = [word.partition("=")[2] for word in line.split() if "_API_BASE=" in word]
        with http_client() as client:
            assert [client.get(address).status_code for address in addresses] == [200, 200, 200]
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
