"""How far the work on a file has come, written past its transaction and at most once a second."""

import time
from collections.abc import Callable

from sqlalchemy import update

from portal.db.base import db
from portal.db.types import utc_now
from portal.invoices.files.models import InvoiceFile
from portal.tenancy.scope import SET_ACCOUNT

INTERVAL_SECONDS = 1.0


class Progress:
    """Tells what share of the work is done, in a transaction of its own: whoever looks sees it before the commit.

    Whoever works keeps no lock on the file's row while it tells.
    """

    def __init__(self, file: InvoiceFile, clock: Callable[[], float] = time.monotonic) -> None:
        self.file_id, self.account_id, self.clock = file.id, file.account_id, clock
        self.told_at = clock()

    def __call__(self, percent: int) -> None:
        """So much is done."""
        if self.clock() - self.told_at < INTERVAL_SECONDS:
            return
        self.told_at = self.clock()
        told = update(InvoiceFile).where(InvoiceFile.id == self.file_id, InvoiceFile.account_id == self.account_id)
        with db.engine.begin() as connection:
            connection.execute(SET_ACCOUNT, {"account_id": str(self.account_id)})
            connection.execute(told.values(progress=min(max(percent, 0), 99), progressed_at=utc_now()))
