"""What people decide of single rows: which row of iiko's is which of ours, and which fields are kept as typed here."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.db.base import TenantEntity
from portal.db.states import MoveRefused
from portal.db.words import Label
from portal.iiko.decision_page import ChoicePage
from portal.iiko.kinds import KINDS
from portal.iiko.models import IikoConnection
from portal.iiko.node_page import NodePage
from portal.iiko.sync.links import accept, make_new, refuse, unlink
from portal.iiko.sync.models import IikoAction, IikoLink, IikoNode
from portal.iiko.sync.pins import release
from portal.tenancy.finding import get_or_404
from portal.web.fragments import form_page, redirect_after_post, redirect_back, redirect_to_list, toast
from portal.web.navigation import page_of
from portal.web.values import uuid_or_none

iiko_links = Blueprint("iiko_links", __name__, url_prefix="/integrations")
EDIT = Permission.INTEGRATIONS_EDIT
AS_ONE = _l("Decided. The preview shows what follows from it.")


def decided(action: IikoAction, verb: Callable[..., object], told: Label, *chosen: Any) -> Response:
    """After a decision on a row of a plan: the plan again; where it is too late, why."""
    try:
        verb(action, *chosen)
    except MoveRefused as refusal:
        toast(str(refusal.reason), tone="bad")
    else:
        toast(str(told))
    return redirect_to_list(url_for("account.iiko_runs.show", iiko_run_id=action.run_id))


@iiko_links.post("/changes/<uuid:iiko_action_id>/link")
@requires(EDIT)
def link(iiko_action_id: UUID) -> Response:
    """As iiko says: it is the proposed row of ours, or a kept field becomes iiko's again."""
    action = get_or_404(IikoAction, iiko_action_id)
    return decided(action, accept, AS_ONE, uuid_or_none(request.form.get("entity")))


@iiko_links.route("/changes/<uuid:iiko_action_id>/choice", methods=["GET", "POST"])
@requires(EDIT)
def choose(iiko_action_id: UUID) -> Response:
    """Name the row of ours that it is, whatever the two are called."""
    page = ChoicePage(iiko_action_id)
    if page.form.accepted():
        return decided(page.action, accept, AS_ONE, UUID(page.form.entity_id.data))
    return form_page("iiko/choice.html", page.form, page=page)


@iiko_links.delete("/changes/<uuid:iiko_action_id>/link")
@requires(EDIT)
def refuse_link(iiko_action_id: UUID) -> Response:
    """Not so: it is none of the proposed ones, or the field stays as it was typed here."""
    action = get_or_404(IikoAction, iiko_action_id)
    return decided(action, refuse, _("Remembered: it is not proposed again."))


@iiko_links.post("/changes/<uuid:iiko_action_id>/record")
@requires(EDIT)
def make(iiko_action_id: UUID) -> Response:
    """It is a new one, which the portal does not have yet."""
    action = get_or_404(IikoAction, iiko_action_id)
    return decided(action, make_new, _("It is added when you apply the preview."))


@iiko_links.route("/changes/<uuid:iiko_action_id>/restaurant", methods=["GET", "POST"])
@requires(EDIT)
def place(iiko_action_id: UUID) -> Response:
    """Say which restaurant a part of iiko's tree belongs to, that has none above it."""
    page = NodePage(iiko_action_id)
    if page.form.accepted():
        count = page.save()
        toast(
            ngettext(
                "Noted. %(num)s store is in the preview now.", "Noted. %(num)s stores are in the preview now.", count
            )
        )
        return redirect_after_post(url_for("account.iiko_runs.show", iiko_run_id=page.action.run_id, word="skip"))
    return form_page("iiko/place.html", page.form, page=page)


@iiko_links.delete("/nodes/<uuid:iiko_node_id>")
@requires(EDIT)
def forget_place(iiko_node_id: UUID) -> Response:
    """Take that back; stores that came by it stay."""
    node = get_or_404(IikoNode, iiko_node_id)
    connection = get_or_404(IikoConnection, node.connection_id)
    node.remove()
    toast(_("Taken back. Stores that are linked already stay as they are."))
    return redirect_after_post(url_for("account.iiko_servers.show", integration_id=connection.integration_id))


@iiko_links.delete("/links/<uuid:iiko_link_id>")
@requires(EDIT)
def remove_link(iiko_link_id: UUID) -> Response:
    """It is not that row of iiko's after all; ours stays as it is."""
    found = get_or_404(IikoLink, iiko_link_id)
    row = linked_row(found)
    unlink(found)
    toast(_("The link was taken back. %(name)s stays as it is.", name=row.display_name))
    return back_to(row)


@iiko_links.delete("/links/<uuid:iiko_link_id>/pin")
@requires(Permission.RESTAURANTS_EDIT)
def release_field(iiko_link_id: UUID) -> Response:
    """Take iiko's value of a field again, which was kept as typed here."""
    found = get_or_404(IikoLink, iiko_link_id)
    row, field = linked_row(found), request.form.get("field", "")
    if field not in {each.key for each in KINDS[found.kind].fields}:
        abort(422)
    release(row, field)
    toast(_("iiko's value is taken again."))
    return back_to(row)


def linked_row(found: IikoLink) -> TenantEntity:
    """Our row of a link, where the person may see it."""
    kind = KINDS.get(found.kind) or abort(404)
    return get_or_404(kind.entity, found.entity_id)


def back_to(row: TenantEntity) -> Response:
    """The row's own page."""
    return redirect_back(page_of(row.__tablename__, row.id) or url_for("account.integrations.index"))
