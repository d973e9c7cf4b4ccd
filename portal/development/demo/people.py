"""People of a demo chain, how they came to it, and what they did of late."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.access.links import link_secret, secret_hash
from portal.accounts.models import Account, SuperuserVisit
from portal.audit.models import Action
from portal.db.base import db
from portal.development.demo.chain import FOUNDED, DemoChain
from portal.restaurants.models import Restaurant
from portal.stores.models import Store
from portal.users.invitations import INVITATION_LIFETIME, Invitation
from portal.users.models import User, UserRestaurant

VISIT_REASON = "Помочь с подключением iiko"


def add_people(chain: DemoChain, hashed_password: str, restaurants: Mapping[str, UUID]) -> None:
    """One person of each role, with the restaurants assigned to them."""
    for number, plan in enumerate(chain.plan["people"]):
        joined = chain.ago(days=FOUNDED - 1 - number * 12, spread=1)
        person = chain.add(
            User,
            plan["role"],
            joined,
            email=f"{plan['role']}@{chain.slug}.example",
            hashed_password=hashed_password,
            full_name=plan["full_name"],
            role=plan["role"],
            timezone=plan["timezone"],
            last_signed_in_at=chain.ago(days=0.3 + number, spread=0.2),
        )
        chain.people[plan["role"]] = person
        db.session.flush()
        for name in plan.get("restaurants", ()):
            chain.add(UserRestaurant, name, joined, user_id=person.id, restaurant_id=restaurants[name])
        chain.tell(joined, Action.JOINED, person, plan["full_name"], person, after={"role": plan["role"]})
    _tell_of_places(chain)


def _tell_of_places(chain: DemoChain) -> None:
    for restaurant in db.session.scalars(select(Restaurant).order_by(Restaurant.created_at)):
        told = {"name": restaurant.name, "address": restaurant.address, "phone": restaurant.phone}
        chain.tell(restaurant.created_at, Action.CREATED, restaurant, restaurant.name, after=told)
        if not restaurant.is_active:
            chain.tell(restaurant.updated_at, Action.ARCHIVED, restaurant, restaurant.name)
        elif restaurant.name in _assigned(chain):
            before, after = {"phone": "+7 495 555-00-00"}, {"phone": restaurant.phone}
            manager = chain.people["manager"]
            chain.tell(
                restaurant.updated_at, Action.EDITED, restaurant, restaurant.name, manager, before=before, after=after
            )
    for store in db.session.scalars(select(Store).order_by(Store.created_at)):
        chain.tell(store.created_at, Action.CREATED, store, store.name, after={"name": store.name, "kind": store.kind})


def _assigned(chain: DemoChain) -> list[str]:
    manager = next(plan for plan in chain.plan["people"] if plan["role"] == "manager")
    return manager.get("restaurants") or [plan["name"] for plan in chain.plan["restaurants"][1:3]]


def add_access(chain: DemoChain) -> None:
    """An open invitation, a past visit of the superuser, and who signed in and exported of late."""
    _invite(chain, chain.plan["invitation"])
    _visit(chain)
    for role, person in chain.people.items():
        times = {"owner": 9, "manager": 14, "chef": 6, "viewer": 5}[role]
        for number in range(times):
            at = chain.ago(days=28 * (number + 1) / times, spread=0.5)
            chain.tell(at, Action.SIGNED_IN, person, person.display_name, person)
    account = db.session.get_one(Account, chain.account_id)
    for days, name, rows in ((11, "restaurants", 7), (3, "dialogs", 24)):
        told = {"list": name, "rows": rows}
        chain.tell(chain.ago(days=days), Action.EXPORTED, account, account.name, after=told)


def _invite(chain: DemoChain, plan: dict[str, Any]) -> None:
    at = chain.ago(days=1.1)
    invitation_id = chain.id_of("invitation", plan["email"])
    invitation = chain.add(
        Invitation,
        plan["email"],
        at,
        email=plan["email"],
        full_name=plan["full_name"],
        role=plan["role"],
        token_hash=secret_hash(link_secret("invitation", invitation_id)),
        invited_by_id=chain.people["owner"].id,
        expires_at=at + INVITATION_LIFETIME,
    )
    chain.tell(at, Action.INVITED, invitation, plan["email"], after={"role": plan["role"]})


def _visit(chain: DemoChain) -> None:
    started = chain.ago(days=6.2)
    ended = started + timedelta(minutes=24)
    visit = chain.add(
        SuperuserVisit,
        "first",
        started,
        user_id=chain.superuser.id,
        reason=VISIT_REASON,
        started_at=started,
        last_seen_at=ended,
        ended_at=ended,
    )
    label = chain.superuser.display_name
    for at, action in ((started, Action.VISIT_STARTED), (ended, Action.VISIT_ENDED)):
        told = {"reason": VISIT_REASON} if action is Action.VISIT_STARTED else None
        chain.tell(at, action, visit, label, chain.superuser, after=told, visit_id=visit.id)
