"""Reading conversations."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import abort
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased, lazyload

from portal.bots.models import BotInstance
from portal.channels.models import BotConnection, BotPlatformCredential
from portal.conversations.models import BotDialogState
from portal.db.base import db
from portal.media.files import BotFile
from portal.media.models import BotMedia
from portal.messaging.messages import BotMessage
from portal.messaging.papers import brings_paper
from portal.messengers.protocol import Messenger
from portal.messengers.registry import PLATFORMS, platform_label
from portal.scenarios.models import BotScenario
from portal.users.models import User

MAX_COPIES = 20
# Messages on one page of a transcript; among the latest so many a change of state is noticed.
PAGE = 50
MAX_NEW = 200
PRINT = 16
# A transaction's moment is that of its start: what another has already shown may come after it.
OVERLAP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a watching page holds: prints of the conversation's own place (``place``) and of its latest messages.

    With it comes the code of what is wrong with the bot's connection, and who speaks where: the bot's name, the
    person, the chat and its platform.
    """

    place: str
    messages: str
    problem: str | None = None
    bot: str = ""
    person: Any = None
    chat: str = ""
    platform: str = ""

    @property
    def standing(self) -> str:
        """A print of where the conversation stands and of what is wrong with its connection."""
        return hashlib.sha256(f"{self.place}|{self.problem or ''}".encode()).hexdigest()[:PRINT]

    def __str__(self) -> str:
        return f"{self.standing}.{self.messages}"


@dataclass(frozen=True, slots=True)
class ConversationView:
    """A conversation with what its page says of it.

    ``scenario`` is the version it is pinned to (without one: what the bot says at present), ``holder`` the name of
    the colleague who has taken it over, ``platform_on`` the switch of its platform (``None``: not connected).
    """

    conversation: BotDialogState
    scenario: BotScenario | None
    holder: str | None
    platform_on: bool | None
    mark: Mark
    copies: Sequence[BotDialogState]

    @property
    def adapter(self) -> Messenger | None:
        """The platform's adapter; ``None`` for one that the portal does not know."""
        return PLATFORMS.get(self.conversation.platform)

    @property
    def label(self) -> str:
        """The platform's name for people."""
        return platform_label(self.conversation.platform)


def find_conversation(bot_id: UUID, dialog_id: UUID, *, to_change: bool = False) -> BotDialogState:
    """The conversation of that bot, or 404; ``to_change`` holds the row until the request ends."""
    query = select(BotDialogState).where(BotDialogState.id == dialog_id, BotDialogState.bot_id == bot_id)
    if to_change:
        query = query.with_for_update(of=BotDialogState, key_share=True).execution_options(populate_existing=True)
    return db.session.scalars(query).one_or_none() or abort(404)


def view_conversation(bot_id: UUID, dialog_id: UUID) -> ConversationView:
    """All that a conversation's page says beside its messages, in one statement; or 404."""
    conversation, wanted = BotDialogState, aliased(BotDialogState)
    is_wanted = conversation.id == dialog_id
    same_chat = [
        getattr(wanted, name) == getattr(conversation, name) for name in ("bot_id", "platform", "platform_chat_id")
    ]
    pinned = or_(
        BotScenario.id == conversation.scenario_id,
        and_(conversation.scenario_id.is_(None), BotScenario.bot_id == conversation.bot_id, BotScenario.is_live),
    )
    platform = and_(
        BotPlatformCredential.bot_id == conversation.bot_id,
        BotPlatformCredential.platform == conversation.platform,
        BotPlatformCredential.superseded_at.is_(None),
    )
    query = (
        select(conversation, BotScenario, called(User), BotPlatformCredential.is_active, *prints(dialog_id))
        .join(wanted, and_(*same_chat))
        .outerjoin(BotScenario, and_(is_wanted, pinned))
        .outerjoin(User, User.id == conversation.taken_over_by_id)
        .outerjoin(BotPlatformCredential, and_(is_wanted, platform))
        .options(lazyload(BotScenario.bot), lazyload(BotScenario.author))
        .where(wanted.id == dialog_id, wanted.bot_id == bot_id)
        .order_by(~is_wanted, conversation.superseded_at.is_not(None), conversation.last_interaction_at.desc())
        .limit(MAX_COPIES + 1)
    )
    rows = db.session.execute(query).all() or abort(404)
    found, scenario, holder, is_on, *told = rows[0]
    return ConversationView(found, scenario, holder, is_on, Mark(*told), [row[0] for row in rows[1:]])


def called(user: Any) -> ColumnElement[str]:
    """What people call a member: the full name, else the e-mail."""
    return func.coalesce(func.nullif(user.full_name, ""), user.email)


