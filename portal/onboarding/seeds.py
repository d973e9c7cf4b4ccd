"""The checklist that a chain begins with; from then on it is the chain's own, to be edited like any other."""

from typing import Any
from uuid import uuid4

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from portal.accounts.creation import begin_with
from portal.db.base import db
from portal.onboarding.templates import OnboardingTemplate, OnboardingTemplateStep
from portal.staff.chain import chain_language
from portal.staff.papers.seeds import seed_document_types
from portal.tenancy.scope import require_scope

NAMES = {"en": "Usual checklist", "ru": "Обычный чек-лист"}
# In their order: the code, the name in each language, and what is not as usual. The kind of paper is named by its code.
STEPS: tuple[tuple[str, dict[str, str], dict[str, Any]], ...] = (
    (
        "information_collection",
        {"en": "Details from the chat", "ru": "Анкета из чата"},
        {"offset_days": -7, "completed_by": "intake"},
    ),
    ("document_verification", {"en": "Documents checked", "ru": "Проверка документов"}, {"offset_days": -3}),
    (
        "medical_book",
        {"en": "Medical book", "ru": "Медицинская книжка"},
        {"offset_days": -1, "completed_by": "document", "kind": "medical_exam"},
    ),
    ("contract_signing", {"en": "Contract signed", "ru": "Подписание договора"}, {"offset_days": 0}),
    (
        "training_completion",
        {"en": "Training finished", "ru": "Завершение обучения"},
        {"offset_days": 14, "who": "chef"},
    ),
    (
        "foreign_hire_notice",
        {"en": "Hiring of a foreign citizen reported", "ru": "Уведомление о приёме иностранного гражданина"},
        {"offset_days": 3, "anchor": "hired", "counts": "working", "for_foreigners": True},
    ),
)


def seed_default_template() -> OnboardingTemplate:
    """The chain's template for any position and restaurant, made where there is none; two at once make one."""
    account_id, language = require_scope().account_id, chain_language()
    template = insert(OnboardingTemplate).values(id=uuid4(), account_id=account_id, name=NAMES[language])
    made = db.session.scalar(
        template.on_conflict_do_nothing(
            index_elements=["account_id", "position_id", "restaurant_id"], index_where=text("is_active")
        ).returning(OnboardingTemplate.id)
    )
    if made is not None:
        kinds = seed_document_types(language)
        for position, (code, names, others) in enumerate(STEPS, start=1):
            values = {key: value for key, value in others.items() if key != "kind"}
            values["document_type_id"] = kinds[others["kind"]].id if "kind" in others else None
            step = {"template_id": made, "position": position, "code": code, "name": names[language], **values}
            db.session.add(OnboardingTemplateStep(account_id=account_id, **step))
        db.session.flush()
    query = select(OnboardingTemplate).where(
        OnboardingTemplate.is_active,
        OnboardingTemplate.position_id.is_(None),
        OnboardingTemplate.restaurant_id.is_(None),
    )
    return db.session.scalars(query).one()


begin_with(seed_default_template)
