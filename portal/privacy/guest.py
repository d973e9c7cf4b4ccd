"""One person who wrote to bots of the account: all that is held about them, and how it is erased."""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from portal.audit.models import Action
from portal.audit.recording import record
from portal.channels.events import BotPlatformEvent
from portal.channels.models import BotPlatformCredential
from portal.conversations.models import BotDialogState, name_in
from portal.db.base import SCHEMA, db
from portal.media.files import BotFile
from portal.messaging.chat_aliases import ChatAlias
from portal.messaging.inbound_updates import InboundUpdate
from portal.messaging.messages import BotMessage
from portal.notices.models import Notice
from portal.onboarding.intake.models import StaffIntake, StaffQuestion
from portal.onboarding.intake.notices import tell_of_answers
from portal.privacy.erased_files import remove_files
from portal.staff.models import StaffField


class Guest:
    """A person is a chat of a messenger, whichever of the account's bots they wrote to with it."""

    def __init__(self, conversation: BotDialogState) -> None:
        self.conversation = conversation
        self.platform, self.chat_id = conversation.platform, conversation.platform_chat_id

    @cached_property
    def ids(self) -> list[str]:
        """By which the messenger names them; the chat's own is the first."""
        known = (
            ChatAlias.platform == self.platform,
            or_(ChatAlias.chat_id == self.chat_id, ChatAlias.alias == self.chat_id),
        )
        found = db.session.execute(select(ChatAlias.chat_id, ChatAlias.alias).where(*known)).all()
        return list(dict.fromkeys([self.chat_id, *(each for row in found for each in row)]))

    @cached_property
    def conversations(self) -> Sequence[BotDialogState]:
        """With every bot, the older copies of an adopted database too."""
        return db.session.scalars(select(BotDialogState).where(*self._same_chat).order_by(BotDialogState.id)).all()

    @property
    def name(self) -> str:
        """What people call them: the name that the messenger tells, else the chat."""
        return name_in(self.conversation.person) or self.chat_id

    @property
    def dialog_ids(self) -> list[UUID]:
        """The keys of the conversations."""
        return [each.id for each in self.conversations]

    def counts(self) -> dict[str, int]:
        """How much there is, by kind."""
        rows = {"messages": self.messages(), "files": self.files(), "updates": self.updates()}
        counted = db.session.execute(select(*(_count(query).label(kind) for kind, query in rows.items()))).one()
        return {
            "conversations": len(self.conversations),
            "answers": sum(len(each.answers) for each in self.conversations),
            **dict(zip(rows, counted, strict=True)),
        }

    def messages(self) -> Select[BotMessage]:
        """What was said, both ways."""
        return select(BotMessage).where(BotMessage.dialog_id.in_(self.dialog_ids)).order_by(BotMessage.seq)

    def files(self) -> Select[BotFile]:
        """What they sent; a bot's library is not theirs."""
        sent = exists().where(
            BotMessage.file_id == BotFile.id,
            BotMessage.account_id == BotFile.account_id,
            BotMessage.direction == "in",
            BotMessage.dialog_id.in_(self.dialog_ids),
        )
        return select(BotFile).where(sent).order_by(BotFile.id)

    def updates(self) -> Select[InboundUpdate]:
        """What the messenger delivered of them, as it came."""
        return select(InboundUpdate).where(self._of_updates).order_by(InboundUpdate.seq)

    def erase(self) -> None:
        """Remove all of it; the log keeps that it was done and by whom.

        Their chats are held meanwhile: what a worker is about to apply it finds gone.
        """
        self._hold_chats()
        db.session.execute(
            select(BotDialogState.id).where(*self._same_chat).order_by(BotDialogState.id).with_for_update()
        )
        counts, files = self.counts(), [(file.id, file.storage) for file in db.session.scalars(self.files())]
        self._empty_log()
        record(Action.ERASED, self.conversation, after=counts, label=self.conversation.bot.name)
        db.session.flush()
        asked = self._questions()
        self._delete_rows()
        remove_files(files)
        if asked:
            tell_of_answers()

    def _questions(self) -> Sequence[UUID | None]:
        """Of which restaurants' people these conversations had something asked, which goes with them."""
        query = select(StaffQuestion.restaurant_id).join(StaffIntake, StaffIntake.id == StaffQuestion.intake_id)
        return db.session.scalars(query.where(StaffIntake.dialog_id.in_(self.dialog_ids)).distinct()).all()

    def _hold_chats(self) -> None:
        """Wait for whoever has the chats and take them: workers turn to others meanwhile (``messaging/queries``)."""
        for credential_id in sorted(db.session.scalars(select(BotPlatformCredential.id).where(*self._of_platform))):
            for chat_id in sorted(self.ids):
                db.session.execute(select(func.pg_advisory_xact_lock(lock_of_chat(credential_id, chat_id))))

    def _delete_rows(self) -> None:
        ids, unsynchronised = self.dialog_ids, {"synchronize_session": False}
        said = select(BotMessage.id).where(BotMessage.dialog_id.in_(ids)).scalar_subquery()
        for statement in (
            # A record keeps its values; keys let go of the messages by themselves, a list of them does not.
            update(StaffField).where(StaffField.message_id.in_(said)).values(more_message_ids=[]),
            delete(InboundUpdate).where(self._of_updates),
            delete(ChatAlias).where(ChatAlias.platform == self.platform, ChatAlias.alias.in_(self.ids)),
            delete(ChatAlias).where(ChatAlias.platform == self.platform, ChatAlias.chat_id.in_(self.ids)),
            delete(BotMessage).where(BotMessage.dialog_id.in_(ids)),
            delete(Notice).where(Notice.entity_id.in_(ids)),
            update(BotPlatformEvent)
            .where(
                BotPlatformEvent.detail.regexp_match(self._as_word), self._at_platform(BotPlatformEvent.credential_id)
            )
            .values(detail=None),
            delete(BotDialogState).where(BotDialogState.id.in_(ids)),
        ):
            db.session.execute(statement.execution_options(**unsynchronised))
        for conversation in self.conversations:
            db.session.expunge(conversation)

    def _empty_log(self) -> None:
        """What the log quotes of them; who did what and when stays."""
        for chat_id in self.ids:
            db.session.execute(select(getattr(func, SCHEMA).erase_from_log(self.dialog_ids, chat_id)))

    @property
    def _same_chat(self) -> tuple[ColumnElement[bool], ...]:
        return BotDialogState.platform == self.platform, BotDialogState.platform_chat_id.in_(self.ids)

    @property
    def _of_platform(self) -> tuple[ColumnElement[bool], ...]:
        return (BotPlatformCredential.platform == self.platform,)

    def _at_platform(self, column: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
        return column.in_(select(BotPlatformCredential.id).where(*self._of_platform))

    @property
    def _of_updates(self) -> ColumnElement[bool]:
        """Those of the chat; and those of none, such as receipts, that name it."""
        names_it = and_(InboundUpdate.chat_id.is_(None), InboundUpdate.payload.regexp_match(self._as_word))
        is_theirs = or_(InboundUpdate.chat_id.in_(self.ids), names_it)
        return and_(is_theirs, self._at_platform(InboundUpdate.credential_id))

    @property
    def _as_word(self) -> str:
        """One of their ids, not as a part of a longer one."""
        ids = "|".join(map(re.escape, self.ids))
        return rf"(^|[^0-9A-Za-z])({ids})($|[^0-9A-Za-z])"


def lock_of_chat(credential_id: UUID, chat_id: str) -> ColumnElement[int]:
    """The key of the advisory lock by which workers have a chat (``messaging/queries``)."""
    return func.hashtextextended(f"{credential_id} {chat_id}", 0)


def _count(query: Select[Any]) -> ScalarSelect[int]:
    keys = query.order_by(None).with_only_columns(func.count(), maintain_column_froms=True)
    return keys.scalar_subquery()
