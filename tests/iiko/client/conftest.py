"""A server that answers what a test has written down, and answers that come from no server."""

import io
from collections import defaultdict
from types import FunctionType

import pytest
from werkzeug.wrappers import Response

from portal.http.guard import OutboundGuard
from portal.iiko.client.answer import Answer
from portal.iiko.client.client import IikoClient, Server
from tests.fakes.faults import Cut
from tests.fakes.serving import Server as HttpServer

GUARD = OutboundGuard(allow_loopback=True)
LOGIN, PASSWORD = "portal-user", "planted-password"
TOKEN = "b354d18c-3d3a-e1a6-c3b9-9ef7b5055318"


def plain(text, status=200, **headers):
    return Response(text, status, headers, content_type="text/plain;charset=UTF-8")


def page(status=200):
    return Response("<html><body>nginx</body></html>", status, content_type="text/html")


def token(text=TOKEN, cookie=TOKEN, kind="text/plain"):
    answer = Response(text, content_type=kind)
    if cookie:
        answer.headers["Set-Cookie"] = f"key={cookie}; Path=/resto; HttpOnly"
    return answer


class Script:
    """``script.say(path, answer, …)``: what comes next at a path below /resto; the last of them goes on for ever."""

    def __init__(self):
        self.answers, self.asked = defaultdict(list), []
        self.say("api/auth", token)
        self.say("api/logout", lambda: plain(""))
        self.http = HttpServer(self._answer)
        self.http.start()

    def say(self, path, *answers):
        self.answers[path] = list(answers)

    def _answer(self, request):
        path = request.path.removeprefix("/resto/")
        request.get_data()
        self.asked.append(request)
        planned = self.answers[path]
        if not planned:
            return plain("HTTP 404 Not Found", 404)
        answer = planned.pop(0) if len(planned) > 1 else planned[0]
        answer = answer() if isinstance(answer, FunctionType) else answer
        if answer is Cut:
            raise Cut
        return answer

    @property
    def paths(self):
        return [request.path.removeprefix("/resto/") for request in self.asked]

    def client(self, **options):
        of_server = {name: options.pop(name) for name in list(options) if name in Server.__dataclass_fields__}
        self.pauses = []
        server = Server(**{"base_url": self.http.url, "login": LOGIN, "password": PASSWORD, **of_server})
        return IikoClient(server, **{"guard": GUARD, "pause": self.pauses.append, **options})


@pytest.fixture
def script():
    running = Script()
    yield running
    running.http.stop()


@pytest.fixture
def answer():
    """``answer(text, charset)``: an answer as a reader gets it."""

    def make(body, charset=None):
        body = body if isinstance(body, bytes) else body.encode()
        return Answer(io.BytesIO(body), charset, len(body))

    return make
