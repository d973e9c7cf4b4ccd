"""Why a row of a plan is as it is, and why a kind is held: words for people, filled in from the row's details."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.db.types import LabelledEnum
from portal.iiko.client.rows import explain_fault


class Reason(LabelledEnum):
    """Why a row is left out, needs a person, or could not be read; ``%(…)s`` stands in the action's details."""

    # Left out.
    TYPE = "type", _l("“%(type)s” of iiko is not taken.")
    UNTYPED = "untyped", _l("iiko does not say what it is.")
    NO_DEPARTMENT = "no_department", _l("No restaurant stands above it in iiko. Say which one it belongs to.")
    REFUSED = "refused", _l("Somebody said that it is none of ours.")
    NOT_THERE = "not_there", _l("“%(name)s” that it belongs to is not linked yet.")
    DELETED = "deleted", _l("It is deleted in iiko.")
    SAME_NAME = "same_name", _l("iiko has it twice; “%(name)s” stands for both.")
    INTERNAL = "internal", _l("It is a store of the chain itself, and no supplier.")
    TRANSFER = "transfer", _l("Moved within the chain, not bought.")
    NO_UNIT = "no_unit", _l("iiko does not say what it is counted in.")
    NO_SUPPLIER = "no_supplier", _l("It names no supplier yet.")
    NO_STORE = "no_store", _l("It names no store yet.")
    NO_LINES = "no_lines", _l("It has no lines yet.")
    # A person decides.
    ALIKE = "alike", _l("Looks like one of ours: link them, or make a new one.")
    SEVERAL_ALIKE = "several_alike", _l("Several of ours look like it: link one of them, or make a new one.")
    TWO_FOR_ONE = "two_for_one", _l("Two rows of iiko look like the same one of ours.")
    TWO_OF_OURS = "two_of_ours", _l("Two of ours hold this id of iiko.")
    OTHER_SERVER = "other_server", _l("It is linked through another server already.")
    PINNED = "pinned", _l("“%(field)s” is kept as it was typed here, and iiko says otherwise now.")
    IN_USE = "in_use", _l("It is in use where it stands, and iiko moved it.")
    TAKEN = "taken", _l("Another one has “%(value)s” already. Change one of them, here or in iiko.")
    SETTLED = "settled", _l("It is paid or matched with a statement here, and iiko changed it.")
    COUNTED = (
        "counted",
        _l("iiko counts it in another unit now, and it has a history in ours. Make a new product in iiko instead."),
    )
    # Not readable.
    NO_ID = "no_id", _l("It has no id.")
    NO_NAME = "no_name", _l("It has no name.")
    TOO_LONG = "too_long", _l("Its name or code is longer than %(most)s characters.")
    DOUBLED = "doubled", _l("It came twice, and differently.")
    MALFORMED = "malformed", _l("A field of it cannot be read.")
    # Missing.
    GONE = "gone", _l("iiko does not name it any more. Nothing is removed here.")

    def sentence(self, details: Mapping[str, Any] | None = None) -> str:
        """What people read."""
        told = defaultdict(str, details or {})
        if self is Reason.MALFORMED and told["fault"]:
            return explain_fault(told["fault"], told["field"], told["value"])
        return str(self.label) % told


class HoldReason(LabelledEnum):
    """Why all rows of a kind wait for a person."""

    MANY_GONE = "many_gone", _l("%(gone)s of %(linked)s are gone.")
    NOTHING_CAME = "nothing_came", _l("iiko named none, and %(linked)s are linked.")
    NO_DEPARTMENTS = "no_departments", _l("iiko named no restaurant at all.")
    OTHER_CORPORATION = "other_corporation", _l("The server belongs to another company than before.")

    def sentence(self, details: Mapping[str, Any] | None = None) -> str:
        """What people read after “This looks wrong:”."""
        return str(self.label) % defaultdict(str, details or {})


class LeftOut(LabelledEnum):
    """Why an action of a plan was not applied."""

    CHANGED = "changed", _l("Changed by %(who)s at %(when)s.")
    CHANGED_BY_NOBODY = "changed_by_nobody", _l("Changed meanwhile.")
    LINKED_OTHERWISE = "linked_otherwise", _l("Linked otherwise meanwhile.")
    NOT_THERE = "not_there", _l("What it belongs to is not there.")

    def sentence(self, details: Mapping[str, Any] | None = None) -> str:
        """What people read."""
        return str(self.label) % defaultdict(str, details or {})


class KindFailure(LabelledEnum):
    """Why a kind was not tried, beside what the server answered."""

    DEPENDS = "depends", _l("%(kind)s failed.")
    DEPENDS_ON_HELD = "depends_on_held", _l("%(kind)s wait for a person.")
    BROKE = "broke", _l("Could not be written; nothing of it was.")
    NO_ROOM = "no_room", _l("No room for more")
    # A run as a whole.
    INTERRUPTED = "interrupted", _l("It was interrupted several times. Begin a new one.")
    FAULTY = "faulty", _l("The portal itself failed at it. The developers are told.")

    def sentence(self, details: Mapping[str, Any] | None = None) -> str:
        """What people read; what was said when there was no room."""
        told = defaultdict(str, details or {})
        return told["text"] or str(self.label) % told
