"""Links that sign the demo people in with one click, on a developer's machine alone."""

from flask import Blueprint, abort, current_app, redirect, url_for
from itsdangerous import Signer
from werkzeug.wrappers import Response

from portal.access.guards import public
from portal.auth.sessions import start_session
from portal.auth.signing_in import find_user
from portal.development.demo.loading import DEMO_SLUGS, SUPERUSER
from portal.tenancy.scope import enter_account

DEMO_DOMAINS = frozenset(f"{slug}.example" for slug in DEMO_SLUGS)

sign_in_links = Blueprint("sign_in_links", __name__, url_prefix="/development")


@sign_in_links.get("/sign-in/<email>/<signature>")
@public
def follow(email: str, signature: str) -> Response:
    """Sign in as the demo person whom the link names."""
    is_good = is_demo_person(email) and signer().verify_signature(email, signature)
    user = find_user(email) if is_good else None
    if user is None:
        abort(404)
    enter_account(user.account_id)
    start_session(user, has_passed_factor=True)
    return redirect(url_for("auth.home"))


def link_for(email: str) -> str:
    """The path that signs a demo person in; good for as long as the portal's key."""
    return f"{sign_in_links.url_prefix}/sign-in/{email}/{signer().get_signature(email).decode()}"


def is_demo_person(email: str) -> bool:
    """Whether it is one of the people of the demo data, whose password anybody can read."""
    return email == SUPERUSER or email.rpartition("@")[2] in DEMO_DOMAINS


def signer() -> Signer:
    """Whoever can sign such a link can read the portal's key."""
    return Signer(current_app.config["SECRET_KEY"], salt="sign-in link of development")
