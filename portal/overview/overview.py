"""How a chain stands, as far as the person may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from flask_babel import ngettext
from sqlalchemy import ColumnElement, Select, exists, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from portal.access.permissions import Permission, Role
from portal.access.viewer import may
from portal.accounts.models import Account
from portal.audit.history import HistoryLine, latest_changes
from portal.bots.models import BotInstance
from portal.channels.models import BotPlatformCredential
from portal.channels.status import standings
from portal.conversations.activity import DialogActivity
from portal.conversations.listing import last_said
from portal.conversations.models import BotDialogState
from portal.db.base import db
from portal.db.types import utc_now
from portal.integrations.models import AccountIntegrationCredentials
from portal.invoices.models import Invoice, InvoiceException
from portal.invoices.words import ExceptionState
from portal.onboarding.standing import PRESENT
from portal.overview.first_steps import Step, first_steps
from portal.overview.queries import capped, in_restaurants, mine
from portal.overview.receiving import figures_of_receiving
from portal.reconciliations.models import Reconciliation, ReconciliationStatus
from portal.restaurants.models import Restaurant
from portal.scenarios.models import BotScenario
from portal.staff.models import StaffMember
from portal.staff.today_page import CELLS
from portal.stores.models import Store
from portal.tenancy.scope import require_scope
from portal.users.invitations import Invitation
from portal.users.models import User
from portal.users.queries import owner_names
from portal.web.language import choose_locale, choose_zone
from portal.web.times import in_zone, short_day, start_of_day

r = Restaurant.__table__.c
s = Store.__table__.c
u = User.__table__.c
n = Invitation.__table__.c
b = BotInstance.__table__.c
p = BotPlatformCredential.__table__.c
i = AccountIntegrationCredentials.__table__.c
v = BotScenario.__table__.c
a, o, e, c = (each.__table__.c for each in (Account, Invoice, InvoiceException, Reconciliation))

MAX_BOTS = 6
MAX_RESTAURANTS = 6
LATEST_DIALOGS = 5


def read_figures() -> Any:
    """Counts of all that the chain has (capped), and its connections as a list of mappings."""
    connections = func.coalesce(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_object(
                    "type", i.integration_type, "is_active", i.is_active, "status", i.connection_status
                ),
                i.integration_type,
            )
        ),
        literal_column("'[]'::jsonb"),
    )
    columns = {
        "restaurants": capped(Restaurant.__table__, *in_restaurants(r.id), r.is_active),
        "archived": capped(Restaurant.__table__, *in_restaurants(r.id), r.is_active.is_(False)),
        "stores": capped(Store.__table__, *in_restaurants(s.restaurant_id), s.is_active),
        "people": capped(User.__table__, u.is_active),
        "invited": capped(
            Invitation.__table__, n.accepted_at.is_(None), n.revoked_at.is_(None), n.expires_at > utc_now()
        ),
        "bots": capped(BotInstance.__table__, b.is_active),
        "platforms_on": capped(
            BotPlatformCredential.__table__,
            p.is_active,
            p.superseded_at.is_(None),
            exists().where(b.id == p.bot_id, mine(b), b.is_active),
        ),
        **_of_staff(),
        **_of_supply(),
        **figures_of_receiving(),
        **_first_steps(),
        **_for_members(),
        "integrations": select(connections)
        .select_from(AccountIntegrationCredentials.__table__)
        .where(mine(i))
        .scalar_subquery(),
    }
    query = select(*(column.label(name) for name, column in columns.items()))
    return db.session.connection().execute(query).one()


def read_bots() -> Sequence[Any]:
    """The first active bots by name (id, name, platforms: key to how it stands)."""
    query = (
        select(b.id, b.name, standings().label("platforms"))
        .where(mine(b), b.is_active)
        .order_by(b.name, b.id)
        .limit(MAX_BOTS)
    )
    return db.session.connection().execute(query).all()


def read_conversations() -> Sequence[Any]:
    """The latest conversations (id, bot_id, bot, platform, chat, person, last_said, at)."""
    dialog = BotDialogState.__table__.c
    # The few are taken first, by their index: what joins all of them before it sorts grows with the chain.
    latest = (
        select(BotDialogState.__table__)
        .where(mine(dialog), dialog.superseded_at.is_(None))
        .order_by(dialog.last_interaction_at.desc(), dialog.id.desc())
        .limit(LATEST_DIALOGS)
        .subquery()
    )
    d = latest.c
    query = (
        select(
            d.id,
            d.bot_id,
            b.name.label("bot"),
            d.platform,
            d.platform_chat_id.label("chat"),
            d.person,
            last_said(d).label("last_said"),
            d.last_interaction_at.label("at"),
        )
        .join_from(latest, BotInstance.__table__, (b.id == d.bot_id) & (b.account_id == d.account_id))
        .order_by(d.last_interaction_at.desc(), d.id.desc())
    )
    return db.session.connection().execute(query).all()


def _of_staff() -> dict[str, ColumnElement[Any]]:
    """How the people stand who work here: the numbers of the page of today."""
    wanted = {"staff": literal_column("true"), **{key: condition for key, (_l, _f, condition) in CELLS.items()}}
    columns = StaffMember.__table__.c
    return {
        f"staff_{key}": capped(StaffMember.__table__, *in_restaurants(columns.restaurant_id), PRESENT, condition)
        for key, condition in wanted.items()
    }


def _of_supply() -> dict[str, ColumnElement[Any]]:
    """What about supply waits: exceptions with the money at stake in the chain's own currency, open statements."""
    seen = (e.account_id == o.account_id, e.invoice_id == o.id, *in_restaurants(o.restaurant_id))
    is_open = e.state == ExceptionState.OPEN
    currency = select(a.currency).where(a.id == require_scope().account_id).scalar_subquery()
    stake = select(func.coalesce(func.sum(e.money_at_stake), 0)).where(mine(e), is_open, *seen, o.currency == currency)
    is_left = c.status != ReconciliationStatus.COMPLETED
    return {
        "buys": capped(Invoice.__table__, *in_restaurants(o.restaurant_id)),
        "exceptions": capped(InvoiceException.__table__, is_open, exists().where(*seen)),
        "stake": stake.scalar_subquery(),
        "currency": currency,
        "statements": capped(Reconciliation.__table__, is_left, *in_restaurants(c.restaurant_id)),
    }


