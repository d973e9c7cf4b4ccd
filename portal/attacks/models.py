"""What attacks are called, and how many there were."""

from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Model
from portal.db.types import EnumText, LabelledEnum


class AttackKind(LabelledEnum):
    """What was refused. The word stands in log lines and metrics, the label on the superusers' page."""

    SIGN_IN_FAILED = "sign_in_failed", _l("Failed sign-ins")
    SIGN_IN_THROTTLED = "sign_in_throttled", _l("Guesses that were not heard, being too many")
    RESET_THROTTLED = "reset_throttled", _l("Links for new passwords asked for too often")
    LINK_REFUSED = "link_refused", _l("Links that are spent or invented")
    FORM_REFUSED = "form_refused", _l("Forms without their proof")
    PAGE_REFUSED = "page_refused", _l("Pages beyond the person's role")
    CHAIN_REFUSED = "chain_refused", _l("Pages of a foreign chain")
    ROW_REFUSED = "row_refused", _l("Addresses of what the chain does not have")
    WEBHOOK_FORGED = "webhook_forged", _l("Forged deliveries to a bot")
    WEBHOOK_UNKNOWN = "webhook_unknown", _l("Deliveries to no bot")


class AttackCount(Model):
    """How often something was refused within an hour, to one address; of no account.

    ``chain_id`` is the chain of the person or bot concerned, ``None`` for strangers. ``address`` is a keyed hash;
    ``None`` stands for all the addresses that were too many to be told apart.
    """

    __tablename__ = "attack_count"
    __table_args__ = (
        Index(
            "uix_attack_count_hour", "hour", "kind", "chain_id", "address",
            unique=True, postgresql_nulls_not_distinct=True,
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    hour: Mapped[datetime]
    kind: Mapped[AttackKind] = mapped_column(EnumText(AttackKind))
    chain_id: Mapped[UUID | None]
    address: Mapped[str | None]
    count: Mapped[int]
