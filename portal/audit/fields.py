"""What the log remembers of a change, in the words of the pages where it was made."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.access.permissions import ROLE_LABELS
from portal.audit.models import AuditEvent
from portal.db.units import Unit
from portal.web.language import when
from portal.web.numbers import money, quantity

FIELD_LABELS = {
    "name": _l("Name"),
    "full_name": _l("Name"),
    "email": _l("E-mail"),
    "role": _l("Role"),
    "restaurant_ids": _l("Restaurants"),
    "restaurant_id": _l("Restaurant"),
    "description": _l("Description"),
    "slug": _l("Address"),
    "address": _l("Address"),
    "phone": _l("Phone"),
    "timezone": _l("Time zone"),
    "locale": _l("Language"),
    "kind": _l("Kind"),
    "key": _l("Key"),
    "size": _l("Size in bytes"),
    "content_type": _l("Type"),
    "is_active": _l("Active"),
    "is_superuser": _l("Superuser"),
    "iiko_id": _l("iiko id"),
    "base_url": _l("Address of the iiko server"),
    "credentials": _l("Credentials"),
    "hashed_password": _l("Password"),
    "platform": _l("Platform"),
    "webhook_url": _l("Webhook address"),
    "webhook_auto_refresh": _l("Refresh the webhook by itself"),
    "version": _l("Version"),
    "number": _l("Version number"),
    "scenario_data": _l("Scenario"),
    "source": _l("Scenario"),
    "is_live": _l("Live"),
    "published_at": _l("Published"),
    "expires_at": _l("Open until"),
    "reason": _l("Reason"),
    "list": _l("List"),
    "rows": _l("Rows"),
    "integration_type": _l("System"),
    "connection_status": _l("Connection"),
    "connection_error": _l("Error"),
    "last_connected_at": _l("Last connected"),
    "webhook_last_checked": _l("Last check"),
    "iiko_sync_status": _l("Synchronisation with iiko"),
    "iiko_sync_error": _l("Error of the synchronisation"),
    "iiko_last_synced_at": _l("Last synchronised"),
    "last_signed_in_at": _l("Last sign-in"),
    "accepted_at": _l("Joined"),
    "revoked_at": _l("Withdrawn"),
    "sessions": _l("Devices signed out"),
    "identity": _l("Known there as"),
    "taken_over_by": _l("Taken over by"),
    "hand_back_at": _l("The bot goes on"),
    "step": _l("Step"),
    "currency": _l("Currency"),
    "quantity": _l("Quantity"),
    "unit": _l("Unit"),
    "price": _l("Price"),
    "comment": _l("Comment"),
    "order": _l("Order"),
    "store_equipment": _l("Equipment"),
}

# Ids of rows that the line names already, and the second copy of a scenario.
NOT_FOR_PEOPLE = frozenset({"bot_id", "author_id", "user_id", "invited_by_id", "source", "superseded_at", "file_id"})


def field_label(key: str) -> LazyString | str:
    """What people call an attribute; one without a word of its own shows its technical name."""
    return FIELD_LABELS.get(key, key.replace("_", " "))


def changed_fields(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[str]:
    """The names of what changed, for a line of the list."""
    return list(dict.fromkeys(str(field_label(key)) for key in _told_keys(before or {}, after or {})))


def differences(event: AuditEvent) -> list[tuple[Any, Any, Any]]:
    """The changes of one event as (label, before, after), each value as people read it."""
    before, after = event.before or {}, event.after or {}
    keys = _told_keys(before, after)
    return [row for key in keys for row in _rows(key, before.get(key), after.get(key))]


def _rows(key: str, before: Any, after: Any) -> list[tuple[Any, Any, Any]]:
    """The rows of one attribute: one, or of the lines of a document one for each thing that changed."""
    if not _are_lines(before) or not _are_lines(after):
        return [(field_label(key), shown(key, before), shown(key, after))]
    return [row for was, is_now in zip(before, after, strict=False) for row in _line_rows(was, is_now)]


def _are_lines(value: Any) -> bool:
    if not isinstance(value, list) or not value:
        return False
    return all(each is None or (isinstance(each, dict) and each.keys() == {"line", "fields"}) for each in value)


def _line_rows(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[tuple[Any, Any, Any]]:
    """ "Fridge: Quantity", before and after; a line that came or went stands in one cell."""
    if before is None or after is None:
        label = (before or after or {})["line"]
        return [(label, _whole_line(before), _whole_line(after))]
    label = f"{before['line']}: " if before["line"] else ""
    pairs = zip(before["fields"], after["fields"], strict=False)
    return [
        (f"{label}{field_label(name)}", shown(name, was), shown(name, is_now)) for (name, was), (_n, is_now) in pairs
    ]


def _whole_line(line: dict[str, Any] | None) -> str | None:
    if line is None:
        return None
    # The first is what the line is called.
    told = [(field_label(name), shown(name, value)) for name, value in line["fields"][1:]]
    return ", ".join(f"{label}: {value}" for label, value in told if value is not None) or str(line["line"])


def _told_keys(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What changed, in its order; all of it where only ids did."""
    keys = list(dict.fromkeys([*before, *after]))
    return [key for key in keys if key not in NOT_FOR_PEOPLE] or keys


def shown(key: str, value: Any) -> Any:
    """A remembered value for people; ``None`` stays ``None``."""
    if value is None or value in ("", [], {}):
        return None
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(str(shown(key, item)) for item in value)
    if isinstance(value, dict):
        return _measured(value) or json.dumps(value, ensure_ascii=False)
    if key == "unit":
        return Unit.read(value).label
    if key == "role":
        return ROLE_LABELS.get(value, value)
    return _moment(value) if key.endswith("_at") else value


def _measured(value: dict[str, Any]) -> str | None:
    """An amount of money or a quantity, as it is written in the reader's language."""
    try:
        if value.keys() == {"amount", "currency"}:
            return money(Decimal(value["amount"]), value["currency"])
        return quantity(Decimal(value["quantity"])) if value.keys() == {"quantity"} else None
    except (ArithmeticError, TypeError, ValueError):
        return None


def _moment(value: Any) -> Any:
    try:
        return when(datetime.fromisoformat(value))
    except (TypeError, ValueError):
        return value
