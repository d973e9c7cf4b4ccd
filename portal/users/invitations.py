"""Invitations of new members."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, and_, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from portal.access.links import link_address, link_secret, secret_hash
from portal.access.permissions import CREDENTIAL_ROLES, Role
from portal.access.viewer import current_viewer, current_visit
from portal.accounts.models import Account
from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import SCHEMA, TenantEntity, db
from portal.db.states import Stateful
from portal.db.types import EnumText, LabelledEnum, utc_now
from portal.mail.models import MailDelivery, MailKind
from portal.notices.raising import Subject, raise_notice
from portal.tenancy.scope import require_scope
from portal.users.assignable import names_of, restaurant_names
from portal.users.models import ROLE_CHECK, User, has_active_owner, refuse_in_visit
from portal.users.notices import INVITATION_ACCEPTED, OWNER_ADDED

# Who invites where no member does.
OPERATOR_NAME = "GET INN"
INVITATION_LIFETIME = timedelta(hours=72)
# Invitations are mail to strangers in the portal's name: enough for a day of taking people on, too few for a campaign.
INVITATIONS_PER_HOUR, INVITATIONS_PER_DAY = 60, 200
TOO_MANY = _l(
    "So many invitations went out lately that no more are sent for now. Try again in %(minutes)s min; "
    "what is filled in here is not lost."
)


class InvitationState(LabelledEnum):
    """What became of an invitation."""

    OPEN = "open", _l("Open")
    ACCEPTED = "accepted", _l("Joined")
    WITHDRAWN = "withdrawn", _l("Withdrawn")


class Invitation(
    Stateful,
    TenantEntity,
    label=_l("Invitation"),
    plural=_l("Invitations"),
    page="invitations.show",
    fields={"restaurants": _l("Restaurants"), "accepted_at": _l("Joined"), "revoked_at": _l("Withdrawn")},
):
    """A single-use offer to join an account, bound to one e-mail; at most 72 hours old.

    The link's secret is derived (``portal.access.links``); only its hash is stored.
    """

    __tablename__ = "invitation"
    # Who joins by it has the line in the log.
    __moves__ = {
        InvitationState.OPEN: {InvitationState.ACCEPTED: None, InvitationState.WITHDRAWN: "invitation_revoked"}
    }
    __table_args__ = (
        CheckConstraint(ROLE_CHECK, name="role"),
        ForeignKeyConstraint(
            ["account_id", "invited_by_id"],
            [f"{SCHEMA}.user.account_id", f"{SCHEMA}.user.id"],
            name="invitation_invited_by_fkey",
        ),
        Index("ix_invitation_account_id", "account_id", "created_at", "id"),
        Index("ix_invitation_invited_by", "account_id", "invited_by_id"),
    )

    email: Mapped[str]
    full_name: Mapped[str | None]
    role: Mapped[Role] = mapped_column(EnumText(Role))
    restaurant_ids: Mapped[list[UUID]] = mapped_column(ARRAY(PgUUID), default=list, server_default="{}")
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    # None where a superuser invited: they are nobody's member.
    invited_by_id: Mapped[UUID | None]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(viewonly=True)
    invited_by: Mapped[User | None] = relationship(viewonly=True)
    # None where there was no mail server.
    mail: Mapped[MailDelivery | None] = relationship(
        primaryjoin=lambda: and_(
            foreign(MailDelivery.subject_id) == Invitation.id,
            MailDelivery.account_id == Invitation.account_id,
            MailDelivery.kind == MailKind.INVITATION,
        ),
        uselist=False,
        viewonly=True,
    )

    @property
    def display_name(self) -> str:
        """Who is invited."""
        return self.email

    @property
    def state(self) -> InvitationState:
        """What became of it; one that is too old is still open to be withdrawn."""
        if self.accepted_at is not None:
            return InvitationState.ACCEPTED
        return InvitationState.OPEN if self.revoked_at is None else InvitationState.WITHDRAWN

    def enter_state(self, state: LabelledEnum) -> None:
        """Note when."""
        if state == InvitationState.ACCEPTED:
            self.accepted_at = utc_now()
        else:
            self.revoked_at = utc_now()

    @property
    def is_open(self) -> bool:
        """Whether it can still be accepted."""
        return self.state == InvitationState.OPEN and self.expires_at > utc_now()

    @classmethod
    def offer(
        cls,
        email: str,
        role: Role,
        *,
        full_name: str | None = None,
        restaurant_ids: Sequence[UUID] = (),
        invited_by_id: UUID | None = None,
    ) -> "Invitation":
        """Invite somebody to the account in scope; ``link`` is what they need.

        An open invitation to the same e-mail is withdrawn: the new one takes its place. ``AccessKept`` where a
        support visit invites to a role that is for owners to give.
        """
        refuse_in_visit(role)
        cls._replace(email)
        invitation = cls(
            id=uuid4(),
            account_id=require_scope().account_id,
            email=email.lower(),
            full_name=full_name,
            role=role,
            restaurant_ids=list(restaurant_ids),
            invited_by_id=invited_by_id,
            expires_at=utc_now() + INVITATION_LIFETIME,
        )
        invitation.token_hash = secret_hash(invitation._secret)
        db.session.add(invitation)
        record(Action.INVITED, invitation, after=invitation._told(), label=email)
        return invitation

    @classmethod
    def minutes_to_wait(cls) -> int:
        """In how many minutes the account in scope may invite again; 0 where it may now."""
        now = utc_now()
        made = select(cls.created_at).order_by(cls.created_at.desc())
        waits = [timedelta(0)]
        for limit, time in ((INVITATIONS_PER_HOUR, timedelta(hours=1)), (INVITATIONS_PER_DAY, timedelta(days=1))):
            oldest = db.session.scalars(made.where(cls.created_at > now - time).offset(limit - 1).limit(1)).first()
            if oldest is not None:
                waits.append(oldest + time - now)
        return math.ceil(max(waits).total_seconds() / 60)

    def _told(self) -> dict[str, object]:
        told = {
            "role": str(self.role),
            "full_name": self.full_name,
            "restaurants": names_of(self.restaurant_ids),
        }
        return {key: value for key, value in told.items() if value}

    @classmethod
    def _replace(cls, email: str) -> None:
        waiting = (func.lower(cls.email) == email.lower(), cls.accepted_at.is_(None), cls.revoked_at.is_(None))
        for invitation in db.session.scalars(select(cls).where(*waiting).with_for_update()):
            invitation.withdraw()

    def renew(self, invited_by_id: UUID | None) -> "Invitation":
        """A new link on the same terms, good for another 72 hours; the old one is withdrawn."""
        return Invitation.offer(
            self.email,
            self.role,
            full_name=self.full_name,
            restaurant_ids=self.restaurant_ids,
            invited_by_id=invited_by_id,
        )

    def withdraw(self) -> None:
        """Make the link useless; a second time changes nothing. ``MoveRefused`` where somebody has joined by it."""
        self.transition(InvitationState.WITHDRAWN)

    def accept(self, full_name: str, hashed_password: str) -> User:
        """The new member. The caller has made sure that the invitation is open and the e-mail free."""
        self.transition(InvitationState.ACCEPTED)
        user = User(
            id=uuid4(),
            account_id=self.account_id,
            email=self.email.lower(),
            full_name=full_name,
            hashed_password=hashed_password,
            role=self.role,
        )
        db.session.add(user)
        found = [restaurant_id for restaurant_id, _name in restaurant_names(self.restaurant_ids)]
        user.assign(found, limited=bool(self.restaurant_ids))
        db.session.flush()
        record(Action.JOINED, user, after={"role": self.role}, by=user)
        raise_notice(INVITATION_ACCEPTED, Subject.of(user), role=self.role)
        if self.role == Role.OWNER:
            by = self.invited_by.display_name if self.invited_by else OPERATOR_NAME
            raise_notice(OWNER_ADDED, Subject.of(user), by=by)
        return user

    @property
    def is_shown(self) -> bool:
        """Whether whoever looks may have the link: in a visit, none that makes another owner."""
        is_owners_own = current_visit() is not None and self.role in CREDENTIAL_ROLES
        return self.is_open and not (is_owners_own and has_active_owner())

    @property
    def asks_before_shown(self) -> bool:
        """Whether whoever looks must first prove once more that it is them: the link makes an owner."""
        viewer = current_viewer()
        return self.role in CREDENTIAL_ROLES and not (viewer and viewer.is_confirmed)

    @property
    def is_outdated(self) -> bool:
        """Whether support offered it to a chain that has got an owner since: then owners invite."""
        return self.invited_by_id is None and self.role in CREDENTIAL_ROLES and has_active_owner()

    @property
    def link(self) -> str:
        """The whole address that lets the invited person in."""
        return link_address("invitations.accept", self._secret)

    @property
    def _secret(self) -> str:
        return link_secret("invitation", self.id, self.token_hash)
