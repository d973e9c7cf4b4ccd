"""The page that asks who is there once more, for requests that cannot wait in a form."""

from flask import Blueprint, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.access.guards import before_factor, signed_in
from portal.access.redirects import safe_path
from portal.auth.confirmation import is_proved, page
from portal.web.fragments import redirect_after_post

confirmation = Blueprint("confirmation", __name__, url_prefix="/profile/confirmation")


@confirmation.route("", methods=["GET", "POST"])
@signed_in
@before_factor
def show() -> Response:
    """Prove that it is still you, and go back to where you were."""
    wanted = safe_path(request.values.get("next")) or url_for("profile.show")
    if request.method == "POST" and is_proved(current_user):
        return redirect_after_post(wanted)
    return page(wanted)
