"""What a browser keeps of a person's taste: language and appearance."""

from flask import Blueprint, abort, current_app, request
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.access.guards import public
from portal.access.redirects import safe_path
from portal.db.base import db
from portal.users.models import User
from portal.web.fragments import redirect_after_post
from portal.web.language import LOCALE_COOKIE, LOCALES

language = Blueprint("language", __name__)
YEAR = 365 * 24 * 3600


def keep_choice(response: Response, cookie: str, value: str | None) -> None:
    """Keep a choice for a year, or (``None``) forget it."""
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    if value:
        response.set_cookie(cookie, value, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")
    else:
        response.delete_cookie(cookie, secure=secure, httponly=True, samesite="Lax")


@language.post("/language")
@public
def choose() -> Response:
    """Speak another language, here and, for the signed-in, everywhere."""
    wanted = request.form.get("locale", "")
    if wanted not in LOCALES:
        abort(422)
    if current_user.is_authenticated:
        db.session.get_one(User, current_user.id).locale = wanted
    response = redirect_after_post(safe_path(request.form.get("next")) or "/")
    keep_choice(response, LOCALE_COOKIE, wanted)
    return response
