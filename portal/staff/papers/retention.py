"""Photos of papers are kept for some days after somebody checked them; dates, tail and checker stay."""

from datetime import timedelta

from sqlalchemy import and_, exists, or_, select, update

from portal.db.base import db
from portal.db.types import utc_now
from portal.messaging.messages import BotMessage
from portal.messaging.papers import paper_mark
from portal.staff.models import StaffChat
from portal.staff.papers.models import PaperState, StaffDocument


def forget_photos(most: int, days: int) -> int:
    """Let go of some photos of the account that were checked so many days ago, in the chat as well; how many papers.

    The contents go with all that nothing names any more (``portal/media/jobs.py``), the same night.
    """
    is_over = (StaffDocument.checked_at < utc_now() - timedelta(days=days), StaffDocument.state != PaperState.SENT)
    old = select(StaffDocument).where(StaffDocument.file_id.is_not(None), *is_over)
    papers = db.session.scalars(
        old.order_by(StaffDocument.checked_at).limit(most).with_for_update(skip_locked=True)
    ).all()
    files = {each.file_id for each in papers}
    for each in papers:
        each.file_id = None
    db.session.flush()
    is_paper = exists().where(
        StaffDocument.account_id == BotMessage.account_id, StaffDocument.file_id == BotMessage.file_id
    )
    # Photos whose place another one took are named by their messages alone.
    chats = select(StaffChat.dialog_id).where(StaffChat.staff_member_id.in_({each.staff_member_id for each in papers}))
    is_former = and_(
        BotMessage.dialog_id.in_(chats),
        BotMessage.file_id.is_not(None),
        paper_mark().in_([str(each.id) for each in papers]),
    )
    emptied = update(BotMessage).where(or_(BotMessage.file_id.in_(files), is_former), ~is_paper)
    db.session.execute(emptied.values(file_id=None, file_state="removed").execution_options(synchronize_session=False))
    return len(papers)
