"""Finding rows by id within the account: another's row answers like one that does not exist."""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from flask import abort, request
from sqlalchemy import select
from sqlalchemy.orm.interfaces import ORMOption
from werkzeug.exceptions import UnprocessableEntity

from portal.db.base import TenantEntity, db
from portal.tenancy.objects import find_row
from portal.tenancy.scope import require_scope

Row = TypeVar("Row", bound=TenantEntity)
# One page of a list; the undo of a choice must fit into a cookie.
MAX_CHOSEN = 50


class NothingChosen(UnprocessableEntity):
    """A button for several rows was pressed with none of them chosen."""


def get_or_404(entity: type[Row], row_id: UUID, *options: ORMOption) -> Row:
    """The row with that id in the account in scope, or 404; ``options`` may load more along with it."""
    row = db.session.get(entity, row_id, options=options) if options else find_row(entity, row_id)
    if row is None or row.account_id != require_scope().account_id:
        abort(404)
    return row


def chosen_rows(entity: type[Row], **of: UUID) -> list[Row]:
    """The rows whose ids the form chose: repeated or comma-separated; 404 if any is not to be found.

    With ``of`` only those of one parent are (``bot_id=…``). ``NothingChosen`` where there are none.
    """
    texts = [text for value in request.form.getlist("ids") for text in value.split(",") if text]
    if not texts:
        raise NothingChosen
    return rows_or_404(entity, texts, **of)


def rows_or_404(entity: type[Row], texts: Iterable[str], **of: UUID) -> list[Row]:
    """The rows with those ids, none of them missing; 422 where they are too many."""
    try:
        ids = {UUID(text) for text in texts}
    except ValueError:
        abort(404)
    if len(ids) > MAX_CHOSEN:
        abort(422)
    rows = db.session.scalars(
        select(entity).where(entity.id.in_(ids), entity.account_id == require_scope().account_id).filter_by(**of)
    ).all()
    if len(rows) != len(ids):
        abort(404)
    return list(rows)


def require_whole_account() -> None:
    """403 for those who may work in some restaurants only: a new one would not be among them."""
    if require_scope().restaurant_ids is not None:
        abort(403)
