"""Which row of iiko's is which of ours: people decide, and can take it back."""

from uuid import UUID

from portal.iiko.sync.models import IikoAction, IikoLink


def accept(action: IikoAction, entity_id: UUID | None = None) -> None:
    """Link the row of a proposal with ``entity_id``, else with the one that is proposed. ``MoveRefused`` in words."""
    raise NotImplementedError


def refuse(action: IikoAction) -> None:
    """Remember that none of the proposed ones is it; the row is left out."""
    raise NotImplementedError


def make_new(action: IikoAction) -> None:
    """Let the plan make a row of ours of it."""
    raise NotImplementedError


def unlink(link: IikoLink) -> None:
    """Take a link back; our row stays as it is."""
    raise NotImplementedError
