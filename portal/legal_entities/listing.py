"""The list of legal entities."""

from flask_babel import lazy_gettext as _l

from portal.iiko.sync.filters import iiko_filter
from portal.legal_entities.models import LegalEntity
from portal.web.listing import Column, record_list

e = LegalEntity.__table__.c

LEGAL_ENTITIES = record_list(
    "legal_entities",
    LegalEntity,
    [
        "name",
        Column("tax_id", nowrap=True),
        Column("registration_code", nowrap=True),
        "code",
        "is_active",
        Column("iiko_id", in_table=False),
        "updated_at",
    ],
    filters=[iiko_filter(e)],
    search_label=_l("Search by name or tax ID"),
    empty_text=_l("A legal entity owns restaurants before the law: a company or an entrepreneur."),
    icon="building",
)
