"""The kinds of papers that a chain begins with. They are defaults, which its own lawyer has to look at: laws change."""

from dataclasses import dataclass

from flask_babel import LazyString, force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from portal.audit.recording import record_creation
from portal.db.base import db
from portal.staff.papers.models import DocumentType
from portal.tenancy.scope import require_scope
from portal.web.language import choose_locale

MEDICAL_EXAM = "medical_exam"


@dataclass(frozen=True, slots=True)
class Seed:
    """A kind as it is proposed; ``remind_days`` are counted back from the last valid day."""

    code: str
    name: LazyString
    remind_days: tuple[int, ...] = (30, 14, 7)
    months_valid: int | None = None
    months_at_most: int | None = None
    for_kitchen: bool = False
    for_citizenship: tuple[str, ...] = ()
    is_health: bool = False


# Whoever needs a patent is told by the country: of the CIS as a whole nothing follows.
NEED_PATENT = ("uz", "tj", "az", "md")
SEEDS = (
    Seed(MEDICAL_EXAM, _l("Medical book, examination"), (30, 14, 7, 1), 12, for_kitchen=True, is_health=True),
    Seed("hygiene_training", _l("Hygiene training, attestation"), (30, 14), 12, for_kitchen=True),
    # Paid month by month: a reminder a month before would always be on.
    Seed("work_patent", _l("Work patent (paid until)"), (10, 5, 3, 1), None, 12, for_citizenship=NEED_PATENT),
    Seed("migration_registration", _l("Migration registration")),
    Seed("migration_card", _l("Migration card")),
    Seed("foreign_passport", _l("Foreign passport")),
    Seed("residence_permit", _l("Residence permit")),
    Seed("fixed_term_contract", _l("Fixed-term contract")),
    Seed("id_check", _l("Identity document checked")),
)


def seed_document_types(language: str | None = None, *, is_told: bool = False) -> dict[str, DocumentType]:
    """Give the account in scope the kinds that it lacks, in a language or that of the moment; all its kinds by code.

    What people have changed or archived stays as it is; two at once make one of each. With ``is_told`` each that was
    added has its line in the log: what a chain begins with is nobody's deed.
    """
    with force_locale(language or choose_locale()):
        added = _add_missing()
    kinds = {each.code: each for each in db.session.scalars(select(DocumentType))}
    for code in added if is_told else ():
        record_creation(kinds[code])
    return kinds


def _add_missing() -> list[str]:
    """The codes of those that were added."""
    added: list[str] = []
    account_id = require_scope().account_id
    known = set(db.session.scalars(select(func.lower(DocumentType.code))))
    for seed in SEEDS:
        if seed.code in known:
            continue
        values = {
            "code": seed.code,
            "name": str(seed.name),
            "months_valid": seed.months_valid,
            "months_at_most": seed.months_at_most,
            "remind_days": list(seed.remind_days),
            "for_kitchen": seed.for_kitchen,
            "for_citizenship": list(seed.for_citizenship),
            "is_health": seed.is_health,
        }
        new = insert(DocumentType).values(account_id=account_id, **values).on_conflict_do_nothing()
        added += db.session.scalars(new.returning(DocumentType.code))
    return added
