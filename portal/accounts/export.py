"""Exports leave a line in the log: who took what out, and how much.

The line of a long list is stored before its first row leaves, and a second one tells how many rows were taken.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from uuid import UUID

from werkzeug.wrappers import Response

from portal.accounts.models import Account
from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import db
from portal.tenancy.scope import require_scope
from portal.web.listing import Listing
from portal.web.listing.export import ListExport, Within


def recorded_export(
    listing: Listing, args: Mapping[str, str], parent_id: UUID | None = None, *, within: Within = nullcontext
) -> Response:
    """The list as CSV or workbook, noted in the account's log."""

    def note(rows: int | str) -> None:
        account = db.session.get_one(Account, require_scope().account_id)
        record(Action.EXPORTED, account, after={"list": listing.name, "rows": rows})

    return ListExport(listing, args, parent_id, within).answer(note)
