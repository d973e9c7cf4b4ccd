"""Viber: a bot of Viber's admin panel, proved by its token. Facts: developers.viber.com/docs/api/rest-bot-api."""

from portal.messengers.protocol import Limits, Messenger
from portal.messengers.viber import inbound, outbound, setup, webhook, welcome
from portal.messengers.viber.fields import FIELDS, STEPS
from portal.messengers.viber.inbound import WANTED
from portal.messengers.viber.outbound import CAPTION_LIMIT, LABEL_LIMIT, ROW_LIMIT, TEXT_LIMIT

VIBER = Messenger(
    key="viber",
    label="Viber",
    icon="chat-3",
    fields=FIELDS,
    steps=STEPS,
    limits=Limits(
        text=TEXT_LIMIT,
        caption=CAPTION_LIMIT,
        buttons=ROW_LIMIT,
        label=LABEL_LIMIT,
        # Viber names no limit; ours keeps a full keyboard well under its 30 kB a request.
        button_value_bytes=200,
        body_bytes=64 * 1024,
        # Viber names 500 requests in ten seconds for a bot and nothing for a chat.
        rate=45.0,
        burst=45.0,
        chat_rate=2.0,
        chat_burst=5.0,
    ),
    setup=setup,
    webhook=webhook,
    inbound=inbound,
    outbound=outbound,
    wanted=frozenset(WANTED),
    files=outbound.FILES,
    greeting=welcome,
)
