"""Stand-ins for the servers of Telegram, WhatsApp's Cloud API and Viber: real HTTP on this machine's own address.

    with fake_telegram() as fake:                  # or fake_platform("telegram"); the names are alike on all three
        config.api_bases["telegram"] = fake.base_url
        guest = fake.user("42", name="Anna")       # of the demo bot; fake.bot(token).user("42") of another one
        event = guest.says("hi")                   # an update, on its way to the webhook (or to getUpdates)
        event.wait()                               # until the bot took it
        fake.wait_for(guest, 1)[0].text            # the bot's first message; waits without polling
        guest.presses("Yes")                       # the newest button of that label

People (``chats.Person``): says, presses, opens(payload), sends_file, shares_contact, shares_location, sends_sticker,
edits, reads, subscribes, blocks, unblocks, leaves, moves_to; ``.messages`` (from the bot, in order), ``.transcript``,
``.texts``, ``.last``, ``.buttons``. What a platform does not have raises ``NotOffered``; what it has no update for
returns None.

The platform (``platform.FakePlatform``): base_url, bot, user, chat, calls, calls_of, acks, wait_for, wait_for_call,
wait_until, wait_quiet, pass_time(hours=25), limits, start, stop. A bot (``bots.Bot``): webhook, pending, revoke,
restore, accepts(token), steal_webhook, chats, users.

What goes wrong: ``fake.faults`` with delay, hang, cut(accepted=True), fail(status=503), throttle(retry_after=2),
release, clear; each takes ``times=``, ``on="send"`` (an action of ``records.Call`` or a method), ``bot=``, ``chat=``.
``fake.deliveries`` with duplicate, drop, fail, held(shuffle=, reverse=, batch=, copies=), post (any payload, rightly
signed). Limits are off unless set (``fake.limits.per_chat = 1``), except Telegram's one setWebhook a second
(``fake_telegram(webhook_interval=0)`` turns it off). Deliveries are tried again after 0.05 s, doubling to 1 s.
"""

from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.credentials import DEMO
from tests.fakes.platform import FakePlatform, NotOffered
from tests.fakes.telegram import FakeTelegram
from tests.fakes.viber import FakeViber
from tests.fakes.whatsapp import FakeWhatsApp

fake_telegram = FakeTelegram
fake_whatsapp = FakeWhatsApp
fake_viber = FakeViber
FAKES: Mapping[str, Callable[..., FakePlatform]] = {
    "telegram": FakeTelegram,
    "whatsapp": FakeWhatsApp,
    "viber": FakeViber,
}


def fake_platform(key: str, **options: Any) -> FakePlatform:
    """The stand-in for that platform, not started yet."""
    return FAKES[key](**options)


__all__ = [
    "DEMO",
    "FAKES",
    "FakePlatform",
    "FakeTelegram",
    "FakeViber",
    "FakeWhatsApp",
    "NotOffered",
    "fake_platform",
    "fake_telegram",
    "fake_viber",
    "fake_whatsapp",
]
