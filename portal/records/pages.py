"""Answers of the pages that each kind of record writes by hand: its form, its own page, and what follows a change."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import make_response, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.access.redirects import safe_path
from portal.access.viewer import may
from portal.audit.history import history_of
from portal.db.base import Entity
from portal.db.records import Record, reference_of, type_of
from portal.db.types import UtcDateTime
from portal.db.words import Label
from portal.restaurants.fields import RestaurantField
from portal.tenancy.scope import require_scope
from portal.web.forms import PortalForm
from portal.web.fragments import form_page, redirect_after_post, toast, wants_fragment
from portal.web.language import when
from portal.web.navigation import page_base, page_of

# The button that adds a record and goes on with the next one; where somebody came from to add what was missing there.
ANOTHER, THEN = "_another", "then"


def record_form(form: PortalForm, row: Record | None = None, note: str | None = None) -> Response:
    """The page with the form of a new record, or of one that is edited; its fields one below the other.

    Where it needs a restaurant and there is none, the way to add one, and back. ``note`` is told above the fields.
    """
    assert form.entity is not None
    cancel = url_for(".index") if row is None else page_of(row.__tablename__, row.id)
    return form_page(
        "records/form.html",
        form,
        row=row,
        words=form.entity.words,
        note=note,
        cancel=cancel,
        lacks_restaurant=any(isinstance(field, RestaurantField) and field.is_empty for field in form),
        may_add_restaurant=may(Permission.RESTAURANTS_EDIT) and require_scope().restaurant_ids is None,
    )


def added(row: Record, text: str | None = None, **same: Any) -> Response:
    """After a record was added: to its page, to the form of the next one, or back to where it was missing.

    ``same`` is what the next one most likely shares with it.
    """
    toast(text or _("%(name)s was added.", name=row.display_name))
    if ANOTHER in request.form:
        return redirect_after_post(url_for(".new", **same))
    then = safe_path(request.args.get(THEN))
    if then is not None and then.startswith(url_for("account.overview.index")):
        return redirect_after_post(f"{then.partition('?')[0]}?{urlencode({f'{row.__tablename__}_id': row.id})}")
    return redirect_after_post(page_of(row.__tablename__, row.id) or url_for(".index"))


def saved(row: Record) -> Response:
    """After a record was changed: to its page."""
    toast(_("%(name)s was saved.", name=row.display_name))
    return redirect_after_post(page_of(row.__tablename__, row.id) or url_for(".index"))


def ask(question: str, rows: Sequence[Record], cancel: str) -> Response:
    """A question before the rows are archived: a page, or within a list a dialog over it."""
    is_part = wants_fragment()
    template = "records/_question.html" if is_part else "records/question.html"
    response = make_response(render_template(template, question=question, rows=rows, cancel=cancel))
    if is_part:
        response.headers.update({"HX-Retarget": "#dialog", "HX-Reswap": "innerHTML"})
    return response


def record_page(row: Record, keys: Sequence[str], edit: Permission) -> str:
    """A record's own page: the named fields, its latest changes, and for those who may ``edit`` the ways to do so."""
    told = [*(_fact(row, key) for key in keys), _fact(row, "created_at"), _fact(row, "updated_at")]
    return render_template(
        "records/show.html",
        row=row,
        words=row.words,
        facts_told=told,
        may_edit=may(edit),
        here=page_of(row.__tablename__, row.id),
        history=history_of(row),
    )


def _fact(row: Entity, key: str) -> tuple[Label, Any]:
    """A field's label and its value as people read it."""
    value, kind = getattr(row, key), type_of(type(row), key)
    label = row.words.fields[key]
    if value is None:
        return label, None
    if isinstance(value, bool):
        return label, _("yes") if value else _("no")
    if isinstance(value, list):
        return label, ", ".join(map(str, value))
    if isinstance(kind, UtcDateTime):
        return label, when(value)
    if (target := reference_of(type(row), key)) is not None:
        return label, _link(target, row, key)
    return label, kind.shown(value) if hasattr(kind, "shown") else value


def _link(target: type[Entity], row: Entity, key: str) -> Any:
    """What a referred row is called, leading to its page; it is read by the relationship beside the column."""
    referred = getattr(row, key.removesuffix("_id"))
    if referred is None:
        return None
    name = referred.display_name
    base = page_base(target.__tablename__)
    return Markup('<a href="{}{}">{}</a>').format(base, getattr(row, key), name) if base else name
