"""Members of an account and the restaurants assigned to them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    false,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access.permissions import Role
from portal.access.viewer import current_viewer
from portal.accounts.models import Account
from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import SCHEMA, TenantEntity, db
from portal.db.states import Activatable, Activation, MoveRefused
from portal.db.types import EnumText, LabelledEnum
from portal.db.words import counted
from portal.users.assignable import names_of
from portal.users.sessions import PasswordReset, UserSession

LAST_OWNER = _l("A chain needs at least one active owner. Make somebody else an owner first.")
OWN_ROLE = _l("Nobody changes their own role. Another owner can change yours.")
OWN_ACCESS = _l("Nobody deactivates themselves. Another owner can deactivate you.")
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
        "full_name": _l("Name"),
        "hashed_password": _l("Password"),
        "is_active": _l("Active"),
        "is_superuser": _l("Superuser"),
        "last_signed_in_at": _l("Last sign-in"),
        "locale": _l("Language"),
        "restaurants": _l("Restaurants"),
        "sessions": _l("Devices signed out"),
        "timezone": _l("Time zone"),
    },
    values={"locale": {"en": "English", "ru": "Русский"}},
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

    account: Mapped[Account] = relationship(viewonly=True)
    assignments: Mapped[list[UserRestaurant]] = relationship(cascade="all, delete-orphan", passive_deletes=True)

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
        """The restaurants assigned; none means all."""
        return [assignment.restaurant_id for assignment in self.assignments]

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

    def change_access(self, role: Role, restaurant_ids: Collection[UUID]) -> None:
        """Change role and restaurants; another role ends the person's sessions. Raises ``AccessKept``."""
        restaurants = set() if role == Role.OWNER else set(restaurant_ids)
        if role != self.role:
            self._refuse_own(OWN_ROLE)
            self._keep_an_owner()
        before, after = self._told_access(), {"role": str(role), "restaurants": names_of(restaurants)}
        if before == after:
            return
        if role != self.role:
            self.role = role
            self._end_sessions()
        self.assign(restaurants)
        record(Action.EDITED, self, before=before, after=after)

    def assign(self, restaurant_ids: Collection[UUID]) -> None:
        """Let the person work in these restaurants only; in all where there are none."""
        wanted = set(restaurant_ids)
        kept = [each for each in self.assignments if each.restaurant_id in wanted]
        new = wanted - {each.restaurant_id for each in kept}
        self.assignments = [*kept, *(UserRestaurant(account_id=self.account_id, restaurant_id=one) for one in new)]

    def guard_move(self, to: LabelledEnum) -> None:
        """Nobody locks themselves out, and a chain keeps an owner."""
        if to == Activation.OFF:
            self._refuse_own(OWN_ACCESS)
            self._keep_an_owner()

    def enter_state(self, state: LabelledEnum) -> None:
        """Whoever is deactivated is signed out at once."""
        super().enter_state(state)
        if not self.is_active:
            self._end_sessions()

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
        owners = select(User.id).where(User.role == Role.OWNER, User.is_active, ~User.is_superuser)
        locked = db.session.scalars(owners.order_by(User.id).with_for_update()).all()
        if not set(locked) - {self.id}:
            raise AccessKept(LAST_OWNER)

    def _end_sessions(self) -> None:
        UserSession.end_all(self.id)
        PasswordReset.spend_all(self.id)

    def _told_access(self) -> dict[str, object]:
        return {"role": str(self.role), "restaurants": names_of(self.restaurant_ids)}
