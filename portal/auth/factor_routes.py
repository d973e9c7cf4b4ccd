"""The second page of the log-in, and signing in by a passkey alone."""

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.access.guards import public
from portal.access.redirects import safe_path
from portal.auth.factors.passkeys import SIGN_IN, are_possible, request_options
from portal.auth.factors.protection import Protection
from portal.auth.factors.proving import Proof
from portal.auth.factors.recovery_codes import FEW, codes_left
from portal.auth.forms import FactorForm, PasskeyForm
from portal.auth.pending import find_pending
from portal.auth.routes import BEGIN
from portal.auth.signed_out_page import go_on
from portal.auth.signing_in import sign_in_by_factor, sign_in_by_passkey
from portal.users.sessions import PendingSignIn
from portal.web.fragments import form_page, redirect_after_post, toast

factors = Blueprint("factors", __name__, url_prefix="/login")


@factors.route("/factor", methods=["GET", "POST"])
@public
def check() -> Response:
    """A code of the app, a passkey or a recovery code, once the password was right."""
    pending = find_pending()
    wanted = safe_path(request.values.get("next"))
    if pending is None:
        toast(_("That took too long. Sign in again."), tone="warn")
        return redirect_after_post(url_for("auth.login", next=wanted))
    form, protection, user_id = FactorForm(next=wanted), Protection.of(pending.user_id), pending.user_id
    kept = pending.kept_form
    options = passkey_options(pending, protection)
    if form.accepted():
        factor = sign_in_by_factor(pending, Proof(form.code.data or "", form.answer.data or ""))
        if factor is not None:
            tell_codes_left(user_id, factor)
            return go_on(user_id, wanted, kept)
        form.code.errors = [_("This is not right. A code of the app is good for half a minute, and only once.")]
        form.code.data = ""
    way = request.values.get("way", "")
    return form_page("auth/factor.html", form, protection=protection, passkey_options=options, way=way, next=wanted)


@factors.route("/passkey", methods=["GET", "POST"])
@public
def passkey() -> Response:
    """Sign in by a passkey, without e-mail and password."""
    wanted = safe_path(request.values.get("next"))
    if current_user.is_authenticated and request.method == "GET":
        return redirect(wanted or url_for("auth.home"))
    form = PasskeyForm(next=wanted)
    if BEGIN not in request.form and form.accepted():
        user = sign_in_by_passkey(form.answer.data or "")
        if user is not None:
            return go_on(user.id, wanted, form.kept.data)
        form.answer.errors = [_("This passkey does not open the portal. Try once more, or sign in with your password.")]
    options = request_options(SIGN_IN) if are_possible() else None
    return form_page("auth/passkey.html", form, passkey_options=options, next=wanted)


def passkey_options(pending: PendingSignIn, protection: Protection) -> str | None:
    """What the browser needs to use one of the person's passkeys, where they have any."""
    if not protection.passkeys or not are_possible():
        return None
    return request_options(f"factor:{pending.id}", protection.passkeys)


def tell_codes_left(user_id: UUID, factor: str) -> None:
    """Whoever used a code from paper hears how many are left."""
    if factor == "recovery":
        left = codes_left(user_id)
        told = ngettext("You have %(num)s recovery code left.", "You have %(num)s recovery codes left.", left)
        toast(told, tone="warn" if left < FEW else "good")
