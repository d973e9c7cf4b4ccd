import pytest
from sqlalchemy import delete, func, select, update

from migrations.staff_seeds import seed_chain
from portal.accounts.creation import open_account
from portal.accounts.models import Account
from portal.db.base import db
from portal.onboarding.seeds import NAMES, seed_default_template
from portal.onboarding.templates import OnboardingTemplate, OnboardingTemplateStep
from portal.staff.chain import chain_language
from portal.staff.papers.models import DocumentReminder, DocumentType, StaffDocument
from portal.users.models import User

KIND = ("code", "name", "months_valid", "months_at_most", "remind_days", "for_kitchen", "for_citizenship", "is_health")


def emptied():
    """Without any kind of paper or template."""
    for entity in (DocumentReminder, StaffDocument, OnboardingTemplateStep, OnboardingTemplate, DocumentType):
        db.session.execute(delete(entity))


def told():
    """The seeds as they stand."""
    template = db.session.scalars(select(OnboardingTemplate)).one()
    kinds = {kind.id: kind for kind in db.session.scalars(select(DocumentType))}
    steps = [
        {name: getattr(step, name) for name in ("position", *step.__filled__) if name != "document_type_id"}
        | {"kind": kinds[step.document_type_id].code if step.document_type_id else None}
        for step in template.steps
    ]
    return template.name, steps, sorted([getattr(kind, name) for name in KIND] for kind in kinds.values())


@pytest.mark.parametrize("language", ["ru", "en"])
def test_chains_that_stand_begin_with_what_new_ones_do(chain, language):
    db.session.execute(update(User).values(locale=language))
    emptied()
    seed_default_template()
    fresh = told()
    emptied()
    db.session.expire_all()
    seed_chain(db.session.connection(), chain.account_id, language)
    assert told() == fresh
    assert fresh[0] == NAMES[language]
    assert [step["kind"] for step in fresh[1]] == [None, None, "medical_exam", None, None, None]


def test_seeding_twice_makes_nothing_twice(chain):
    seed_default_template()
    before = told()
    seed_default_template()
    seed_chain(db.session.connection(), chain.account_id, "en")
    assert told() == before


def test_the_language_is_the_owners_and_else_what_the_currency_suggests(chain):
    db.session.execute(update(User).values(locale=None))
    assert chain_language() == "ru"
    Account.current().currency = "EUR"
    assert chain_language() == "en"
    db.session.execute(update(User).where(User.role == "owner").values(locale="ru"))
    assert chain_language() == "ru"


def test_a_new_chain_begins_with_the_usual_checklist(app, world):
    with app.app_context(), app.test_request_context():
        open_account("New", "new-chain", None, "owner@new.example", None)
        assert db.session.scalar(select(func.count()).select_from(OnboardingTemplate)) == 1
        assert db.session.scalars(select(OnboardingTemplate)).one().is_default
        db.session.rollback()
