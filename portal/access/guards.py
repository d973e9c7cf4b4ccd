"""The guards: every view declares who may enter, and one hook holds everybody to it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.access.redirects import path_at
from portal.access.viewer import current_account, current_viewer, grants
from portal.extensions import login_manager

# Where people are led who must set a second factor up.
FACTOR_SETUP = "protection.show"
View = TypeVar("View", bound=Callable[..., Any])


class Refusal(StrEnum):
    """What the guards refuse to somebody who is signed in."""

    PAGE = "page_refused"
    CHAIN = "chain_refused"


class VisitRequired(Forbidden):
    """A superuser stands before an account that they are not visiting."""


@dataclass(frozen=True)
class Access:
    """Who may enter a view: everybody, the signed-in, superusers, or holders of a permission."""

    public: bool = False
    superuser: bool = False
    permission: Permission | None = None


def _declare(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.access = access  # type: ignore[attr-defined]
        return view

    return mark


def requires(permission: Permission) -> Callable[[View], View]:
    """Only those who hold the permission in the account of the address."""
    return _declare(Access(permission=permission))


def public(view: View) -> View:
    """Anybody."""
    return _declare(Access(public=True))(view)


def signed_in(view: View) -> View:
    """Anybody who is signed in."""
    return _declare(Access())(view)


def superuser_only(view: View) -> View:
    """Superusers; to others the page does not exist."""
    return _declare(Access(superuser=True))(view)


def before_factor(view: View) -> View:
    """Open also to those who must set a second factor up before anything else."""
    view.before_factor = True  # type: ignore[attr-defined]
    return view


@dataclass(frozen=True)
class AskingAgain:
    """That a view asks who is there once more, unless they proved it lately in this session.

    ``when`` narrows it to some of the requests; looking (GET) is asked for only where ``on_reading``.
    """

    when: Callable[[], bool] | None = None
    on_reading: bool = False

    def applies(self) -> bool:
        """Whether the present request is one of those."""
        if request.method in ("GET", "HEAD"):
            return self.on_reading
        return self.when is None or self.when()


def asks_again(view: View) -> View:
    """Ask for the second factor, or without one the password, before what is grave (``portal.auth.confirmation``)."""
    return asks_again_if()(view)


def asks_again_if(when: Callable[[], bool] | None = None, *, on_reading: bool = False) -> Callable[[View], View]:
    """The same under conditions."""

    def mark(view: View) -> View:
        view.asks_again = AskingAgain(when, on_reading)  # type: ignore[attr-defined]
        return view

    return mark


def asking_of(app: Flask, endpoint: str) -> AskingAgain | None:
    """What the view behind an endpoint declares of asking again."""
    return getattr(app.view_functions[endpoint], "asks_again", None)


def access_of(app: Flask, endpoint: str) -> Access:
    """What the view behind an endpoint declares; ``LookupError`` where it declares nothing."""
    access = getattr(app.view_functions[endpoint], "access", None)
    if not isinstance(access, Access):
        raise LookupError(f"the view of {endpoint} does not declare its access")
    return access


def install(app: Flask) -> None:
    """Check every request against its view's declaration; ``portal/auth/signed_out_page.py`` answers strangers."""
    app.before_request(enforce)


def refuse_undeclared(app: Flask) -> None:
    """Refuse to serve while any route lacks a declaration."""
    for rule in app.url_map.iter_rules():
        access_of(app, rule.endpoint)


def enforce() -> Response | tuple[str, int, dict[str, str]] | None:
    """Let in, send to the log-in page, or answer 403 or 404."""
    if request.endpoint is None:
        return None
    access = access_of(current_app, request.endpoint)
    if access.public:
        return None
    viewer = current_viewer()
    if viewer is None:
        answer: Response | tuple[str, int, dict[str, str]] = login_manager.unauthorized()
        return answer
    if viewer.factor_due and not hasattr(current_app.view_functions[request.endpoint], "before_factor"):
        return send_to(url_for(FACTOR_SETUP))
    if access.superuser and not viewer.is_superuser:
        refuse(404, Refusal.PAGE)
    if access.permission is not None:
        _demand(access.permission)
    return None


def _demand(permission: Permission) -> None:
    if current_account() is None:
        if "visitable_account" in g:
            raise VisitRequired
        refuse(404, Refusal.CHAIN)
    if permission not in grants():
        refuse(403, Refusal.PAGE)


def refuse(status: int, refusal: Refusal) -> NoReturn:
    """Answer with the status; ``portal/attacks`` notes what was refused."""
    g.refusal = refusal
    abort(status)


def send_to(url: str) -> Response | tuple[str, int, dict[str, str]]:
    """To a page that comes first; for htmx as a header, so that no fragment holds a page."""
    return ("", 204, {"HX-Redirect": url}) if request.headers.get("HX-Request") else redirect(url, 303)


def send_to_login() -> Response | tuple[str, int, dict[str, str]]:
    """The way to the log-in page and back; for htmx as a header, so that no fragment holds a page."""
    if request.headers.get("HX-Request"):
        here = path_at(request.host, request.headers.get("HX-Current-URL"))
        return "", 401, {"HX-Redirect": url_for("auth.login", next=here)}
    wanted = request.full_path.removesuffix("?")
    return redirect(url_for("auth.login", next=wanted if wanted != "/" else None))
