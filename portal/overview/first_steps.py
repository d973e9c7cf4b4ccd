"""The first things to do in a new chain, and whether they are done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class Step:
    """One of the first things to do in a new chain."""

    title: LazyString
    text: LazyString
    url: str
    icon: str
    is_done: bool


def first_steps(figures: Any, bots: Sequence[Any]) -> list[Step]:
    """The steps in their order; those with a bot lead to the first one."""
    bot = url_for("account.bots.show", bot_id=bots[0].id) if bots else url_for("account.bots.index")
    return [
        Step(
            _l("Add a restaurant"),
            _l("Stores, people and suppliers belong to it."),
            url_for("account.restaurants.new"),
            "restaurant",
            figures.restaurants + figures.archived > 0,
        ),
        Step(
            _l("Add a bot"),
            _l("It talks with your guests in the messenger they use."),
            url_for("account.bots.new"),
            "bot",
            figures.bots > 0,
        ),
        Step(
            _l("Publish a scenario"),
            _l("It says what the bot asks and answers."),
            f"{bot}/scenarios" if bots else bot,
            "flow",
            figures.live_scenarios > 0,
        ),
        Step(
            _l("Connect a platform"),
            _l("Connect the bot to a messenger and switch it on."),
            bot,
            "plug",
            figures.platforms_on > 0,
        ),
        Step(
            _l("Invite people"),
            _l("Managers, chefs and viewers each see what they need."),
            url_for("account.users.index"),
            "users",
            figures.people > 1 or figures.colleagues_invited > 0,
        ),
    ]
