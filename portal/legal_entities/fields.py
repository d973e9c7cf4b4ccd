"""The choice of a legal entity, in the form of what belongs to one."""

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import or_, select
from wtforms import SelectField
from wtforms.validators import Optional

from portal.db.base import db
from portal.legal_entities.models import LegalEntity
from portal.web.attributes import LongSelect
from portal.web.forms import options
from portal.web.values import uuid_or_none


class LegalEntityField(SelectField):
    """One of the chain's legal entities, or none; an archived one only where it is chosen already."""

    widget = LongSelect()

    def __init__(self, label: Any, validators: Any = None, **settings: Any) -> None:
        super().__init__(label, validators or [Optional()], coerce=_id_of, validate_choice=True, **settings)

    def process_data(self, value: Any) -> None:
        """What may be chosen is read with what is chosen."""
        super().process_data(value)
        query = select(LegalEntity.id, LegalEntity.name).where(or_(LegalEntity.is_active, LegalEntity.id == self.data))
        offered = db.session.execute(query.order_by(LegalEntity.name, LegalEntity.id))
        self.choices = options([("", _l("None")), *((str(entity_id), name) for entity_id, name in offered)])


def _id_of(value: Any) -> UUID | None:
    return value if isinstance(value, UUID) else uuid_or_none(value)
