"""Members of an account and the restaurants assigned to them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Select,
    UniqueConstraint,
    false,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access.permissions import CREDENTIAL_ROLES, Role
from portal.access.viewer import current_viewer, current_visit
from portal.accounts.models import Account
from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import SCHEMA, TenantEntity, db
from portal.db.states import Activatable, Activation, MoveRefused
from portal.db.types import EnumText, LabelledEnum
from portal.db.words import counted
from portal.notices.raising import Subject, raise_notice
from portal.users.assignable import names_of
from portal.users.notices import OWNER_ADDED
from portal.users.sessions import PasswordReset, UserSession

LAST_OWNER = _l("A chain needs at least one active owner. Make somebody else an owner first.")
OWN_ROLE = _l("Nobody changes their own role. Another owner can change yours.")
OWN_ACCESS = _l("Nobody deactivates themselves. Another owner can deactivate you.")
OWNERS_DECIDE = _l("Only an owner gives this role. A support visit does so where a chain has no active owner.")
ROLE_CHECK = "role IN ('owner', 'manager', 'chef', 'viewer')"


class AccessKept(MoveRefused):
    """A change was refused that would lock somebody out by accident."""


class UserRestaurant(TenantEntity, label=_l("Assignment to a restaurant")):
    """The assignment of one restaurant to one person."""

    __tablename__ = "user_restaurant"
    __table_args__ = (
        UniqueConstraint("account_id", "user_id", "restaurant_id"),
        ForeignKeyConstraint(
            ["account_id", "user_id"], [f"{SCHEMA}.user.account_id", f"{SCHEMA}.user.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["account_id", "restaurant_id"],
            [f"{SCHEMA}.restaurant.account_id", f"{SCHEMA}.restaurant.id"],
            ondelete="CASCADE",
        ),
        Index("ix_user_restaurant_restaurant_id", "account_id", "restaurant_id"),
    )

    user_id: Mapped[UUID]
    restaurant_id: Mapped[UUID]


class User(
    Activatable,
    TenantEntity,
    label=_l("Person"),
    plural=_l("People"),
    add=_l("Invite somebody"),
    count=counted("%(num)s person", "%(num)s people"),
    page="users.show",
    fields={
        "email": _l("E-mail"),
        "factor": _l("By"),
        "failed_sign_ins": _l("Wrong passwords"),
        "full_name": _l("Name"),
        "handed_over": _l("Link"),
        "hashed_password": _l("Password"),
        "is_active": _l("Active"),
        "is_superuser": _l("Superuser"),
        "last_signed_in_at": _l("Last sign-in"),
        "locale": _l("Language"),
        "restaurants": _l("Restaurants"),
        "restaurants_limited": _l("Limited to restaurants"),
        "second_factor_since": _l("Second factor since"),
        "sessions": _l("Devices signed out"),
        "timezone": _l("Time zone"),
    },
    values={
        "factor": {
            "app": _l("Authenticator app"),
            "passkey": _l("Passkey"),
            "recovery": _l("Recovery code"),
        },
        "handed_over": {
            "mailed": _l("Mailed to the person"),
            "shown": _l("Shown to whoever made it: they could use it in the person's name"),
        },
        "locale": {"en": "English", "ru": "Русский"},
    },
):
    """A person who signs in by e-mail; a member of one account, or a superuser."""

    __tablename__ = "user"
    __most__ = 10_000
    __table_args__ = (
        CheckConstraint(ROLE_CHECK, name="role"),
        CheckConstraint("locale IN ('en', 'ru')", name="locale"),
        UniqueConstraint("account_id", "id"),
        Index("ix_user_account_id", "account_id", "is_active", "email", "id"),
        Index("ix_user_account_id_updated_at", "account_id", "updated_at", "id"),
        Index("ix_user_lower_email", text("lower(email)")),
        Index("ix_user_plain_email", text("lower(btrim(email))")),
    )

    email: Mapped[str] = mapped_column(unique=True)
    hashed_password: Mapped[str]
    full_name: Mapped[str | None]
    is_superuser: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Where an older writer leaves it out, a trigger makes the first of an account its owner.
    role: Mapped[Role] = mapped_column(EnumText(Role), default=Role.VIEWER)
    locale: Mapped[str | None]
    timezone: Mapped[str | None]
    last_signed_in_at: Mapped[datetime | None]
    # Apart from the list: limited and assigned to nothing sees nothing, whoever deleted the last restaurant.
    restaurants_limited: Mapped[bool] = mapped_column(default=False, server_default=false())
    # From the first factor switched on until the last is switched off: without it nobody signs in as this person.
    second_factor_since: Mapped[datetime | None]

    account: Mapped[Account] = relationship(viewonly=True)
    assignments: Mapped[list[UserRestaurant]] = relationship(cascade="all, delete-orphan", passive_deletes=True)

    @classmethod
    def has_email(cls, email: str) -> ColumnElement[bool]:
        """Whether somebody signs in with it: older writers left capitals, and blanks around."""
        return func.lower(func.btrim(cls.email)) == email.strip().lower()

    @property
    def display_name(self) -> str:
        """The name where there is one, else the e-mail."""
        return self.full_name or self.email

    @property
    def may_sign_in(self) -> bool:
        """Whether both the person and their chain are active."""
        return self.is_active and (self.is_superuser or self.account.is_active)

    @property
    def restaurant_ids(self) -> list[UUID]:
        """The restaurants assigned; they count where ``restaurants_limited`` says so."""
        return [assignment.restaurant_id for assignment in self.assignments]

    @property
    def is_stranded(self) -> bool:
        """Whether every restaurant that the person was limited to is gone: they see none."""
        return self.restaurants_limited and self.role != Role.OWNER and not self.assignments

    def introduce(self, full_name: str | None, locale: str | None, timezone: str | None) -> None:
        """What people say of themselves; the log notes the name alone."""
        if full_name != self.full_name:
            before = {"full_name": self.full_name}
            self.full_name = full_name
            record(Action.EDITED, self, before=before, after={"full_name": full_name})
        self.locale, self.timezone = locale, timezone

    def set_password(self, hashed: str) -> None:
        """A new password of the person's own choice."""
        self.hashed_password = hashed
        record(Action.PASSWORD_CHANGED, self, by=self)

    def change_access(self, role: Role, restaurant_ids: Collection[UUID], *, limited: bool | None = None) -> None:
        """Change role and restaurants; another role ends the person's sessions. Raises ``AccessKept``.

        ``limited`` is by default whether there are restaurants; owners never are.
        """
        restaurants = set() if role == Role.OWNER else set(restaurant_ids)
        is_limited = role != Role.OWNER and (bool(restaurants) if limited is None else limited)
        is_new_role = role != self.role
        if is_new_role:
            self._refuse_own(OWN_ROLE)
            refuse_in_visit(role)
            self._keep_an_owner()
        before: dict[str, object] = self._told_access()
        after: dict[str, object] = {"role": str(role), "restaurants": names_of(restaurants)}
        if before == after and is_limited != self.restaurants_limited:
            before["restaurants_limited"], after["restaurants_limited"] = self.restaurants_limited, is_limited
        if before == after:
            return
        self.role = role
        self.assign(restaurants, limited=is_limited)
        record(Action.EDITED, self, before=before, after=after)
        if is_new_role:
            self._end_sessions()
        if is_new_role and role == Role.OWNER:
            self.tell_of_owner()

    def assign(self, restaurant_ids: Collection[UUID], *, limited: bool) -> None:
        """Let the person work in these restaurants only (``limited``), or in all."""
        wanted = set(restaurant_ids)
        kept = [each for each in self.assignments if each.restaurant_id in wanted]
        new = wanted - {each.restaurant_id for each in kept}
        self.restaurants_limited = limited
        self.assignments = [*kept, *(UserRestaurant(account_id=self.account_id, restaurant_id=one) for one in new)]

    def tell_of_owner(self) -> None:
        """Tell every owner, by notice and mail, that there is one more."""
        viewer = current_viewer()
        by = viewer.display_name if viewer else self.display_name
        raise_notice(OWNER_ADDED, Subject.of(self), by=by)

    def guard_move(self, to: LabelledEnum) -> None:
        """Nobody locks themselves out, and a chain keeps an owner."""
        if to == Activation.OFF:
            self._refuse_own(OWN_ACCESS)
            self._keep_an_owner()
        else:
            refuse_in_visit(self.role)

    def enter_state(self, state: LabelledEnum) -> None:
        """Whoever is deactivated is signed out at once."""
        super().enter_state(state)
        if not self.is_active:
            self._end_sessions()
        elif self.role == Role.OWNER:
            self.tell_of_owner()

    def _refuse_own(self, reason: LazyString) -> None:
        viewer = current_viewer()
        if viewer is not None and viewer.id == self.id:
            raise AccessKept(reason)

    def _keep_an_owner(self) -> None:
        """Refuse where nobody else owns the chain.

        The owners' rows stay locked until the change commits: of two owners who remove each other at
        the same moment the second finds the first gone.
        """
        if self.role != Role.OWNER or not self.is_active:
            return
        locked = db.session.scalars(active_owners().order_by(User.id).with_for_update()).all()
        if not set(locked) - {self.id}:
            raise AccessKept(LAST_OWNER)

    def _end_sessions(self) -> None:
        UserSession.end_all(self.id)
        PasswordReset.spend_all(self.id)

    def _told_access(self) -> dict[str, object]:
        return {"role": str(self.role), "restaurants": names_of(self.restaurant_ids)}


def active_owners() -> Select[UUID]:
    """The ids of those who own the chain in scope and can sign in."""
    return select(User.id).where(User.role == Role.OWNER, User.is_active, ~User.is_superuser)


def has_active_owner() -> bool:
    """Whether anybody owns the chain in scope and can sign in."""
    return db.session.scalar(active_owners().limit(1)) is not None


def refuse_in_visit(role: Role) -> None:
    """Support makes nobody a holder of the chain's secrets, unless nobody is left to: ``AccessKept``."""
    if current_visit() and role in CREDENTIAL_ROLES and has_active_owner():
        raise AccessKept(OWNERS_DECIDE)
