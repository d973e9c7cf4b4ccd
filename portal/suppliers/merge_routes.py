"""Pages of doubles: which suppliers may be one, merging two of them, and taking that back."""

from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.suppliers.merge_page import Going, MergeForm, merged_in_words
from portal.suppliers.merging import keep_apart, merge, undo
from portal.suppliers.models import Supplier, SupplierMerge
from portal.suppliers.queries import possible_doubles
from portal.tenancy.finding import get_or_404
from portal.web.costly import costly
from portal.web.fragments import form_page, redirect_after_post, toast
from portal.web.values import uuid_or_none

supplier_merges = Blueprint("supplier_merges", __name__, url_prefix="/suppliers")
SET_UP = Permission.CATALOGUE_SET_UP


@supplier_merges.get("/doubles")
@requires(SET_UP)
@costly
def doubles() -> str:
    """The suppliers that may be one."""
    return render_template("suppliers/doubles.html", pairs=possible_doubles())


@supplier_merges.route("/<uuid:supplier_id>/merging", methods=["GET", "POST"])
@requires(SET_UP)
def begin(supplier_id: UUID) -> Response:
    """Merge a supplier into another, which the address may name (``into``)."""
    supplier = get_or_404(Supplier, supplier_id)
    form = MergeForm(supplier, into_id=uuid_or_none(request.args.get("into")))
    if form.accepted() and form.into is not None:
        made = merge(supplier, form.into)
        back = url_for(".take_back", supplier_merge_id=made.id)
        toast(merged_in_words(made), undo_url=back, undo_fields={"_method": "DELETE"})
        return redirect_after_post(url_for("account.suppliers.show", supplier_id=form.into.id))
    return form_page("suppliers/merge.html", form, supplier=supplier, going=Going.of(supplier))


@supplier_merges.delete("/mergings/<uuid:supplier_merge_id>")
@requires(SET_UP)
def take_back(supplier_merge_id: UUID) -> Response:
    """Undo a merging."""
    made = get_or_404(SupplierMerge, supplier_merge_id)
    undo(made)
    toast(_("%(name)s is a supplier of its own again.", name=made.supplier.name))
    return redirect_after_post(url_for("account.suppliers.show", supplier_id=made.supplier_id))


@supplier_merges.post("/<uuid:supplier_id>/distinctions")
@requires(SET_UP)
def tell_apart(supplier_id: UUID) -> Response:
    """Two that look alike are two."""
    supplier = get_or_404(Supplier, supplier_id)
    other = get_or_404(Supplier, uuid_or_none(request.form.get("other_id")) or abort(404))
    keep_apart(supplier, other)
    toast(_("%(one)s and %(other)s stay two suppliers.", one=supplier.name, other=other.name))
    return redirect_after_post(url_for(".doubles"))
