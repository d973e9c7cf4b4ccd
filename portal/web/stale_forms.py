"""Forms that come without a proof that is good: shown again with all that was typed, and nothing is saved."""

from flask import Flask, current_app, g, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from portal.access.viewer import current_viewer
from portal.attacks.models import AttackKind
from portal.attacks.noting import note_attack
from portal.extensions import csrf
from portal.web import proofs
from portal.web.error_pages import show
from portal.web.fragments import nearest_page, redirect_back, toast, wants_fragment
from portal.web.sent_form import LOST, REVIEW, SentForm

PRESS_ONCE_MORE = _l("Nothing was changed: this page is older than your present session. Press once more.")


def install(app: Flask) -> None:
    """Ask every form for its proof, after the guards; hand parts of pages a new one."""
    proofs.install()
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.jinja_env.globals[proofs.FIELD] = proofs.proof
    app.before_request(check)
    app.after_request(hand_out_proof)


def check() -> Response | None:
    """Let a request through whose proof is good; any other may at most look.

    Exempt are views without forms, and those whose blueprint asks by itself once it knows how much it may read.
    """
    return demand_proof(but_exempt=True)


def demand_proof(*, but_exempt: bool = False) -> Response | None:
    """What ``check`` does, for the views that are exempt of it."""
    try:
        csrf.protect(apply_exemptions=but_exempt)
    except CSRFError:
        return answer_without_proof()
    if g.get("csrf_valid") and REVIEW in request.form:
        told = _("You are signed in again, and nothing was saved yet. What you typed is here. Look at it and send it.")
        proofs.begin_review(_with_loss(told, request.form[REVIEW] == LOST))
    return None


def answer_without_proof() -> Response | None:
    """Have the view show the form again, where it has one; nothing that another site sent, or that others typed."""
    note_attack(AttackKind.FORM_REFUSED)
    viewer, value = current_viewer(), proofs.sent_value()
    is_others = viewer is not None and proofs.has_owner(value) and not proofs.is_of(value, viewer.id)
    if is_others or not proofs.is_from_own_page():
        return show(400, _("This form is out of date"), _("Nothing was saved. Open the page anew and send it again."))
    if not has_form():
        return _ask_to_repeat()
    told = _(
        "Nothing was saved yet: the page had become out of date, as happens after signing out and in again. "
        "What you typed is here. Look at it and send it once more."
    )
    proofs.begin_review(_with_loss(told, proofs.has_lost_secrets()))
    return None


def has_form() -> bool:
    """Whether the view shows a form that it does not accept: it answers GET as well, or says so."""
    methods = {method for rule in current_app.url_map.iter_rules(request.endpoint) for method in rule.methods or ()}
    return {"GET", "POST"} <= methods or hasattr(current_app.view_functions[request.endpoint or ""], "shows_form")


def _ask_to_repeat() -> Response:
    """Nothing is done before the button is pressed once more; what was chosen with it is kept."""
    g.asks_to_repeat = True
    if wants_fragment():
        return show(400, _("This page is out of date"), PRESS_ONCE_MORE)
    if (sent := SentForm.now()).fields:
        return make_response(render_template("errors/send_again.html", sent=sent, back=nearest_page()), 400)
    toast(str(PRESS_ONCE_MORE), tone="warn")
    return redirect_back(nearest_page())


def hand_out_proof(response: Response) -> Response:
    """With a part of a page the page's other forms get the proof that is good now (``static/js/portal.js``)."""
    if (proofs.is_review() or "asks_to_repeat" in g) and wants_fragment():
        response.headers["Form-Proof"] = proofs.proof()
    return response


def _with_loss(told: str, has_lost: bool) -> str:
    return told + " " + _("Passwords and files are not kept: give them once more.") if has_lost else told
