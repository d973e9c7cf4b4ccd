"""Forms of how long things are kept, and of erasing a guest."""

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import BooleanField, SelectField, ValidationError

from portal.importing.models import KEPT_FOR as IMPORTS_KEPT
from portal.messaging.receiving.jobs import DAYS_KEPT
from portal.notices.jobs import KEPT as NOTICES_KEPT
from portal.privacy.employee import ErasureReason
from portal.privacy.expiry import EVENT_MONTHS, INVITATION_MONTHS, UNDELIVERED_KEPT, VISIT_MONTHS
from portal.privacy.models import MIN_LOG_MONTHS, STAFF_KEPT, RetentionPolicy
from portal.privacy.queries import PERIODS
from portal.users.sessions import SESSION_LIMITS
from portal.web.forms import PortalForm, Required, TextField, options

FOR_EVER = "ever"


def period(months: int) -> str:
    """So many months in words."""
    if months % 12 == 0:
        return ngettext("%(num)s year", "%(num)s years", months // 12)
    return ngettext("%(num)s month", "%(num)s months", months)


def kept_by_itself() -> list[tuple[str, str]]:
    """What the portal decides, with how long it is kept."""
    return [
        (_("Deliveries of messengers, once handled"), _days(DAYS_KEPT)),
        (_("Deliveries that could not be handled"), _days(UNDELIVERED_KEPT.days)),
        (_("Events of bots on messengers"), period(EVENT_MONTHS)),
        (_("Notices that are over"), _days(NOTICES_KEPT.days)),
        (_("Invitations that ended"), period(INVITATION_MONTHS)),
        (_("Support visits that ended"), period(VISIT_MONTHS)),
        (_("Imports, with the rows as they were read"), _days(IMPORTS_KEPT.days)),
        (_("Sessions that nobody uses"), _days(SESSION_LIMITS.idle.days)),
    ]


def _days(count: int) -> str:
    return ngettext("%(num)s day", "%(num)s days", count)


class PeriodField(SelectField):
    """Months out of the usual ones, or for ever; ``least`` leaves shorter ones out."""

    def __init__(self, label: Any, *, least: int = 0, **settings: Any) -> None:
        super().__init__(label, validators=[Required()], **settings)
        self.least = least
        self.offered: set[str] = set()

    def offer(self, kept: int | None) -> None:
        """Offer the usual periods, and the one in force where it is another."""
        months = sorted({each for each in (*PERIODS, kept) if each is not None and each >= self.least})
        self.choices = [(FOR_EVER, _("For ever")), *((str(each), period(each)) for each in months)]
        self.offered = {FOR_EVER, *map(str, months)}

    @property
    def is_offered(self) -> bool:
        """Whether what was chosen is one of the periods."""
        return self.data in self.offered

    @property
    def kept(self) -> int | None:
        """For how many months; ``None`` for ever."""
        return int(self.data) if self.data != FOR_EVER else None


class TermField(SelectField):
    """Days or months out of the usual ones; never for ever."""

    def __init__(self, label: Any, offered: Sequence[int], words: Callable[[int], str], **settings: Any) -> None:
        super().__init__(label, validators=[Required()], **settings)
        self.usual, self.words = offered, words
        self.offered: set[str] = set()

    def offer(self, kept: int) -> None:
        """Offer the usual terms, and the one in force where it is another."""
        terms = sorted({*self.usual, kept})
        self.choices, self.offered = [(str(each), self.words(each)) for each in terms], set(map(str, terms))

    @property
    def is_offered(self) -> bool:
        """Whether what was chosen is one of the terms."""
        return self.data in self.offered

    @property
    def kept(self) -> int:
        """For how many days or months: in the column's own unit."""
        return int(self.data)


# Sixty months are the most; a term of days is told in years where it is some.
DAYS = (7, 14, 30, 60, 90, 180, 365, 730, 1095, 1826)


def term(days: int) -> str:
    """So many days in words."""
    years, left = divmod(days, 365)
    return period(years * 12) if years and left <= years // 4 else _days(days)


class RetentionForm(PortalForm):
    """How long an account keeps what it may decide about."""

    conversation_months = PeriodField(_l("Conversations: messages, answers and files"))
    file_months = PeriodField(_l("Files that guests sent"))
    log_months = PeriodField(_l("Audit log"), least=MIN_LOG_MONTHS)
    unconfirmed_days = TermField(_l("Conversations that never confirmed"), DAYS, term)
    candidate_days = TermField(_l("Candidates who were not hired"), DAYS, term)
    left_months = TermField(_l("Employees who left"), (1, 3, 6, 12, 24, 36, 48, 60), period)
    paper_photo_days = TermField(_l("Photos of papers, once they were checked"), DAYS, term)
    is_sure = BooleanField(_l("What is older may be removed for good"))

    def __init__(self, policy: RetentionPolicy) -> None:
        own = ("conversation_months", "file_months", "log_months")
        kept = {name: getattr(policy, name) for name in (*own, *STAFF_KEPT)}
        super().__init__(data={name: FOR_EVER if months is None else str(months) for name, months in kept.items()})
        self.policy = self.row = policy
        for name, months in kept.items():
            self[name].offer(months)

    def chosen(self) -> dict[str, int | None]:
        """Months and days by column."""
        return {field.name: field.kept for field in self if isinstance(field, (PeriodField, TermField))}

    def validate_is_sure(self, field: BooleanField) -> None:
        """Shortening removes something: it is said once more."""
        known = all(each.is_offered for each in self if isinstance(each, (PeriodField, TermField)))
        if known and not field.data and self.policy.shortens(**self.chosen()):
            raise ValidationError(_("Keeping things for a shorter time removes what is older. Say that this is meant."))


class ErasureForm(PortalForm):
    """Erasing a guest, meant as said: the chat's id is typed."""

    chat = TextField(_l("Chat"), [Required()])

    def __init__(self, chat_id: str, **given: Any) -> None:
        super().__init__(**given)
        self.chat_id = chat_id

    def validate_chat(self, field: TextField) -> None:
        """The very id that the page shows."""
        if field.data != self.chat_id:
            raise ValidationError(_("This is not the chat that the page shows. Nothing was erased."))


class EmployeeErasureForm(PortalForm):
    """Erasing an employee, meant as said: the name is typed."""

    why = SelectField(_l("Why"), validators=[Required(_l("Say why."))])
    name = TextField(_l("Name of the person"), [Required()])

    def __init__(self, name: str, **given: Any) -> None:
        super().__init__(**given)
        self.expected = name
        asked = [each for each in ErasureReason.choices() if each[0] != ErasureReason.TERM]
        self.why.choices = options([("", _("Choose…")), *asked])

    def validate_name(self, field: TextField) -> None:
        """The very name that the page shows."""
        if " ".join((field.data or "").split()).casefold() != " ".join(self.expected.split()).casefold():
            raise ValidationError(_("This is not the name that the page shows. Nothing was erased."))
