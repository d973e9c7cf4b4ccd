"""Telegram: a bot made with BotFather, proved by its token. Facts: core.telegram.org/bots/api."""

from portal.messengers.protocol import Limits, Messenger
from portal.messengers.telegram import inbound, outbound, setup, webhook
from portal.messengers.telegram.fields import FIELDS, STEPS
from portal.messengers.telegram.outbound import BUTTON_LIMIT, CAPTION_LIMIT, LABEL_LIMIT, TEXT_LIMIT
from portal.messengers.telegram.updates import WANTED

TELEGRAM = Messenger(
    key="telegram",
    label="Telegram",
    icon="chat-1",
    fields=FIELDS,
    steps=STEPS,
    limits=Limits(
        text=TEXT_LIMIT,
        caption=CAPTION_LIMIT,
        buttons=BUTTON_LIMIT,
        label=LABEL_LIMIT,
        button_value_bytes=64,
        body_bytes=1024 * 1024,
        # Telegram names 30 a second in all and one a second in a chat, where short bursts pass.
        rate=28.0,
        burst=28.0,
        chat_rate=1.0,
        chat_burst=3.0,
    ),
    setup=setup,
    webhook=webhook,
    inbound=inbound,
    outbound=outbound,
    poll=inbound.poll,
    wanted=frozenset(WANTED),
    files=outbound.FILES,
)
