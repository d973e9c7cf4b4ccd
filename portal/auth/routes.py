"""Signing in and out, and the way to a person's own start page."""

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.access.guards import public, signed_in
from portal.access.redirects import safe_path
from portal.access.viewer import Viewer
from portal.auth.forms import LoginForm
from portal.auth.sessions import sign_out
from portal.auth.signing_in import sign_in
from portal.web.fragments import form_page, redirect_after_post

auth = Blueprint("auth", __name__)


@auth.get("/")
@signed_in
def home() -> Response:
    """The place where the person works."""
    return redirect(start_page(current_user))


@auth.route("/login", methods=["GET", "POST"])
@public
def login() -> Response:
    """Sign in; wrong e-mail and wrong password answer alike."""
    if current_user.is_authenticated and request.method == "GET":
        return redirect(safe_path(request.args.get("next")) or start_page(current_user))
    form = LoginForm(next=request.args.get("next", ""))
    if form.accepted():
        user = sign_in(form.email.data or "", form.password.data or "")
        if user is not None:
            return redirect_after_post(safe_path(form.next.data) or url_for("auth.home"))
        form.password.errors = [_("E-mail and password do not match.")]
    return form_page("auth/login.html", form)


@auth.post("/logout")
@signed_in
def logout() -> Response:
    """End this session at the server, not only in the browser."""
    sign_out(current_user)
    return redirect_after_post(url_for("auth.login"))


def start_page(viewer: Viewer) -> str:
    """The list of accounts for superusers, the chain's overview for members."""
    if viewer.is_superuser:
        return url_for("accounts.index")
    return f"/accounts/{viewer.home_slug}/"
