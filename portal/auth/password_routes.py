"""Pages for those who forgot their password."""

from flask import Blueprint, Response, make_response, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access.guards import public
from portal.auth.forms import ForgottenForm, NewPasswordForm
from portal.auth.mailing import mail_is_configured
from portal.auth.resetting import ask_for_reset, find_reset, redeem_reset
from portal.web.fragments import form_page, redirect_after_post, toast

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
        if redeem_reset(secret, form.password.data or "") is None:
            return dead_link()
        toast(_("Your password was changed. You are signed in here, and nowhere else."))
        return redirect_after_post(url_for("auth.home"))
    return form_page("auth/reset.html", form, email=email)


def dead_link() -> BaseResponse:
    """404: used, too old, or never made."""
    return make_response(render_template("auth/dead_reset.html"), 404)
