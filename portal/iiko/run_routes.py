"""Pages of runs: how far one has come, what it plans, and applying it."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as Answer

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.accounts.export import recorded_export
from portal.db.states import MoveRefused
from portal.iiko import words_page
from portal.iiko.decision_page import decision_of
from portal.iiko.kinds import KINDS
from portal.iiko.listing import CHANGES
from portal.iiko.models import IikoRun, IikoRunKind
from portal.iiko.run_page import RunPage
from portal.iiko.sync.deciding import decider_id
from portal.iiko.sync.holds import confirm
from portal.iiko.sync.links import accept_alike
from portal.iiko.sync.models import Word
from portal.iiko.sync.running import begin_apply, cancel_run
from portal.tenancy.finding import get_or_404, require_whole_account
from portal.web.costly import costly
from portal.web.fragments import fragment, list_page, redirect_after_post, toast, wants_fragment
from portal.web.listing import read_page
from portal.web.navigation import page_base

iiko_runs = Blueprint("iiko_runs", __name__, url_prefix="/integrations/runs")
SEE, EDIT = Permission.INTEGRATIONS_SEE, Permission.INTEGRATIONS_EDIT


def here(run_id: UUID) -> str:
    """The run's own page."""
    return url_for("account.iiko_runs.show", iiko_run_id=run_id)


@iiko_runs.get("/<uuid:iiko_run_id>")
@requires(SEE)
def show(iiko_run_id: UUID) -> str:
    """One run: its progress, then what it plans row by row."""
    require_whole_account()
    run = RunPage(iiko_run_id)
    if run.is_moving or not run.has_plan:
        return render_template("iiko/run.html", run=run)
    page = read_page(CHANGES, request.args, here(iiko_run_id), iiko_run_id)
    return list_page(page, "iiko/plan/index.html", run=run, words=words_page, **plan_context())


def plan_context() -> dict[str, Any]:
    """What the rows of a plan are told with: where each kind's pages are, and the labels of words."""
    bases = {kind.key: page_base(kind.entity.__tablename__) for kind in KINDS.values()}
    return {
        "bases": defaultdict(str, bases),
        "labels": {word.value: word.label for word in Word},
        "decision_of": decision_of,
    }


@iiko_runs.get("/<uuid:iiko_run_id>/progress")
@requires(SEE)
def progress(iiko_run_id: UUID) -> Answer | str:
    """How far it has come, for the page that follows; at its end the page is loaded anew."""
    require_whole_account()
    run = RunPage(iiko_run_id)
    if not wants_fragment():
        return redirect_after_post(here(iiko_run_id))
    if not run.is_moving:
        return Response("", 204, {"HX-Refresh": "true"})
    return fragment("iiko/_progress.html", run=run)


@iiko_runs.get("/<uuid:iiko_run_id>/export")
@requires(SEE)
@costly
def export(iiko_run_id: UUID) -> Answer:
    """What it plans or did, as CSV."""
    require_whole_account()
    return recorded_export(CHANGES, request.args, get_or_404(IikoRun, iiko_run_id).id)


@iiko_runs.post("/<uuid:iiko_run_id>/application")
@requires(EDIT)
def apply(iiko_run_id: UUID) -> Answer:
    """Write what the preview shows: an owner's word, which support on a visit has not."""
    run, by = get_or_404(IikoRun, iiko_run_id), decider_id() or abort(403)
    try:
        begin_apply(run, by)
    except MoveRefused as refusal:
        toast(str(refusal.reason), tone="bad")
    else:
        toast(_("The changes are being written."))
    return redirect_after_post(here(iiko_run_id))


@iiko_runs.post("/<uuid:iiko_run_id>/links")
@requires(EDIT)
def link_alike(iiko_run_id: UUID) -> Answer:
    """All that look like one of ours, and it like them alone, are that one."""
    try:
        count = accept_alike(get_or_404(IikoRun, iiko_run_id))
    except MoveRefused as refusal:
        toast(str(refusal.reason), tone="bad")
    else:
        toast(ngettext("%(num)s row was linked.", "%(num)s rows were linked.", count))
    return redirect_after_post(here(iiko_run_id))


@iiko_runs.post("/<uuid:iiko_run_id>/cancellation")
@requires(EDIT)
def cancel(iiko_run_id: UUID) -> Answer:
    """Have it stop after its present request."""
    cancel_run(get_or_404(IikoRun, iiko_run_id))
    toast(_("The run stops after its present request, and returns its licence seat."))
    return redirect_after_post(here(iiko_run_id))


@iiko_runs.post("/kinds/<uuid:iiko_run_kind_id>/confirmation")
@requires(EDIT)
def confirm_kind(iiko_run_kind_id: UUID) -> Answer:
    """Say that what looks wrong with a kind is right."""
    run_kind = get_or_404(IikoRunKind, iiko_run_kind_id)
    try:
        confirm(run_kind)
    except MoveRefused as refusal:
        toast(str(refusal.reason), tone="bad")
    else:
        toast(_("Confirmed. It is written when you apply the preview."))
    return redirect_after_post(here(run_kind.run_id))
