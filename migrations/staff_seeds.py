"""What chains that stand begin with in the room of the staff: kinds of papers, and the usual checklist (0026)."""

import json
from typing import Any

from sqlalchemy import text

from portal.db.base import SCHEMA as S

# By code: the name in each language, the days of reminders, and what is not as usual.
KINDS: tuple[tuple[str, dict[str, str], list[int], dict[str, Any]], ...] = (
    (
        "medical_exam",
        {"en": "Medical book, examination", "ru": "Личная медкнижка, осмотр"},
        [30, 14, 7, 1],
        {"months_valid": 12, "for_kitchen": True, "is_health": True},
    ),
    (
        "hygiene_training",
        {"en": "Hygiene training, attestation", "ru": "Санминимум, аттестация"},
        [30, 14],
        {"months_valid": 12, "for_kitchen": True},
    ),
    (
        "work_patent",
        {"en": "Work patent (paid until)", "ru": "Патент (оплачен по)"},
        [10, 5, 3, 1],
        {"months_at_most": 12, "for_citizenship": ["uz", "tj", "az", "md"]},
    ),
    ("migration_registration", {"en": "Migration registration", "ru": "Миграционный учёт"}, [30, 14, 7], {}),
    ("migration_card", {"en": "Migration card", "ru": "Миграционная карта"}, [30, 14, 7], {}),
    ("foreign_passport", {"en": "Foreign passport", "ru": "Паспорт иностранного гражданина"}, [30, 14, 7], {}),
    ("residence_permit", {"en": "Residence permit", "ru": "ВНЖ или РВП"}, [30, 14, 7], {}),
    ("fixed_term_contract", {"en": "Fixed-term contract", "ru": "Срочный договор"}, [30, 14, 7], {}),
    ("id_check", {"en": "Identity document checked", "ru": "Удостоверение личности проверено"}, [30, 14, 7], {}),
)
TEMPLATE = {"en": "Usual checklist", "ru": "Обычный чек-лист"}
# By code, in their order: the name in each language, and what is not as usual.
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
    ("contract_signing", {"en": "Contract signed", "ru": "Подписание договора"}, {}),
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
SETTING = text("SELECT set_config(:name, :value, true)")
# In the language of the longest-standing owner who chose one; else what the chain reckons in tells it.
CHAINS = text(f"""
    SELECT a.id, coalesce(
        (SELECT u.locale FROM {S}."user" u WHERE u.account_id = a.id AND u.role = 'owner' AND u.is_active
            AND NOT u.is_superuser AND u.locale IS NOT NULL ORDER BY u.created_at, u.id LIMIT 1),
        CASE WHEN a.currency IN ('RUB', 'BYN', 'KZT', 'KGS') THEN 'ru' ELSE 'en' END
    ) AS language
    FROM {S}.account a WHERE NOT a.is_operator ORDER BY a.id
""")
ADD_KINDS = text(f"""
    INSERT INTO {S}.document_type (account_id, code, name, months_valid, months_at_most, remind_days, for_kitchen,
        for_citizenship, is_health)
    SELECT :account, k.code, k.name, k.months_valid, k.months_at_most, k.remind_days, coalesce(k.for_kitchen, false),
        coalesce(k.for_citizenship, '{{}}'), coalesce(k.is_health, false)
    FROM json_to_recordset(:kinds) AS k(code text, name text, months_valid smallint, months_at_most smallint,
        remind_days smallint[], for_kitchen boolean, for_citizenship text[], is_health boolean)
    ON CONFLICT DO NOTHING
""")
ADD_TEMPLATE = text(f"""
    INSERT INTO {S}.onboarding_template (account_id, name) VALUES (:account, :name) ON CONFLICT DO NOTHING RETURNING id
""")
ADD_STEPS = text(f"""
    INSERT INTO {S}.onboarding_template_step (account_id, template_id, position, code, name, anchor, offset_days, counts,
        who, completed_by, for_foreigners, document_type_id)
    SELECT :account, :template, s.position, s.code, s.name, coalesce(s.anchor, 'first_shift'),
        coalesce(s.offset_days, 0), coalesce(s.counts, 'calendar'), coalesce(s.who, 'manager'),
        coalesce(s.completed_by, 'hand'), coalesce(s.for_foreigners, false), k.id
    FROM json_to_recordset(:steps) AS s(position int, code text, name text, anchor text, offset_days int, counts text,
        who text, completed_by text, for_foreigners boolean, kind text)
        LEFT JOIN {S}.document_type k ON k.account_id = :account AND lower(k.code) = s.kind
""")


def seed_chains(op: Any) -> None:
    """Give each chain the kinds and the checklist; what is there already stays."""
    bind = op.get_bind()
    bind.execute(SETTING, {"name": "getinn.door", "value": "accounts"})
    chains = bind.execute(CHAINS).all()
    bind.execute(SETTING, {"name": "getinn.door", "value": ""})
    for chain in chains:
        bind.execute(SETTING, {"name": "getinn.account_id", "value": str(chain.id)})
        seed_chain(bind, chain.id, chain.language)
    bind.execute(SETTING, {"name": "getinn.account_id", "value": ""})


def seed_chain(bind: Any, account: Any, language: str) -> None:
    """The same for one, which is entered."""
    kinds = [
        {"code": code, "name": names[language], "remind_days": days, **others} for code, names, days, others in KINDS
    ]
    bind.execute(ADD_KINDS, {"account": account, "kinds": json.dumps(kinds)})
    template = bind.execute(ADD_TEMPLATE, {"account": account, "name": TEMPLATE[language]}).scalar()
    if template is not None:
        steps = [
            {"position": position, "code": code, "name": names[language], **others}
            for position, (code, names, others) in enumerate(STEPS, start=1)
        ]
        bind.execute(ADD_STEPS, {"account": account, "template": template, "steps": json.dumps(steps)})