def _first_steps() -> dict[str, ColumnElement[Any]]:
    """What tells whether a scenario is published and somebody was asked to join.

    The portal's operator invites the first owner: by that nobody of the chain has asked anybody yet.
    """
    by_the_chain = n.invited_by_id.is_not(None) | (n.role != Role.OWNER.value)
    return {
        "live_scenarios": capped(BotScenario.__table__, v.is_live),
        "colleagues_invited": capped(Invitation.__table__, n.revoked_at.is_(None), by_the_chain),
    }


def _for_members() -> dict[str, ColumnElement[Any]]:
    """What those need who are no owners: how many restaurants there are beside theirs, theirs, and whom to ask."""
    nothing: ColumnElement[Any] = literal_column("NULL")
    if may(Permission.USERS_EDIT):
        return {"restaurants_of_chain": nothing, "first_restaurants": nothing, "owners": nothing}
    is_limited = require_scope().restaurant_ids is not None
    return {
        "restaurants_of_chain": capped(Restaurant.__table__, r.is_active) if is_limited else nothing,
        "first_restaurants": _listed(
            select(r.id, r.name, r.address, r.phone)
            .where(mine(r), *in_restaurants(r.id), r.is_active)
            .order_by(r.name, r.id)
            .limit(MAX_RESTAURANTS)
        ),
        "owners": _listed(owner_names(require_scope().account_id)),
    }


def _listed(query: Select[Any]) -> ColumnElement[Any]:
    """The rows of a query as one JSON array of arrays, in their order."""
    rows = query.subquery()
    return select(func.json_agg(func.json_build_array(*rows.c))).scalar_subquery()


DAYS = 30


class Overview:
    """Reads what the page asks for, once; what the person may not see is never read."""

    @cached_property
    def figures(self) -> Any:
        """Counts and connections."""
        return read_figures()

    @cached_property
    def bots(self) -> Sequence[Any]:
        """The first bots and their platforms."""
        return read_bots() if may(Permission.BOTS_SEE) else []

    @cached_property
    def latest_conversations(self) -> Sequence[Any]:
        """The latest conversations."""
        return read_conversations() if may(Permission.DIALOGS_SEE) else []

    @cached_property
    def changes(self) -> Sequence[HistoryLine]:
        """The latest lines of the log, for those who may see it."""
        return latest_changes()

    @cached_property
    def conversations(self) -> "Conversations":
        """The conversations of the last days."""
        return Conversations.read(utc_now())

    @property
    def is_new(self) -> bool:
        """Whether the chain still lacks what it works with, so that the first steps are shown."""
        figures = self.figures
        return not (figures.restaurants and figures.bots and figures.live_scenarios and figures.platforms_on)

    @property
    def steps(self) -> list[Step]:
        """The first steps and whether they are done."""
        return first_steps(self.figures, self.bots)


@dataclass(frozen=True)
class Conversations:
    """How many conversations were last active on each of the last days, and in the days before."""

    days: Sequence[tuple[date, int]]
    before: int

    @classmethod
    def read(cls, now: datetime) -> "Conversations":
        """The days of the reader's calendar up to ``now``."""
        zone_name = choose_zone()
        today = in_zone(now, zone_name).date()
        days = [today - timedelta(days=DAYS - 1 - place) for place in range(DAYS)]
        edges = [days[0] - timedelta(days=DAYS), *days, today + timedelta(days=1)]
        before, *counts = DialogActivity.count_by_span([start_of_day(edge, zone_name) for edge in edges])
        return cls(list(zip(days, counts, strict=True)), before)

    @property
    def total(self) -> int:
        """All of the last days."""
        return sum(count for _, count in self.days)

    @property
    def change(self) -> int | None:
        """By how many per cent that is more (or less) than in the days before; ``None`` after nothing."""
        return round((self.total - self.before) * 100 / self.before) if self.before else None

    @property
    def points(self) -> list[tuple[str, int, str]]:
        """The days as the chart draws them."""
        locale = choose_locale()
        labelled = [(short_day(day, locale), count) for day, count in self.days]
        return [(label, count, f"{label}: {_told(count)}") for label, count in labelled]


def _told(count: int) -> str:
    return ngettext("%(num)s conversation", "%(num)s conversations", count)
