"""Loading the demo data into an empty database; the caller commits."""

from portal.accounts.models import Account
from portal.auth.passwords import DEMO_PASSWORD, hash_password
from portal.db.base import db
from portal.db.types import utc_now
from portal.development.demo.bots import add_bots
from portal.development.demo.chain import FOUNDED, DemoChain
from portal.development.demo.files import plan_of
from portal.development.demo.intake import take_conversations
from portal.development.demo.people import add_access, add_people
from portal.development.demo.places import add_integration, add_restaurants
from portal.development.demo.staff import add_staff
from portal.development.demo.supply import add_supply
from portal.tenancy.scope import account_scope, system_scope
from portal.users.models import User
from portal.users.operators import create_superuser

DEMO_SLUGS = frozenset({"pelmenya", "vareniki"})
SUPERUSER = "root@getinn.example"


def load_demo() -> None:
    """Two chains with all that a chain has, and the superuser; alike at every loading, dated back from now."""
    hashed_password = hash_password(DEMO_PASSWORD)
    superuser = create_superuser(SUPERUSER, hashed_password, "Кирилл Громов")
    if superuser is None:
        raise ValueError(f"{SUPERUSER} is there already: this database is not empty")
    for slug in sorted(DEMO_SLUGS):
        load_chain(slug, hashed_password, superuser)


def load_chain(slug: str, hashed_password: str, superuser: User) -> None:
    """One chain, from the file of its name."""
    plan = plan_of(f"{slug}.json")
    chain = DemoChain(plan, superuser, utc_now())
    founded = chain.ago(days=FOUNDED)
    with system_scope("accounts"):
        db.session.add(
            Account(
                id=chain.account_id,
                name=plan["name"],
                slug=slug,
                description=plan["description"],
                created_at=founded,
                updated_at=founded,
            )
        )
    with account_scope(chain.account_id):
        restaurants = add_restaurants(chain)
        add_people(chain, hashed_password, restaurants)
        add_bots(chain)
        add_staff(chain, restaurants)
        take_conversations(chain, restaurants)
        add_supply(chain)
        add_integration(chain)
        add_access(chain)
