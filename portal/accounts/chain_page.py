"""Reading across chains, for superusers and nobody else."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import abort
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from portal.accounts.export import recorded_export
from portal.accounts.listing import ACCOUNTS, natural_name
from portal.accounts.models import Account, SuperuserVisit
from portal.accounts.slugs import MAX_SLUG, RESERVED_SLUGS, slugify
from portal.db.base import db
from portal.tenancy.scope import enter_account, system_scope
from portal.users.models import User
from portal.web.listing import Page, read_page
from portal.web.listing.search import has_entry
from portal.web.searching import anywhere, patterns_of

DOOR = "accounts"
MAX_OFFERED = 20
MAX_NAMESAKES = 50


def read_accounts(args: Mapping[str, str], path: str) -> Page:
    """A page of the list of chains."""
    with system_scope(DOOR):
        return read_page(ACCOUNTS, args, path)


def export_accounts(args: Mapping[str, str]) -> Response:
    """The list of chains as a file, noted in the log of the operator's own account."""
    with system_scope(DOOR):
        return recorded_export(ACCOUNTS, args, within=lambda: system_scope(DOOR))


def enter_by_slug(slug: str) -> Account:
    """The chain of that address, entered; 404 where there is none, and for the operator's own account."""
    with system_scope(DOOR):
        query = select(Account).where(Account.slug == slug, Account.is_operator.is_(False))
        account = db.session.scalars(query).first()
    if account is None:
        abort(404)
    enter_account(account.id)
    return account


def is_slug_taken(slug: str) -> bool:
    """Whether an account has that address."""
    with system_scope(DOOR):
        return db.session.scalar(select(Account.id).where(Account.slug == slug)) is not None


def free_slug(name: str) -> str:
    """An address made from a name that no account has yet; empty where the name gives none."""
    base = slugify(name)
    if not base:
        return ""
    tries = [base, *(f"{base[: MAX_SLUG - 3]}-{number}" for number in range(2, MAX_NAMESAKES))]
    with system_scope(DOOR):
        taken = set(db.session.scalars(select(Account.slug).where(Account.slug.in_(tries))))
    return next((slug for slug in tries if slug not in taken and slug not in RESERVED_SLUGS), "")


def is_email_taken(email: str) -> bool:
    """Whether anybody signs in with that e-mail, in whichever chain."""
    with system_scope(DOOR):
        query = select(User.id).where(User.has_email(email)).limit(1)
        return db.session.scalar(query) is not None


def offered_accounts(search: str, viewer_id: UUID) -> Sequence[Any]:
    """Chains that a superuser may switch to (name, slug, is_active, visited_at): the last visited first."""
    visits = (
        select(SuperuserVisit.account_id, func.max(SuperuserVisit.started_at).label("visited_at"))
        .where(SuperuserVisit.user_id == viewer_id)
        .group_by(SuperuserVisit.account_id)
        .subquery()
    )
    query = (
        select(Account.name, Account.slug, Account.is_active, visits.c.visited_at)
        .outerjoin(visits, visits.c.account_id == Account.id)
        .where(Account.is_operator.is_(False))
        .order_by(visits.c.visited_at.desc().nulls_last(), natural_name(), Account.id)
        .limit(MAX_OFFERED)
    )
    if patterns := patterns_of(search):
        query = query.where(has_entry(Account, anywhere(patterns)))
    with system_scope(DOOR):
        return db.session.execute(query).all()
