"""The pages of a stand-in: its bots, its chats, a chat to write in as the person, and what can be broken."""

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from tests.fakes import actions
from tests.fakes.bots import Bot
from tests.fakes.chats import NotOffered, Person
from tests.fakes.faults import Refused

if TYPE_CHECKING:
    from tests.fakes.platform import FakePlatform

FOLDER = Path(__file__).parent
STATIC = {"style.css": "text/css", "live.js": "text/javascript"}
RECENT_CALLS = 12
FIRST_GUEST = 79990000001
ROUTES = Map(
    [
        Rule("/", endpoint="home", methods=["GET"]),
        Rule("/_/static/<name>", endpoint="static", methods=["GET"]),
        Rule("/_/introductions", endpoint="introduce", methods=["POST"]),
        Rule("/_/guests/<bot>", endpoint="guest", methods=["GET"]),
        Rule("/_/bots/<bot>/picture.png", endpoint="picture", methods=["GET"]),
        Rule("/_/bots/<bot>/chats", endpoint="begin_conversation", methods=["POST"]),
        Rule("/_/bots/<bot>/chats/<path:chat>/files/<message>", endpoint="file", methods=["GET"]),
        Rule("/_/bots/<bot>/chats/<path:chat>/do/<action>", endpoint="person", methods=["POST"]),
        Rule("/_/bots/<bot>/chats/<path:chat>", endpoint="chat", methods=["GET"]),
        Rule("/_/bots/<bot>/do/<action>", endpoint="bot", methods=["POST"]),
        Rule("/_/bots/<bot>/app", endpoint="app", methods=["POST"]),
        Rule("/_/break/<action>", endpoint="breaking", methods=["POST"]),
    ]
)
TEMPLATES = Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined)


class Pages:
    """Everything under ``/_/``, and ``/``. It is for one person's own machine: there is no log-in."""

    def __init__(self, fake: "FakePlatform") -> None:
        self.fake = fake

    def answer(self, request: Request) -> Response:
        """A page, or what a button of one does."""
        # Another site's page in the same browser has no business here.
        if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
            return Response("", 403)
        try:
            endpoint, values = ROUTES.bind_to_environ(request.environ).match()
            answer: Response = getattr(self, f"_{endpoint}")(request, **values)
        except HTTPException as error:
            return Response(error.description, error.code)
        except Refused as refusal:
            return self._page("problem.html", problem=str(refusal.body), back=request.referrer or "/", status=422)
        except (NotOffered, LookupError, ValueError, AssertionError) as error:
            words = str(error) or "This platform has no such thing."
            return self._page("problem.html", problem=words, back=request.referrer or "/", status=422)
        return answer

    def _page(self, template: str, status: int = 200, **values: Any) -> Response:
        with self.fake.changed:
            text = TEMPLATES.get_template(template).render(fake=self.fake, **values)
        return Response(text, status, mimetype="text/html")

    def _home(self, request: Request) -> Response:
        calls = [call for call in self.fake.calls if call.action != "poll"][-RECENT_CALLS:]
        return self._page("home.html", calls=calls[::-1])

    def _chat(self, request: Request, bot: str, chat: str) -> Response:
        return self._page("chat.html", person=self._person_of(bot, chat))

    def _static(self, request: Request, name: str) -> Response:
        if name not in STATIC:
            raise NotFound
        return Response((FOLDER / "static" / name).read_bytes(), mimetype=STATIC[name])

    def _picture(self, request: Request, bot: str) -> Response:
        return Response(self._bot_of(bot).picture, mimetype="image/png")

    def _file(self, request: Request, bot: str, chat: str, message: str) -> Response:
        found = self._person_of(bot, chat).chat.find(message)
        if found is None or found.file is None:
            raise NotFound
        file = found.file
        if file.url:
            return redirect(file.url)
        # What was sent is shown, never run: scripts in it stay text.
        headers = {"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"}
        answer = Response(file.data, headers=headers, content_type=file.content_type or "application/octet-stream")
        answer.headers.set("Content-Disposition", "inline", filename=file.name or "file")
        return answer

    def _introduce(self, request: Request) -> Response:
        """A bot as the portal knows it: its name and its credentials. Answers with its public id."""
        return Response(self.fake.introduce(request.form.to_dict()).public_id, mimetype="text/plain")

    def _guest(self, request: Request, bot: str) -> Response:
        """A new person who has the bot open: what a link to the messenger's app does."""
        known = self._bot_of(bot)
        person = known.user(str(FIRST_GUEST + len(known.chats)), f"Guest {len(known.chats) + 1}")
        return redirect(f"/_/bots/{bot}/chats/{person.id}", 303)

    def _begin_conversation(self, request: Request, bot: str) -> Response:
        chat_id = request.form["chat_id"].strip()
        if self.fake.key != "viber":
            int(chat_id)
        person = self._bot_of(bot).user(chat_id, request.form.get("name", "").strip())
        if "payload" in request.form:
            person.opens(request.form["payload"].strip())
        return redirect(f"/_/bots/{bot}/chats/{person.id}", 303)

    def _person(self, request: Request, bot: str, chat: str, action: str) -> Response:
        actions.of_person(self._person_of(bot, chat), action, request)
        return redirect(f"/_/bots/{bot}/chats/{chat}", 303)

    def _bot(self, request: Request, bot: str, action: str) -> Response:
        actions.of_bot(self._bot_of(bot), action)
        return self._back(request)

    def _app(self, request: Request, bot: str) -> Response:
        actions.of_app(self._bot_of(bot), request)
        return self._back(request)

    def _breaking(self, request: Request, action: str) -> Response:
        actions.breaking(self.fake, action)
        return self._back(request)

    def _back(self, request: Request) -> Response:
        return redirect(urlsplit(request.referrer or "/").path, 303)

    def _bot_of(self, public_id: str) -> Bot:
        try:
            return self.fake.bots[public_id]
        except KeyError:
            raise NotFound from None

    def _person_of(self, bot: str, chat_id: str) -> Person:
        chat = self._bot_of(bot).chats.get(chat_id)
        if chat is None:
            raise NotFound("No such chat. The stand-ins forget everything when they are started anew.")
        return self.fake.person(chat)
