"""The page of notices as its template sees it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _

from portal.access.viewer import Viewer
from portal.db.types import utc_now
from portal.notices.kinds import NoticeKind
from portal.notices.queries import PAGE_SIZE, NoticeLine, Place, newest_notices


class NoticesPage:
    """One page, narrowed as the query string asks; whatever is malformed there has become its default."""

    def __init__(self, args: Mapping[str, str], viewer: Viewer, kinds: Sequence[NoticeKind]) -> None:
        self.kinds = kinds
        self.kind = next((kind for kind in kinds if kind.key == args.get("kind")), None)
        self.only_open = args.get("state") == "open"
        self.place = read_place(args.get("before", ""))
        shown = [self.kind] if self.kind else kinds
        lines = newest_notices(viewer, shown, before=self.place, only_open=self.only_open, most=PAGE_SIZE + 1)
        self.lines, self._has_more = lines[:PAGE_SIZE], len(lines) > PAGE_SIZE

    @property
    def groups(self) -> list[tuple[str, list[NoticeLine]]]:
        """What is new, and what was before; without a group that is empty."""
        new = [line for line in self.lines if line.is_unread]
        earlier = [line for line in self.lines if not line.is_unread]
        return [(title, lines) for title, lines in ((_("Unread"), new), (_("Earlier"), earlier)) if lines]

    @property
    def until(self) -> str:
        """When the newest notice began that the page shows as unread; where none is, all older ones are meant."""
        moments = [line.opened_at for line in self.lines if line.is_unread] or [line.at for line in self.lines]
        return max(moments, default=utc_now().replace(tzinfo=None)).isoformat()

    @property
    def is_filtered(self) -> bool:
        """Whether not everything is shown."""
        return self.kind is not None or self.only_open

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The kinds to choose from."""
        return [("", _("All kinds")), *((kind.key, str(kind.label)) for kind in self.kinds)]

    @property
    def states(self) -> list[tuple[str, str]]:
        """Whether only what still needs somebody is shown."""
        return [("", _("Open and resolved")), ("open", _("Open alone"))]

    @property
    def newest_url(self) -> str | None:
        """The first page, where this is another."""
        return self._url() if self.place else None

    @property
    def older_url(self) -> str | None:
        """The page after this one."""
        return self._url(before=write_place(self.lines[-1])) if self._has_more else None

    def _url(self, **changes: str) -> str:
        query = {"kind": self.kind.key if self.kind else "", "state": "open" if self.only_open else "", **changes}
        packed = urlencode({key: value for key, value in query.items() if value})
        return url_for("account.notices.index") + (f"?{packed}" if packed else "")


def write_place(line: NoticeLine) -> str:
    """A place as it stands in links."""
    return f"{line.at.isoformat()}_{line.id.hex}"


def read_place(text: str) -> Place | None:
    """The place of a link, or nothing for anything else."""
    at, _blank, row_id = text[:100].partition("_")
    moment = read_moment(at)
    try:
        return Place(moment, UUID(row_id)) if moment else None
    except ValueError:
        return None


def read_moment(text: str) -> datetime | None:
    """A naive UTC moment as it stands in links and forms, or nothing for anything else."""
    try:
        moment = datetime.fromisoformat(text[:40])
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return None
