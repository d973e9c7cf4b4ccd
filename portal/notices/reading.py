"""What of the notices the person of the request may read."""

from uuid import UUID

from flask import abort
from flask_login import current_user

from portal.access.viewer import grants
from portal.notices.kinds import KINDS, NoticeKind, kinds_for
from portal.notices.queries import NoticeLine, notice_line, notice_row


def visible_kinds() -> list[NoticeKind]:
    """The kinds of notices that the person is told of."""
    return kinds_for(grants())


def find_notice(notice_id: UUID) -> NoticeLine:
    """The notice of that id, or 404: also where it is of a kind or a restaurant that the person is not told of."""
    notice = notice_row(notice_id) or abort(404)
    restaurants = current_user.restaurant_ids
    is_near = notice.restaurant_id is None or restaurants is None or notice.restaurant_id in restaurants
    if KINDS.get(notice.kind) not in visible_kinds() or not is_near:
        abort(404)
    return notice_line(notice)