# Of what goes out a file is named by its key in the library, of what came in by its id.
_KEY = BotMessage.content["attachment"][1].astext
_MESSAGES = (
    select(
        BotMessage.id,
        BotMessage.seq,
        BotMessage.direction,
        BotMessage.author,
        BotMessage.kind,
        BotMessage.text,
        BotMessage.content,
        BotMessage.step_id,
        BotMessage.turn,
        BotMessage.variable,
        BotMessage.value,
        BotMessage.file_state,
        BotMessage.state,
        BotMessage.maybe_twice,
        BotMessage.error,
        BotMessage.platform_message_id,
        BotMessage.sent_at,
        BotMessage.created_at,
        BotMessage.updated_at,
        called(User).label("writer"),
        BotFile.id.label("file_id"),
        BotFile.content_type,
        BotFile.size,
        BotMedia.name.label("media_name"),
        brings_paper().label("is_paper"),
    )
    .outerjoin(User, User.id == BotMessage.author_id)
    .outerjoin(BotMedia, and_(BotMedia.bot_id == BotMessage.bot_id, BotMedia.key == _KEY))
    .outerjoin(BotFile, BotFile.id == func.coalesce(BotMessage.file_id, BotMedia.file_id))
)


def page_of_messages(dialog_id: UUID, before: int | None = None) -> tuple[list[Any], bool]:
    """The latest messages (those before a place, where one is given), oldest first, and whether older ones exist."""
    query = _MESSAGES.where(BotMessage.dialog_id == dialog_id)
    if before is not None:
        query = query.where(BotMessage.seq < before)
    rows = list(db.session.execute(query.order_by(BotMessage.seq.desc()).limit(PAGE + 1)))
    return rows[:PAGE][::-1], len(rows) > PAGE


def changed_messages(dialog_id: UUID, after: int, since: datetime) -> list[Any]:
    """What came after a place (at most ``MAX_NEW``), and the latest before it that changed since; oldest first."""
    ids = select(BotMessage.id).where(BotMessage.dialog_id == dialog_id)
    new = ids.where(BotMessage.seq > after).order_by(BotMessage.seq).limit(MAX_NEW).subquery()
    shown = ids.add_columns(BotMessage.updated_at).where(BotMessage.seq <= after)
    latest = shown.order_by(BotMessage.seq.desc()).limit(PAGE).subquery()
    changed = select(latest.c.id).where(latest.c.updated_at >= since - OVERLAP)
    wanted = select(new.c.id).union_all(changed).subquery()
    return list(db.session.execute(_MESSAGES.join(wanted, wanted.c.id == BotMessage.id).order_by(BotMessage.seq)))


def sources_of(dialog_id: UUID) -> dict[str, int]:
    """By variable the place of the message that answered it last."""
    query = (
        select(BotMessage.variable, func.max(BotMessage.seq))
        .where(BotMessage.dialog_id == dialog_id, BotMessage.variable.is_not(None), BotMessage.direction == "in")
        .where(BotMessage.state != "ignored")
        .group_by(BotMessage.variable)
    )
    return {variable: seq for variable, seq in db.session.execute(query) if variable is not None}


def mark_of(bot_id: UUID, dialog_id: UUID) -> Mark:
    """What changes when the conversation does, or 404; asked every few seconds by every page that watches."""
    d = BotDialogState
    told: tuple[Any, ...] = (*prints(dialog_id), BotInstance.name, d.person, d.platform_chat_id, d.platform)
    query = (
        select(*told)
        .join(BotInstance, BotInstance.id == BotDialogState.bot_id)
        .where(BotDialogState.id == dialog_id, BotDialogState.bot_id == bot_id)
    )
    return Mark(*(db.session.execute(query).one_or_none() or abort(404)))


def prints(dialog_id: UUID) -> tuple[Any, ...]:
    """Prints of where a conversation stands and of its latest messages, and the code of what its connection lacks."""
    d = BotDialogState
    held = (d.taken_over_by_id, d.taken_over_at, d.hand_back_at)
    place = func.concat_ws("|", d.state, d.current_step, d.turn, d.scenario_id, d.failure, *held)
    latest = (
        select(func.concat_ws(" ", BotMessage.seq, BotMessage.state, BotMessage.updated_at).label("told"))
        .where(BotMessage.dialog_id == dialog_id)
        .order_by(BotMessage.seq.desc())
        .limit(PAGE)
        .subquery()
    )
    messages = select(func.coalesce(func.string_agg(latest.c.told, "|"), "")).scalar_subquery()
    return func.left(func.md5(place), PRINT), func.left(func.md5(messages), PRINT), problem_at()


def problem_at() -> ColumnElement[str | None]:
    """The code of what is wrong with the connection of a conversation's platform."""
    credential = aliased(BotPlatformCredential)
    query = select(BotConnection.problem).join(credential, credential.id == BotConnection.credential_id)
    own = (credential.bot_id == BotDialogState.bot_id, credential.platform == BotDialogState.platform)
    return query.where(*own, credential.superseded_at.is_(None)).correlate(BotDialogState).scalar_subquery()


def name_of(user_id: UUID | None) -> str | None:
    """What people call a member."""
    return db.session.scalar(select(called(User)).where(User.id == user_id)) if user_id else None
