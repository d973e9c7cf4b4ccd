"""What of iiko's texts and numbers our columns hold."""

from decimal import Decimal

from portal.db.amounts import rounded
from portal.iiko.sync.kinds import Unreadable
from portal.iiko.sync.reasons import Reason

# What people may type here is bounded so, too.
MAX_NAME = 200


def fault_of_name(iiko_id: str, name: str, *others: str | None) -> Unreadable | None:
    """Why nothing of ours can be made of a row that is called so."""
    if not name:
        return Unreadable(iiko_id, next((each for each in others if each), ""), Reason.NO_NAME)
    if max(len(each or "") for each in (name, *others)) > MAX_NAME:
        return Unreadable(iiko_id, name[:MAX_NAME], Reason.TOO_LONG, {"most": MAX_NAME})
    return None


def stripped(text: str | None) -> str | None:
    """A text without the blanks around it; nothing for one of blanks."""
    return (text or "").strip() or None


def plain(number: Decimal | None) -> str | None:
    """A number as JSON keeps it: exact, without the zeros at its end."""
    if number is None:
        return None
    return format(number.normalize(), "f") if number else "0"


def money(amount: Decimal) -> str:
    """An amount in kopecks, half away from zero: iiko writes nine decimals."""
    return format(rounded(amount), "f")
