"""The pages that every kind of archivable record has alike; adding, showing and editing are each kind's own."""

from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.accounts.export import recorded_export
from portal.db.records import Archivable
from portal.tenancy.finding import chosen_rows
from portal.tenancy.scope import require_scope
from portal.web.fragments import list_page, redirect_back, toast, undo
from portal.web.listing import Listing, read_page
from portal.web.navigation import section


def archivable_routes(
    blueprint: Blueprint, listing: Listing, *, see: Permission, edit: Permission, whole_account: bool = False
) -> None:
    """Give a blueprint the list, its CSV, and archiving and restoring one or several rows of the list's class.

    The list leads to ``.new``, which those may enter who may ``edit``; with ``whole_account`` only those among them
    who are not limited to some restaurants. ``.show`` of a row is the list's address with the id. The list has a place
    in the navigation.
    """
    section(blueprint, listing.entity.words.plural, listing.icon, see)
    pages = RecordPages(listing, edit, whole_account)
    for rule, method, guard, view in (
        ("", "GET", see, pages.index),
        ("/export", "GET", see, pages.export),
        ("/archival", "POST", edit, pages.archive),
        ("/archival", "DELETE", edit, pages.restore),
    ):
        name = view.__name__
        blueprint.add_url_rule(rule, name, requires(guard)(_plain(view)), methods=[method])


def _plain(view: Any) -> Any:
    """A function of its own for each blueprint: what it requires is noted on it."""

    def answer() -> Any:
        return view()

    answer.__doc__ = view.__doc__
    return answer


class RecordPages:
    """The views of one kind of record."""

    def __init__(self, listing: Listing, edit: Permission, whole_account: bool) -> None:
        assert issubclass(listing.entity, Archivable)
        self.listing, self.permission, self.whole_account = listing, edit, whole_account
        self.entity: type[Archivable] = listing.entity

    def index(self) -> str:
        """The list."""
        page = read_page(self.listing, request.args, url_for(".index"))
        return list_page(page, **list_context(self.permission, self.whole_account))

    def export(self) -> Response:
        """The list as CSV."""
        return recorded_export(self.listing, request.args)

    def archive(self) -> Response:
        """Archive the chosen rows."""
        archived = [row for row in chosen_rows(self.entity) if row.archive()]
        toast(
            _("Moved to the archive: %(what)s.", what=self._counted(archived)),
            **undo(url_for(".restore"), archived, {"_method": "DELETE"}),
        )
        return redirect_back(url_for(".index"))

    def restore(self) -> Response:
        """Restore the chosen rows."""
        restored = [row for row in chosen_rows(self.entity) if row.restore()]
        toast(
            _("Back from the archive: %(what)s.", what=self._counted(restored)),
            **undo(url_for(".archive"), restored),
        )
        return redirect_back(url_for(".index"))

    def _counted(self, rows: list[Archivable]) -> str:
        assert self.entity.words.count is not None
        return self.entity.words.count.of(len(rows))


def list_context(edit: Permission, whole_account: bool) -> dict[str, Any]:
    """What the shared list says to this person."""
    may_edit = may(edit)
    may_add = may_edit and not (whole_account and require_scope().restaurant_ids is not None)
    return {
        "may_choose": may_edit,
        "add_url": url_for(".new") if may_add else None,
        "off_label": _("Archived"),
        "off_class": "",
    }
