"""A person's own pages: profile, password, sessions."""

from uuid import UUID

from flask import Blueprint, abort, current_app, g, request, url_for
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.access.guards import asks_again, public, signed_in
from portal.access.redirects import safe_path
from portal.access.viewer import CurrentAccount
from portal.accounts.models import Account
from portal.auth.forms import ChangePasswordForm, ProfileForm
from portal.auth.password_changes import change_password
from portal.auth.sessions import browser_name, end_other_sessions, sessions_of
from portal.db.base import db
from portal.tenancy.finding import get_or_404
from portal.users.models import User
from portal.users.sessions import UserSession
from portal.web.cookies import cookie_name
from portal.web.fragments import answer_change, form_page, redirect_after_post, toast
from portal.web.language import LOCALE_COOKIE, LOCALES, THEME_COOKIE, choose_locale, choose_theme

language = Blueprint("language", __name__)
YEAR = 365 * 24 * 3600


def keep_choice(response: Response, cookie: str, value: str | None) -> None:
    """Keep a choice for a year, or (``None``) forget it."""
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    name = cookie_name(cookie)
    if value:
        response.set_cookie(name, value, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")
    else:
        response.delete_cookie(name, secure=secure, httponly=True, samesite="Lax")


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


profile = Blueprint("profile", __name__, url_prefix="/profile")


@profile.before_request
def stand_in_own_chain() -> None:
    """Members keep their chain's navigation beside their own pages."""
    if request.method != "DELETE" and not current_user.is_superuser:
        account = db.session.get_one(Account, current_user.home_id)
        g.account = CurrentAccount(account.id, account.slug, account.name)


@profile.route("", methods=["GET", "POST"])
@signed_in
def show() -> Response:
    """Name, language, time zone and appearance; and the sessions."""
    user = db.session.get_one(User, current_user.id)
    form = ProfileForm(obj=user, theme=choose_theme())
    if form.accepted():
        values = form.values()
        theme = values.pop("theme")
        user.introduce(**values)
        with force_locale(user.locale or choose_locale()):
            toast(_("Your profile was saved."))
        response = redirect_after_post(url_for(".show"))
        keep_choice(response, LOCALE_COOKIE, user.locale)
        keep_choice(response, THEME_COOKIE, theme)
        return response
    return form_page("profile/show.html", form, **shown_sessions())


@profile.route("/password", methods=["GET", "POST"])
@signed_in
def password() -> Response:
    """Change the password; the other sessions end."""
    form = ChangePasswordForm(current_user.email, current_user.full_name)
    if form.accepted():
        if change_password(current_user, form.current.data or "", form.password.data or ""):
            toast(_("Your password was changed. All other devices are signed out."))
            return redirect_after_post(url_for(".show"))
        form.current.errors = [_("This is not your current password.")]
    return form_page("profile/password.html", form)


@profile.delete("/sessions/<uuid:session_id>")
@signed_in
@asks_again
def end_session(session_id: UUID) -> Response | str:
    """Sign one device out."""
    session = get_or_404(UserSession, session_id)
    if session.user_id != current_user.id:
        abort(404)
    session.end()
    toast(_("%(browser)s was signed out.", browser=browser_name(session.user_agent)))
    return answer_change(url_for(".show"), "profile/_sessions.html", **shown_sessions())


@profile.delete("/sessions")
@signed_in
@asks_again
def end_others() -> Response | str:
    """Sign all other devices out."""
    count = end_other_sessions(current_user)
    toast(ngettext("%(num)s device was signed out.", "%(num)s devices were signed out.", count))
    return answer_change(url_for(".show"), "profile/_sessions.html", **shown_sessions())


def shown_sessions() -> dict[str, object]:
    """What the list of sessions shows."""
    return {
        "sessions": sessions_of(current_user),
        "present_id": current_user.session_id,
        "browser_name": browser_name,
    }
