"""How a bot stands with a platform: one word, computed here for every page that says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, literal, select

from portal.access.viewer import current_account
from portal.accounts.models import Account
from portal.bots.models import BotInstance
from portal.channels.models import BotConnection, BotPlatformCredential
from portal.channels.states import PlatformStatus
from portal.channels.wording import problem_of
from portal.messengers.registry import PLATFORMS
from portal.scenarios.models import BotScenario

a = Account.__table__.c
b = BotInstance.__table__.c
p = BotPlatformCredential.__table__.c
c = BotConnection.__table__.c
s = BotScenario.__table__.c

# The connection's own states in which the owner's wish for messages has not been met yet.
UNMET = ("off", "connecting", "removing")
ARRIVING = ("live", "polling")


def status_of(credential: BotPlatformCredential) -> PlatformStatus:
    """The word for one platform; ``STATUS`` says the same in SQL, and a test holds both alike."""
    account, connection = current_account(), credential.connection
    if not credential.is_live or (account is not None and not account.is_active):
        return PlatformStatus.OFF
    if connection is None or connection.state in UNMET:
        return PlatformStatus.CONNECTING
    # A sender that was refused notes that at once, before anybody has looked.
    if connection.state == "failing" or connection.problem:
        return PlatformStatus.FAILING
    return PlatformStatus.LIVE if credential.bot.live_scenario else PlatformStatus.NO_SCENARIO


STATUS: ColumnElement[str] = case(
    (
        ~(
            p.is_active
            & b.is_active
            & exists().where(a.id == p.account_id, a.is_active).correlate_except(Account.__table__)
        ),
        PlatformStatus.OFF.value,
    ),
    (c.state.is_(None) | c.state.in_(UNMET), PlatformStatus.CONNECTING.value),
    ((c.state == "failing") | (func.coalesce(c.problem, "") != ""), PlatformStatus.FAILING.value),
    (
        exists()
        .where(s.account_id == p.account_id, s.bot_id == p.bot_id, s.is_live)
        .correlate_except(BotScenario.__table__),
        PlatformStatus.LIVE.value,
    ),
    else_=PlatformStatus.NO_SCENARIO.value,
)
# What the bot has to say matters where messages arrive; the greatest leaves out what is not known.
SINCE: ColumnElement[datetime | None] = case(
    (c.state.in_(ARRIVING) & c.problem.is_(None), func.greatest(c.since, b.scenario_since)),
    else_=c.since,
)


def since_of(credential: BotPlatformCredential) -> datetime | None:
    """Since when it stands so; ``None`` where nobody has noted it."""
    connection = credential.connection
    if connection is None:
        return None
    moments = [connection.since]
    if connection.state in ARRIVING and connection.problem is None:
        moments.append(credential.bot.scenario_since)
    return max((moment for moment in moments if moment), default=None)


WITH_CONNECTION = BotPlatformCredential.__table__.outerjoin(
    BotConnection.__table__, (c.account_id == p.account_id) & (c.credential_id == p.id)
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a platform stands, as far as a list says it; ``note`` is a word or two on what is wrong."""

    is_on: bool
    status: PlatformStatus
    since: datetime | None
    note: str = ""

    @property
    def words(self) -> str:
        """The word and what is wrong, for one cell."""
        return f"{self.status.label} ({self.note.lower()})" if self.note else str(self.status.label)

    @classmethod
    def of(cls, credential: BotPlatformCredential) -> "Standing":
        """Of a platform that is at hand."""
        status, connection = status_of(credential), credential.connection
        note = _note(status, connection.problem if connection else None)
        return cls(credential.is_active, status, since_of(credential), note)

    @classmethod
    def read(cls, told: list[Any]) -> "Standing":
        """Of what ``standings`` gives for a platform."""
        is_on, word, since, problem = told
        status = PlatformStatus(word)
        return cls(is_on, status, _moment(since), _note(status, problem))


def standings() -> ColumnElement[Any]:
    """The platforms of each bot of a list: key to what ``Standing.read`` reads."""
    told = func.json_build_array(p.is_active, STATUS, SINCE, c.problem)
    found = func.coalesce(func.json_object_agg(p.platform, told), func.json_build_object())
    of_bot = (p.account_id == b.account_id, p.bot_id == b.id, p.superseded_at.is_(None))
    query = select(found).select_from(WITH_CONNECTION).where(*of_bot)
    return query.correlate(BotInstance.__table__).scalar_subquery()


def chain_health(cap: int) -> ColumnElement[Any]:
    """How the platforms of the active bots of each chain of a list stand, so many of them: word to count and since."""
    of_bot = (p.account_id == b.account_id) & (p.bot_id == b.id) & b.is_active
    joined = WITH_CONNECTION.join(BotInstance.__table__, of_bot)
    rows = select(STATUS.label("status"), SINCE.label("since")).select_from(joined)
    rows = rows.where(p.account_id == a.id, p.superseded_at.is_(None)).limit(cap).correlate(Account.__table__)
    each = rows.subquery().c
    groups = select(each.status, func.json_build_array(func.count(), func.min(each.since)).label("told"))
    group = groups.group_by(each.status).subquery().c
    return select(func.json_object_agg(group.status, group.told)).scalar_subquery()


def has_failing_platform() -> ColumnElement[bool]:
    """Whether a platform of an active bot fails, for each chain of a list."""
    of_bot = (p.account_id == b.account_id) & (p.bot_id == b.id) & b.is_active
    failing = select(literal(1)).select_from(WITH_CONNECTION.join(BotInstance.__table__, of_bot))
    failing = failing.where(p.account_id == a.id, p.superseded_at.is_(None), STATUS.in_([PlatformStatus.FAILING.value]))
    return failing.correlate(Account.__table__).exists()


@dataclass(frozen=True, slots=True)
class Group:
    """The platforms of a chain that stand alike: how many, and since when the first of them."""

    status: PlatformStatus
    count: int
    since: datetime | None


def read_health(told: Mapping[str, Any] | None) -> list[Group]:
    """What ``chain_health`` gives for a chain, the worst first."""
    found = {PlatformStatus(word): values for word, values in (told or {}).items()}
    return [Group(each, found[each][0], _moment(found[each][1])) for each in PlatformStatus if each in found]


def in_order(platforms: Mapping[str, Any]) -> dict[str, Standing]:
    """The standings by platform: those the portal knows in their order, then others."""
    known = [key for key in PLATFORMS if key in platforms]
    return {key: Standing.read(platforms[key]) for key in [*known, *(each for each in platforms if each not in known)]}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def _note(status: PlatformStatus, problem: str | None) -> str:
    found = problem_of(problem) if status in (PlatformStatus.FAILING, PlatformStatus.CONNECTING) else None
    return str(found.short) if found else ""
