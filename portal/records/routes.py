"""The pages that every kind of archivable record has alike; adding, showing and editing are each kind's own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.accounts.export import recorded_export
from portal.db.records import Archivable
from portal.records.pages import ask
from portal.tenancy.finding import chosen_rows, get_or_404
from portal.tenancy.scope import require_scope
from portal.web.costly import costly
from portal.web.fragments import list_page, redirect_to_list, toast, undo
from portal.web.listing import Listing, Page, read_page
from portal.web.navigation import section


@dataclass(frozen=True)
class RecordPages:
    """The views of one kind of archivable record: its ``listing``, and the permission to ``edit``.

    ``add`` is the permission to add and import where that is not the same as to archive.
    With ``whole_account`` only those may add one who are not limited to some restaurants; ``importable`` records have
    an import (``portal.importing``) below the list's address. A list that is more than the
    table that all share has a ``template`` of its own, which gets the ``context`` of the page. ``changed`` is told of
    the rows that were archived or restored; ``question`` is what is asked before such rows are archived. Each view of
    a list with a parent gets the parent's id (``of``) from the address, where it is named as the rows' column is.
    """

    listing: Listing
    edit: Permission
    add: Permission | None = None
    whole_account: bool = False
    importable: bool = False
    template: str = "records/index.html"
    context: Callable[[Page], Mapping[str, Any]] = lambda page: {}
    changed: Callable[[Sequence[Any]], object] = len
    question: Callable[[Sequence[Any]], str | None] = lambda _rows: None

    def index(self, **of: Any) -> str:
        """The list."""
        page = read_page(self.listing, request.args, url_for(".index", **of), *of.values())
        return list_page(page, self.template, **self._list_context(page.path, of), **self.context(page))

    def export(self, **of: Any) -> Response:
        """The list as CSV."""
        if self.listing.parent is not None:
            get_or_404(self.listing.parent.entity, *of.values())
        return recorded_export(self.listing, request.args, *of.values())

    def archive(self, **of: Any) -> Response:
        """Archive the chosen rows, except those that have a reason to stay."""
        chosen = chosen_rows(self._entity, **of)
        if not request.form.get("sure") and (question := self.question(chosen)):
            return ask(question, chosen, url_for(".index", **of))
        archived = [row for row in chosen if row.archive()]
        self.changed(archived)
        reasons = {str(row.reason_to_stay) for row in chosen if row.reason_to_stay}
        for reason in reasons:
            toast(reason, tone="warn")
        if archived or not reasons:
            toast(
                _("Moved to the archive: %(what)s.", what=self._counted(archived)),
                **undo(url_for(".restore", **of), archived, {"_method": "DELETE"}),
            )
        return redirect_to_list(url_for(".index", **of))

    def restore(self, **of: Any) -> Response:
        """Restore the chosen rows."""
        restored = [row for row in chosen_rows(self._entity, **of) if row.restore()]
        self.changed(restored)
        toast(
            _("Back from the archive: %(what)s.", what=self._counted(restored)),
            **undo(url_for(".archive", **of), restored),
        )
        return redirect_to_list(url_for(".index", **of))

    def _counted(self, rows: Sequence[Archivable]) -> str:
        assert self._entity.words.count is not None
        return self._entity.words.count.of(len(rows))

    @property
    def _entity(self) -> type[Archivable]:
        assert issubclass(self.listing.entity, Archivable)
        return self.listing.entity

    def _list_context(self, path: str, of: Mapping[str, Any]) -> dict[str, Any]:
        """What the list says to this person."""
        may_import = may(self.add or self.edit)
        may_add = may_import and not (self.whole_account and require_scope().restaurant_ids is not None)
        return {
            "may_choose": may(self.edit),
            "archive_url": (archival := url_for(".archive", **of)),
            "restore_url": archival,
            "add_url": url_for(".new", **of) if may_add else None,
            "import_url": f"{path}/imports" if self.importable and may_import else None,
            "off_label": _("Archived"),
            "off_class": "",
        }


def archivable_routes(
    blueprint: Blueprint,
    listing: Listing,
    *,
    see: Permission,
    edit: Permission,
    in_navigation: bool = True,
    **options: Any,
) -> None:
    """Give a blueprint the list, its CSV, and archiving and restoring one or several rows of the list's class.

    The list leads to ``.new``, which those may enter who may ``edit`` (or ``add``, where that is said). ``.show`` of a
    row is the list's address with the id. Without a parent the list has a place in the navigation, unless the page of
    another section leads there (``in_navigation``). ``options`` are those of ``RecordPages``.
    """
    if listing.parent is None and in_navigation:
        section(blueprint, listing.entity.words.plural, listing.icon, see)
    pages = RecordPages(listing, edit, **options)
    for rule, method, permission, view in (
        ("", "GET", see, pages.index),
        ("/export", "GET", see, costly(pages.export)),
        ("/archival", "POST", edit, pages.archive),
        ("/archival", "DELETE", edit, pages.restore),
    ):
        blueprint.add_url_rule(rule, view.__name__, requires(permission)(_plain(view)), methods=[method])


def _plain(view: Callable[..., Any]) -> Callable[..., Any]:
    """A function of its own for each blueprint: what it requires is noted on it."""

    @wraps(view)
    def answer(**of: Any) -> Any:
        return view(**of)

    return answer
