"""What the demo bots send: files that code draws."""

import hashlib
from datetime import timedelta
from functools import cache
from typing import Any

from portal.audit.models import Action
from portal.bots.models import BotInstance
from portal.db.base import db
from portal.development.demo.chain import DemoChain
from portal.development.demo.drawings import leaflet, png, rules, team
from portal.development.demo.film import film
from portal.media.content_types import sniff
from portal.media.files import BotFile
from portal.media.models import BotMedia

DRAWN = {"team": lambda: png(team), "rules": lambda: png(rules), "leaflet": leaflet, "film": film}


@cache
def drawn(name: str) -> bytes:
    """The bytes of a file by the name of its drawing."""
    return DRAWN[name]()


def add_library(chain: DemoChain, bot: BotInstance, files: list[dict[str, Any]]) -> None:
    """Every file of a bot's plan."""
    for number, plan in enumerate(files):
        at = chain.ago(days=63) + timedelta(minutes=3 * number)
        data = drawn(plan["drawing"])
        file_type = sniff(data)
        assert file_type is not None, plan["drawing"]
        file = chain.add(
            BotFile,
            f"{bot.name}/{plan['key']}",
            at,
            sha256=hashlib.sha256(data).digest(),
            size=len(data),
            content_type=file_type.content_type,
            storage="database",
            data=data,
        )
        db.session.flush()
        told = {name: plan[name] for name in ("key", "name", "description")}
        media = chain.add(
            BotMedia, f"{bot.name}/{plan['key']}", at, bot_id=bot.id, kind=file_type.kind, file_id=file.id, **told
        )
        db.session.flush()
        chain.tell(at, Action.CREATED, media, media.name, after=told)
