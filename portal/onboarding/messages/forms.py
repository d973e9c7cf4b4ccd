"""The form of what people are told through the bot."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, ValidationError

from portal.onboarding.messages.gaps import gaps_of, odd_gap
from portal.web.forms import AtMost, LongTextField, PortalForm, Required

MAX_MESSAGE = 1_000


class WritingForm(PortalForm):
    """What one person or several are told through the bot."""

    text = LongTextField(_l("Message"), [Required(), AtMost(MAX_MESSAGE)], render_kw={"rows": 4})

    def validate_text(self, field: Field) -> None:
        """Gaps that can be filled in; it is about no step."""
        odd = odd_gap(field.data or "") or ("step" if "step" in gaps_of(field.data or "") else None)
        if odd is not None:
            raise ValidationError(_("{{%(gap)s}} is nothing that can be filled in here.", gap=odd))
