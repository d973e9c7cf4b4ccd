"""Which messages bring a paper of somebody's: what became one, and answers to what a bot's rule takes for one."""

from sqlalchemy import ColumnElement, String, and_, column, exists, false, func, or_, table
from sqlalchemy.dialects.postgresql import JSONB, UUID

from portal.db.base import SCHEMA
from portal.messaging.messages import BotMessage

# Past the limit to restaurants: a paper is private, whoever may see the rule.
_RULE = table(
    "bot_intake_rule", column("account_id", UUID), column("bot_id", UUID), column("documents", JSONB), schema=SCHEMA
)


def paper_mark() -> ColumnElement[str]:
    """The id of the paper that a message brought, though another photo may have taken its place."""
    mark: ColumnElement[str] = BotMessage.content[("file", "paper")].astext
    return mark


def brings_paper() -> ColumnElement[bool]:
    """Whether a message brings a paper, taken into the record or not yet."""
    pairs = func.jsonb_each_text(_RULE.c.documents)
    asked = pairs.table_valued(column("code", String), column("variable", String)).render_derived()
    is_asked = exists().where(
        _RULE.c.account_id == BotMessage.account_id,
        _RULE.c.bot_id == BotMessage.bot_id,
        asked.c.variable == BotMessage.variable,
    )
    is_answer = and_(BotMessage.variable.is_not(None), BotMessage.direction == "in", is_asked)
    return or_(func.coalesce(paper_mark(), "") != "", func.coalesce(is_answer, false()))
