"""Who may help whom to get in again."""

from portal.access.permissions import Role
from portal.access.viewer import current_viewer, current_visit
from portal.users.models import User


def may_show_link(person: User) -> bool:
    """Whether the signed-in person may see a link that sets the other's password: of an owner, their own alone."""
    viewer = current_viewer()
    return person.role != Role.OWNER or (viewer is not None and viewer.id == person.id)


def may_reset_factors(person: User, owners: int) -> bool:
    """Whether the signed-in person may reset the other's second factors.

    An owner may, but for their own, which are switched off in the profile; a support visit for the only owner of a
    chain (``owners`` are the active ones), whom nobody else could help.
    """
    viewer = current_viewer()
    if viewer is None or person.second_factor_since is None or viewer.id == person.id:
        return False
    if current_visit() is None:
        return True
    return person.role == Role.OWNER and person.is_active and owners == 1
