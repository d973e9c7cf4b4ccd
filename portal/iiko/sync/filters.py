"""How rows stand with iiko, as a filter of their lists."""

from typing import Any

from flask_babel import lazy_gettext as _l

from portal.iiko.sync.models import Word
from portal.iiko.sync.standing import stored
from portal.restaurants.models import SyncStatus
from portal.web.listing import Filter


def iiko_filter(columns: Any) -> Filter:
    """Those that stand so; among the failed ones those that iiko does not name any more."""
    status, error = columns.iiko_sync_status, columns.iiko_sync_error
    return Filter(
        "sync",
        _l("iiko"),
        choices=[
            ("", _l("Any")),
            ("none", _l("Not connected")),
            *SyncStatus.choices(),
            ("missing", Word.MISSING.label),
            ("other", _l("Other")),
        ],
        conditions={
            "": None,
            "none": status.is_(None),
            **{word: status == word for word in SyncStatus.words()},
            "missing": (status == SyncStatus.FAILED) & (error == stored(Word.MISSING)),
            "other": status.not_in(SyncStatus.words()),
        },
    )
