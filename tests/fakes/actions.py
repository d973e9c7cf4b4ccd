"""What the buttons of the pages do."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Request

from tests.fakes.bots import Bot
from tests.fakes.chats import NotOffered, Person

if TYPE_CHECKING:
    from tests.fakes.platform import FakePlatform

PLAIN = ("reads", "blocks", "unblocks", "leaves", "subscribes", "sends_sticker")
SOME_CALLS = 5
RETRY_AFTER = 5  # seconds


def of_person(person: Person, action: str, request: Request) -> None:
    """What the person does, with the values of the form."""
    form = request.form
    if action in PLAIN:
        getattr(person, action)()
    elif action == "says":
        if form["text"].strip():
            person.says(form["text"])
    elif action == "opens":
        person.opens(form["payload"].strip())
    elif action == "presses":
        _press(person, form["message"], int(form["button"]))
    elif action == "sends_file":
        _send_file(person, request)
    elif action == "shares_contact":
        person.shares_contact(form["phone"].strip(), own="own" in form)
    elif action == "shares_location":
        person.shares_location(float(form["latitude"]), float(form["longitude"]))
    else:
        raise NotFound


def _press(person: Person, message_id: str, number: int) -> None:
    message = person.chat.find(message_id)
    if message is None or not 0 <= number < len(message.buttons):
        raise NotOffered("This button is gone.")
    person.presses_button(message, message.buttons[number])


def _send_file(person: Person, request: Request) -> None:
    sent = request.files["file"]
    if not sent.filename:
        raise ValueError("Choose a file first.")
    person.sends_file(
        sent.filename,
        sent.read(),
        sent.mimetype or "application/octet-stream",
        caption=request.form.get("caption", "").strip(),
        kind="voice" if sent.mimetype == "audio/ogg" else None,
    )


def of_bot(bot: Bot, action: str) -> None:
    """What befalls a bot."""
    _do(action, {"steal": bot.steal_webhook, "revoke": bot.revoke, "restore": bot.restore})


def of_app(bot: Bot, request: Request) -> None:
    """What the owner of an app at Meta types in its dashboard. Raises Refused where the callback does not answer."""
    fake: Any = bot.fake
    if fake.key != "whatsapp":
        raise NotFound
    fake.set_app_callback(request.form["callback"].strip(), request.form["verify_token"].strip())
    bot.app_secret = request.form["app_secret"].strip()


def breaking(fake: "FakePlatform", action: str) -> None:
    """What goes wrong with the platform as a whole."""
    faults, deliveries = fake.faults, fake.deliveries

    def mend() -> None:
        faults.clear()
        deliveries.clear()

    acts = {
        "throttle": lambda: faults.throttle(SOME_CALLS, RETRY_AFTER, on="send"),
        "hang": lambda: faults.hang(1, on="send"),
        "fail": lambda: faults.fail(SOME_CALLS, 502),
        "cut": lambda: faults.cut(1, on="send"),
        "cut-accepted": lambda: faults.cut(1, accepted=True, on="send"),
        "slow": lambda: faults.delay(2, SOME_CALLS),
        "unreachable": lambda: deliveries.fail(None, "Connection refused"),
        "duplicate": lambda: deliveries.duplicate(SOME_CALLS),
        "drop": lambda: deliveries.drop(1),
        "mend": mend,
    }
    _do(action, acts)


def _do(action: str, acts: dict[str, Callable[[], Any]]) -> None:
    if action not in acts:
        raise NotFound
    acts[action]()
