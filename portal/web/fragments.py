"""Answers: whole pages, the fragments that htmx swaps, and the toasts that come with either."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, flash, make_response, redirect, render_template
from htmx_flask import request
from jinja2 import Template
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal.access.redirects import path_at
from portal.db.base import Entity
from portal.web.forms import PortalForm
from portal.web.listing import Page
from portal.web.proofs import is_review


def toast(
    text: str,
    *,
    tone: str = "good",
    undo_url: str | None = None,
    undo_fields: Mapping[str, str] | None = None,
) -> None:
    """Say what happened, on this answer or on the next page; with a way to undo it."""
    flash(
        {"text": text, "tone": tone, "undo_url": undo_url, "undo_fields": dict(undo_fields or {})},  # type: ignore[arg-type]
        tone,
    )


def undo(url: str, changed: Sequence[Entity], fields: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What ``toast`` needs to offer the way back for those rows, and for no others; nothing where none changed."""
    ids = ",".join(row.id.hex for row in changed)
    return {"undo_url": url, "undo_fields": {**(fields or {}), "ids": ids}} if ids else {}


def wants_fragment() -> bool:
    """Whether htmx asks for a part of the page (and not for a page out of its history)."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def list_page(page: Page, template: str = "records/index.html", **context: Any) -> str:
    """A list: the whole page, or for htmx only its fragment.

    That is ``_list.html`` beside the page, or where there is none the table that all lists share.
    """
    partial = current_app.jinja_env.get_template(_partial_of(template))
    if wants_fragment():
        return fragment(partial, page=page, **context)
    # Rendered apart, not included: inside two layouts each part would pass through four generators.
    told = {"page": page, **context}
    [told["list_html"]] = map(Markup, _rendered(told, partial))
    return current_app.jinja_env.get_template(template).render(told)


@cache
def _partial_of(template: str) -> str:
    """The list's own fragment, or the one that all share. A file that is not there is looked for once a process."""
    own = f"{template.rpartition('/')[0]}/_list.html"
    return str(current_app.jinja_env.select_template([own, "records/_list.html"]).name)


def fragment(template: str | Template, **context: Any) -> str:
    """A partial, followed by the toasts that wait."""
    return "".join(_rendered(context, template, "components/_toasts.html"))


def _rendered(context: dict[str, Any], *templates: str | Template) -> list[str]:
    """Several templates, for which the context of the page is put together once."""
    current_app.update_template_context(context)
    return [current_app.jinja_env.get_template(each).render(context) for each in templates]


def form_page(template: str, form: PortalForm, **context: Any) -> Response:
    """A page with a form: 422 where what was sent was refused, and all that was typed is kept.

    409 where somebody else has changed the same meanwhile.
    Where the check of one field was asked for, that field alone.
    """
    if (field := form.checked_field) is not None:
        return make_response(render_template("components/_field.html", f=field))
    response = make_response(render_template(template, form=form, **context))
    response.status_code = 409 if form.contests else 422 if form.errors or form.doubt or is_review() else 200
    return response


def document_page(template: str, form: Any, *, rows: str, amounts: str, **context: Any) -> Response:
    """A form with lines whose rows were changed: the whole page, or for htmx the rows or only what they come to."""
    if wants_fragment():
        return make_response(fragment(amounts if form.is_recounted else rows, form=form, **context))
    return form_page(template, form, **context)


def redirect_after_post(url: str) -> Response:
    """After a change: to the page that shows it (303), or there by htmx."""
    if wants_fragment():
        return Response("", 204, {"HX-Redirect": url})
    return redirect(url, 303)


def redirect_back(fallback: str) -> Response:
    """After a change: to the page of the portal that it was made on, else to ``fallback``."""
    return redirect_after_post(_here() or fallback)


def redirect_to_list(fallback: str) -> Response:
    """After a change of rows: to the list that they were changed in, which htmx fetches and swaps by itself."""
    here = _here() or fallback
    is_of_list = urlsplit(here).path == fallback
    return redirect(here, 303) if wants_fragment() and is_of_list else redirect_after_post(here)


def _here() -> str | None:
    """The page that a change was made on; the address that a form was sent to is none."""
    here = path_at(request.host, request.headers.get("HX-Current-URL") or request.referrer)
    return None if here is None or urlsplit(here).path == request.path else here


def nearest_page() -> str:
    """The address of the request where a page answers to it, else the next one above that does."""
    pages, path = current_app.create_url_adapter(request), request.path
    while pages is not None and path.count("/") > 1 and not pages.test(path, "GET"):
        path = path.rpartition("/")[0]
    return path


def answer_change(url: str, template: str, **context: Any) -> Response | str:
    """After a change made on a page: the swapped fragment for htmx, the page itself for others."""
    return fragment(template, **context) if wants_fragment() else redirect_after_post(url)
