"""Pages that take long to make: of each account so many are made at a time, over all processes (decision 019).

Whoever comes beyond that is asked to wait, and everybody else's pages stay quick. A place is an advisory lock of the
request's transaction: it ends with the request however that ends, and with the process should it die.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import text
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from portal.access.viewer import current_viewer
from portal.db.base import db
from portal.tenancy.scope import current_scope
from portal.web.error_pages import give_up, show

# Two people of a chain may look at something large at a time; a third one waits a few seconds.
PLACES = 2
RETRY_SECONDS = 5
WAITED_SECONDS, PAUSE_SECONDS = 10, 0.2

View = TypeVar("View", bound=Callable[..., Any])

_TAKE_PLACE = text(
    "SELECT CASE "
    + " ".join(
        f"WHEN pg_try_advisory_xact_lock(hashtextextended('costly {place} ' || :whose, 0)) THEN true"
        for place in range(PLACES)
    )
    + " ELSE false END"
)


class TooManyAtOnce(TooManyRequests):
    """The account has as many costly pages being made as it may."""


def costly(view: View) -> View:
    """The view takes long to answer, whatever it is asked: it waits for a place of the account."""

    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Any:
        take_place()
        return view(*args, **kwargs)

    answer.is_costly = True  # type: ignore[attr-defined]
    return answer  # type: ignore[return-value]


def take_place() -> None:
    """Hold a place until the transaction ends, for views that take long only sometimes. Raises TooManyAtOnce."""
    if not _has_place():
        raise TooManyAtOnce


def wait_for_place() -> None:
    """The same where the answer has begun already: whoever was quicker is waited for. Raises TooManyAtOnce."""
    end_at = time.monotonic() + WAITED_SECONDS
    while not _has_place():
        if time.monotonic() > end_at:
            raise TooManyAtOnce
        time.sleep(PAUSE_SECONDS)


def _has_place() -> bool:
    scope, viewer = current_scope(), current_viewer()
    whose = scope.account_id if scope else viewer.id if viewer else None
    return bool(db.session.scalar(_TAKE_PLACE, {"whose": str(whose)}))


def show_full(error: TooManyAtOnce) -> Response:
    """Ask to wait a moment."""
    give_up()
    response = show(
        429,
        _l("One moment"),
        _l("Large pages and files are already being made for your chain, as many as it can have at a time."
           " Nothing is wrong: wait a few seconds and try again."),
    )  # fmt: skip
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
