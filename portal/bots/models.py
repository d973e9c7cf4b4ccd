"""Bots of a chain."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.records import Archivable
from portal.db.words import counted


class BotInstance(
    Archivable,
    label=_l("Bot"),
    plural=_l("Bots"),
    add=_l("Add a bot"),
    count=counted("%(num)s bot", "%(num)s bots"),
    page="bots.show",
    fields={"scenario_since": _l("Scenario since")},
):
    """A bot; archived it is silent on every platform, whose switches stay as they are."""

    __tablename__ = "bot_instance"
    __most__ = 1_000
    __table_args__ = (
        UniqueConstraint("account_id", "id"),
        Index("ix_bot_instance_account_id_name", "account_id", "name", "id"),
        Index("ix_bot_instance_account_id_is_active_name", "account_id", "is_active", "name", "id"),
        Index("ix_bot_instance_account_id_is_active_updated_at", "account_id", "is_active", "updated_at", "id"),
    )

    name: Mapped[str]
    description: Mapped[str | None] = mapped_column(Text)
    # Since when it has had a live scenario, or has had none.
    scenario_since: Mapped[datetime | None]

    live_scenario: Mapped[Any] = relationship(
        "BotScenario",
        primaryjoin="and_(BotInstance.id == foreign(BotScenario.bot_id),"
        " BotInstance.account_id == BotScenario.account_id, BotScenario.is_live)",
        uselist=False,
        viewonly=True,
    )
