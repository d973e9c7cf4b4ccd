"""Kinds that wait for a person because their answer looks wrong."""

from portal.iiko.models import IikoRunKind


def hold_in_words(run_kind: IikoRunKind) -> str | None:
    """What looks wrong, such as “398 of 400 are gone.”; ``None`` where nothing does."""
    raise NotImplementedError


def confirm(run_kind: IikoRunKind) -> None:
    """A person says that it is right: the kind may be applied."""
    raise NotImplementedError
