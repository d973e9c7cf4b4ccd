"""Who asks, and whose rows they must neither see nor change."""

from dataclasses import dataclass

from portal.access.guards import Access
from portal.access.permissions import ROLE_GRANTS, VISITOR_GRANTS, Role
from tests.world import Chain, Person, World

# Stands for ids, slugs and words that exist nowhere; as long as those of the real chains.
ABSENT = Chain("absentee", "zqabsentee", "0ab5e177")


@dataclass(frozen=True)
class Actor:
    """Somebody at a browser. ``home`` is the chain whose addresses they ask for as if it were theirs."""

    name: str
    home: Chain
    hidden: tuple[Chain, ...]
    person: Person | None = None
    visiting: Chain | None = None

    def __str__(self) -> str:
        return self.name

    @property
    def is_superuser(self) -> bool:
        """Whether the person is nobody's member."""
        return self.person is not None and self.person.chain is None

    @property
    def foreign(self) -> tuple[Chain, ...]:
        """The chains whose ids are held against absent ones."""
        # To those who are let in nowhere, one chain is as foreign as the other.
        return (self.home,) if self.home in self.hidden else self.hidden

    def may_enter(self, access: Access) -> bool:
        """Whether the guards let them in at home, as the table of roles has it."""
        if access.public or self.person is None:
            return access.public
        if self.is_superuser:
            granted = VISITOR_GRANTS if self.visiting else frozenset()
        else:
            granted = ROLE_GRANTS[Role(self.person.role)]
        is_known = self.home not in self.hidden or self.is_superuser
        return is_known and (self.is_superuser or not access.superuser) and access.permission in {None, *granted}

    @property
    def is_thorough(self) -> bool:
        """Whether every query key is tried alone; the owner gets the farthest."""
        return self.name == "owner"


def actors(world: World) -> list[Actor]:
    """Everybody whom the sweep sends out."""
    one, other = world.pelmenya, world.vareniki
    return [
        Actor("nobody", one, (one, other)),
        Actor("owner", one, (other,), one.owner),
        Actor("manager", one, (other,), one.manager),
        Actor("assigned manager", one, (other,), one.assigned_manager),
        Actor("chef", one, (other,), one.chef),
        Actor("viewer", one, (other,), one.viewer),
        Actor("owner of the other chain", other, (one,), other.owner),
        Actor("deactivated member", one, (one, other), one.deactivated),
        Actor("superuser outside a visit", one, (one, other), world.superuser),
        Actor("superuser visiting the other chain", other, (one,), world.superuser, visiting=other),
    ]
