"""Signing in and out, and the way to a person's own start page."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from portal.access.guards import before_factor, public, signed_in
from portal.access.redirects import safe_path
from portal.access.viewer import Viewer
from portal.attacks.models import AttackKind
from portal.attacks.noting import note_attack
from portal.auth.forms import ForgottenForm, LoginForm, NewPasswordForm
from portal.auth.mailing import mail_is_configured
from portal.auth.password_changes import ask_for_reset, find_reset, redeem_reset
from portal.auth.sessions import sign_out
from portal.auth.signed_out_page import go_on
from portal.auth.signing_in import SignIn, sign_in
from portal.web.fragments import form_page, redirect_after_post, toast

auth = Blueprint("auth", __name__)
# What the buttons between the ways of signing in send beside a form that waits: a page, no attempt.
BEGIN = "_begin"


@auth.get("/")
@signed_in
def home() -> BaseResponse:
    """The place where the person works."""
    return redirect(start_page(current_user))


@auth.route("/login", methods=["GET", "POST"])
@public
def login() -> BaseResponse:
    """Sign in; wrong e-mail and wrong password answer alike."""
    if current_user.is_authenticated and request.method == "GET":
        return redirect(safe_path(request.args.get("next")) or start_page(current_user))
    form = LoginForm(next=request.args.get("next", ""))
    if BEGIN not in request.form and form.accepted():
        kept = form.kept.data or None
        found = sign_in(form.email.data or "", form.password.data or "", kept)
        if found is not None:
            return after_password(found, safe_path(form.next.data), kept)
        form.password.errors = [_("E-mail and password do not match.")]
    return form_page("auth/login.html", form)


@auth.post("/logout")
@signed_in
@before_factor
def logout() -> BaseResponse:
    """End this session at the server, not only in the browser."""
    sign_out(current_user)
    return redirect_after_post(url_for("auth.login"))


def after_password(found: SignIn, wanted: str | None = None, kept: str | None = None) -> BaseResponse:
    """On to the page that was wanted or the form that waits, or first to the second factor."""
    if found.is_complete:
        return go_on(found.user.id, wanted, kept)
    return redirect_after_post(url_for("factors.check", next=wanted))


def start_page(viewer: Viewer) -> str:
    """The list of accounts for superusers, the chain's overview for members."""
    if viewer.is_superuser:
        return url_for("accounts.index")
    return f"/accounts/{viewer.home_slug}/"


passwords = Blueprint("passwords", __name__, url_prefix="/password")


@passwords.after_request
def keep_address_secret(response: Response) -> Response:
    """The address is a secret: no other page is told of it."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@passwords.route("", methods=["GET", "POST"])
@public
def forgot() -> BaseResponse:
    """Ask for a link; known and unknown e-mails answer alike."""
    form = ForgottenForm()
    if not mail_is_configured():
        return make_response(render_template("auth/forgotten_without_mail.html"))
    if form.accepted():
        ask_for_reset(form.email.data or "")
        return make_response(render_template("auth/forgotten_sent.html", email=form.email.data))
    return form_page("auth/forgotten.html", form)


@passwords.route("/<secret:secret>", methods=["GET", "POST"])
@public
def reset(secret: str) -> BaseResponse:
    """Set a new password by a link. Looking at it changes nothing."""
    offer = find_reset(secret)
    if offer is None:
        return dead_link()
    email = offer.user.email
    form = NewPasswordForm(email, offer.user.full_name)
    if form.accepted():
        found = redeem_reset(secret, form.password.data or "")
        if found is None:
            return dead_link()
        if found.is_complete:
            toast(_("Your password was changed. You are signed in here, and nowhere else."))
        else:
            toast(_("Your password was changed. One more step signs you in."))
        return after_password(found)
    return form_page("auth/reset.html", form, email=email)


def dead_link() -> BaseResponse:
    """404: used, too old, or never made."""
    note_attack(AttackKind.LINK_REFUSED)
    return make_response(render_template("auth/dead_reset.html"), 404)
