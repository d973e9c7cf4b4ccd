"""Superusers: the people of the company that runs the portal."""

from sqlalchemy import select

from portal.access.permissions import Role
from portal.accounts.models import Account
from portal.audit.recording import record_creation
from portal.db.base import db
from portal.tenancy.scope import enter_account, system_scope
from portal.users.invitations import OPERATOR_NAME
from portal.users.models import User

OPERATOR_SLUG = "getinn"


def create_superuser(email: str, hashed_password: str, full_name: str | None) -> User | None:
    """A new superuser in the operator's own account; ``None`` where the e-mail is taken."""
    with system_scope("sign_in"):
        if db.session.scalar(select(User.id).where(User.has_email(email)).limit(1)):
            return None
    enter_account(operator_account().id)
    user = User(
        email=email.lower(),
        hashed_password=hashed_password,
        full_name=full_name,
        is_superuser=True,
        role=Role.VIEWER,
    )
    record_creation(user)
    return user


def operator_account() -> Account:
    """The account that employs the superusers, made when first needed."""
    with system_scope("accounts"):
        account = db.session.scalars(select(Account).where(Account.is_operator).limit(1)).first()
        if account is None:
            account = Account(name=OPERATOR_NAME, slug=OPERATOR_SLUG, is_operator=True)
            db.session.add(account)
    return account
