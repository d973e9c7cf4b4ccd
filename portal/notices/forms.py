"""What people want by mail."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from portal.notices.kinds import NoticeKind
from portal.web.forms import PortalForm


class MailChoiceForm(PortalForm):
    """The kinds of notices that come by mail as well."""

    kinds = SelectMultipleField(
        _l("By mail at once"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("One mail for each new notice, and none for its repetitions. In the portal you find them all."),
    )

    def __init__(self, offered: Sequence[NoticeKind], **data: Any) -> None:
        super().__init__(**data)
        self.kinds.choices = [(kind.key, kind.label) for kind in offered]
