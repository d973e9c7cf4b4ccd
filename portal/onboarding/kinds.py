"""The few words of checklists: what days are counted from, whose a step is, how far it and the whole has come."""

from flask_babel import lazy_gettext as _l

from portal.db.types import LabelledEnum


class Anchor(LabelledEnum):
    """What a step's due day is counted from."""

    FIRST_SHIFT = "first_shift", _l("First shift")
    HIRED = "hired", _l("Hired")


class Days(LabelledEnum):
    """Which days are counted."""

    CALENDAR = "calendar", _l("Calendar days")
    WORKING = "working", _l("Working days")


class Who(LabelledEnum):
    """Whose step it is."""

    MANAGER = "manager", _l("Manager")
    CHEF = "chef", _l("Chef")
    OWNER = "owner", _l("Owner")
    PERSON = "person", _l("The new person")


class CompletedBy(LabelledEnum):
    """What completes a step."""

    HAND = "hand", _l("Somebody ticks it")
    INTAKE = "intake", _l("The answers in the chat")
    DOCUMENT = "document", _l("An accepted paper")


class OnboardingStatus(LabelledEnum):
    """How far an engagement has come."""

    IN_PROGRESS = "in_progress", _l("In progress")
    COMPLETED = "completed", _l("Done")
    TERMINATED = "terminated", _l("Ended")


class StepStatus(LabelledEnum):
    """How far a step has come."""

    PENDING = "pending", _l("To do")
    IN_PROGRESS = "in_progress", _l("Begun")
    COMPLETED = "completed", _l("Done")
    FAILED = "failed", _l("Not passed")
    NOT_NEEDED = "not_needed", _l("Not needed")

    @property
    def is_open(self) -> bool:
        """Whether something is left to do."""
        return self in OPEN_STEPS


OPEN_STEPS = (StepStatus.PENDING, StepStatus.IN_PROGRESS, StepStatus.FAILED)
