"""WhatsApp: a phone number of a business account, reached through an app of the owner's at Meta.

Facts: developers.facebook.com/docs/whatsapp/cloud-api.
"""

from datetime import timedelta

from portal.messengers.protocol import Limits, Messenger
from portal.messengers.whatsapp import inbound, outbound, setup, webhook
from portal.messengers.whatsapp.fields import FIELDS, STEPS
from portal.messengers.whatsapp.outbound import CAPTION_LIMIT, FILES, MAX_ROWS, TEXT_LIMIT

WHATSAPP = Messenger(
    key="whatsapp",
    label="WhatsApp",
    icon="chat-2",
    fields=FIELDS,
    steps=STEPS,
    limits=Limits(
        text=TEXT_LIMIT,
        caption=CAPTION_LIMIT,
        buttons=MAX_ROWS,
        button_value_bytes=200,
        body_bytes=3 * 1024 * 1024,
        # Meta names 80 a second for a number; to one person 45 at once and one in six seconds on average.
        rate=70.0,
        burst=70.0,
        chat_rate=1 / 6,
        chat_burst=40.0,
        reply_window=timedelta(hours=24),
    ),
    setup=setup,
    webhook=webhook,
    inbound=inbound,
    outbound=outbound,
    files=FILES,
    resolves_uncertain=True,
)
