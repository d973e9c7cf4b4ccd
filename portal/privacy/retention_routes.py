"""How long a chain keeps things, for its owners."""

from flask import Blueprint, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import asks_again_if, requires
from portal.access.permissions import Permission
from portal.audit.history import history_of
from portal.privacy.forms import RetentionForm, kept_by_itself, period
from portal.privacy.models import RetentionPolicy
from portal.privacy.queries import MAX_COUNT, aged
from portal.web.forms import is_sent
from portal.web.fragments import form_page, redirect_after_post, toast
from portal.web.listing.declaration import format_count
from portal.web.merging import hold

retention = Blueprint("retention", __name__, url_prefix="/settings/retention")


@retention.route("", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_EDIT)
@asks_again_if(is_sent)
def edit() -> Response:
    """What is kept how long, and what each choice would remove."""
    policy = RetentionPolicy.current()
    hold(policy)
    form = RetentionForm(policy)
    if form.accepted():
        policy.change(**form.chosen())
        toast(_("The settings were saved. What is older is removed in the coming nights."))
        return redirect_after_post(url_for(".edit"))
    context = {
        "aged": list(aged()),
        "format_count": format_count,
        "most": MAX_COUNT,
        "period": period,
        "fixed": kept_by_itself(),
    }
    return form_page("privacy/retention.html", form, history=history_of(policy), **context)
