"""What rooms above this one say of invoices, and do once some were settled, changed or cancelled."""

from collections.abc import Callable, Collection, Sequence
from typing import Any
from uuid import UUID

# Of invoices that are being judged, what is found by comparing them with something else: by the invoice's id.
Compare = Callable[[Sequence[Any]], dict[UUID, list[Any]]]
Follow = Callable[[Collection[UUID]], object]

_comparers: list[Compare] = []
_followers: list[Follow] = []


def compare_with(compare: Compare) -> None:
    """What else invoices are compared with while they are judged."""
    if compare not in _comparers:
        _comparers.append(compare)


def follow_invoices(act: Follow) -> None:
    """What else is done once invoices, by their ids, are not what they were."""
    if act not in _followers:
        _followers.append(act)


def compared(invoices: Sequence[Any]) -> dict[UUID, list[Any]]:
    """What comparing the invoices finds."""
    found: dict[UUID, list[Any]] = {}
    for compare in _comparers:
        for invoice_id, findings in compare(invoices).items():
            found[invoice_id] = [*found.get(invoice_id, ()), *findings]
    return found


def tell_followers(invoice_ids: Collection[UUID]) -> None:
    """Some invoices are not what they were."""
    for act in _followers:
        act(invoice_ids)
