"""Sign-in protection: a person's own pages of their second factors."""

from uuid import UUID

from flask import Blueprint, abort, make_response, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.access.guards import asks_again, asks_again_if, before_factor, signed_in
from portal.auth.factors.app_codes import app_address, grouped, qr_picture
from portal.auth.factors.models import Passkey
from portal.auth.factors.passkeys import AnswerRefused, are_possible, creation_options
from portal.auth.factors.protection import (
    Protection,
    add_passkey,
    confirm_app,
    make_codes,
    propose_app,
    proposed_secret,
    remove_passkey,
    switch_app_off,
)
from portal.auth.forms import AppForm, NewPasskeyForm
from portal.auth.profile_routes import stand_in_own_chain
from portal.db.base import db
from portal.tenancy.finding import get_or_404
from portal.users.models import User
from portal.web.forms import is_sent
from portal.web.fragments import form_page, redirect_after_post, toast

protection = Blueprint("protection", __name__, url_prefix="/profile/protection")
protection.before_request(stand_in_own_chain)


@protection.get("")
@signed_in
@before_factor
def show() -> str:
    """What is on, and what can be switched on."""
    found = Protection.of(current_user.id)
    return render_template("protection/show.html", protection=found, passkeys_are_possible=are_possible())


@protection.post("/app/proposal")
@signed_in
@before_factor
@asks_again
def propose() -> Response:
    """Make a secret for an authenticator app; it protects nothing until a code confirms it."""
    propose_app(current_user)
    return redirect_after_post(url_for(".app"))


@protection.route("/app", methods=["GET", "POST"])
@signed_in
@before_factor
@asks_again_if(is_sent, on_reading=True)
def app() -> Response:
    """Show the secret to an app, and take its first code."""
    secret = proposed_secret(current_user)
    if secret is None:
        return redirect_after_post(url_for(".show"))
    form = AppForm()
    if form.accepted():
        codes = confirm_app(current_user, form.code.data or "")
        if codes is not None:
            toast(_("The authenticator app is on."))
            return switched_on(codes)
        form.code.errors = [_("This code is not right. Wait for the next one in the app and type that.")]
        form.code.data = ""
    address = app_address(secret, current_user.email)
    shown = {"address": address, "picture": qr_picture(address), "secret": grouped(secret)}
    return form_page("protection/app.html", form, **shown)


@protection.delete("/app")
@signed_in
@before_factor
@asks_again
def remove_app() -> Response:
    """Switch the app off."""
    switch_app_off(current_user)
    toast(_("The authenticator app is off."))
    return redirect_after_post(url_for(".show"))


@protection.route("/passkeys/new", methods=["GET", "POST"])
@signed_in
@before_factor
@asks_again_if(is_sent, on_reading=True)
def new_passkey() -> Response:
    """Have the browser make a passkey."""
    if not are_possible():
        abort(404)
    form, purpose = NewPasskeyForm(), f"register:{current_user.session_id}"
    if form.accepted():
        try:
            codes = add_passkey(current_user, form.name.data or "", form.answer.data or "", purpose)
        except AnswerRefused:
            form.name.errors = [_("The passkey was not made, or this device has one already. Try once more.")]
        else:
            toast(_("%(name)s can be used to sign in.", name=form.name.data))
            return switched_on(codes)
    options = creation_options(db.session.get_one(User, current_user.id), purpose)
    return form_page("protection/passkey.html", form, passkey_options=options)


@protection.delete("/passkeys/<uuid:passkey_id>")
@signed_in
@before_factor
@asks_again
def forget_passkey(passkey_id: UUID) -> Response:
    """Remove a passkey."""
    found = get_or_404(Passkey, passkey_id)
    if found.user_id != current_user.id:
        abort(404)
    remove_passkey(current_user, found)
    toast(_("%(name)s was removed.", name=found.name))
    return redirect_after_post(url_for(".show"))


@protection.post("/recovery-codes")
@signed_in
@before_factor
@asks_again
def renew_codes() -> Response:
    """Make new recovery codes; the former ones are useless."""
    if not current_user.has_factor:
        abort(404)
    return switched_on(make_codes(current_user))


def switched_on(codes: list[str]) -> Response:
    """New recovery codes, shown once (they are kept as hashes alone); without any back to what is on."""
    if not codes:
        return redirect_after_post(url_for(".show"))
    return make_response(render_template("protection/codes.html", codes=codes))
