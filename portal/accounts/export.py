"""Exports leave a line in the log: who took what out, and how much."""

from collections.abc import Mapping
from uuid import UUID

from werkzeug.wrappers import Response

from portal.accounts.models import Account
from portal.audit.models import Action, AuditEvent
from portal.audit.recording import record
from portal.db.base import db
from portal.tenancy.scope import require_scope
from portal.web.listing import Listing, export_csv


def recorded_export(listing: Listing, args: Mapping[str, str], parent_id: UUID | None = None) -> Response:
    """The list as CSV, noted in the account's log."""
    response, count = export_csv(listing, args, parent_id)
    account = db.session.get_one(Account, require_scope().account_id)
    told: AuditEvent = record(Action.EXPORTED, account, after={"list": listing.name, "rows": count})
    told.entity_label = f"{account.name}: {listing.name}"[:200]
    return response
