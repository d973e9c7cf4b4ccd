"""Pages of one iiko server: how it stands, its switch, its check, its schedule and its certificate."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import asks_again, requires
from portal.access.permissions import Permission
from portal.accounts.export import recorded_export
from portal.audit.history import history_of
from portal.db.types import utc_now
from portal.iiko.forms import ScheduleForm
from portal.iiko.listing import RUNS
from portal.iiko.models import IikoConnection
from portal.iiko.server_page import ServerPage, begin_check, begin_preview, runs_context
from portal.iiko.state_page import RUN_TONES
from portal.iiko.sync.schedule import plan_next
from portal.integrations.models import AccountIntegrationCredentials
from portal.tenancy.finding import get_or_404
from portal.web.costly import costly
from portal.web.fragments import form_page, fragment, list_page, redirect_after_post, toast, wants_fragment
from portal.web.listing import read_page

iiko_servers = Blueprint("iiko_servers", __name__, url_prefix="/integrations/<uuid:integration_id>")
SEE, EDIT = Permission.INTEGRATIONS_SEE, Permission.INTEGRATIONS_EDIT


def here(integration_id: UUID) -> str:
    """The server's own page."""
    return url_for("account.iiko_servers.show", integration_id=integration_id)


def server_or_404(integration_id: UUID) -> IikoConnection:
    """What is kept of the server."""
    return IikoConnection.of(get_or_404(AccountIntegrationCredentials, integration_id))


@iiko_servers.get("")
@requires(SEE)
def show(integration_id: UUID) -> str:
    """One server: its state in a sentence, what to do, what a check found, its runs."""
    page = ServerPage(integration_id)
    if wants_fragment():
        return fragment("iiko/_server.html", page=page, tones=RUN_TONES)
    return render_template("iiko/server.html", page=page, tones=RUN_TONES, history=history_of(*page.told_rows))


@iiko_servers.post("/activation")
@requires(EDIT)
def activate(integration_id: UUID) -> Response:
    """Use the connection."""
    integration = get_or_404(AccountIntegrationCredentials, integration_id)
    integration.activate()
    plan_next(IikoConnection.of(integration), utc_now())
    toast(_("%(name)s is switched on.", name=integration.display_name))
    return redirect_after_post(here(integration_id))


@iiko_servers.delete("/activation")
@requires(EDIT)
def deactivate(integration_id: UUID) -> Response:
    """Stop using the connection; a run that is under way ends after its request."""
    integration = get_or_404(AccountIntegrationCredentials, integration_id)
    integration.deactivate()
    toast(_("%(name)s is switched off. Address and log-in are kept.", name=integration.display_name))
    return redirect_after_post(here(integration_id))


@iiko_servers.post("/check")
@requires(EDIT)
def check(integration_id: UUID) -> Response:
    """Ask the worker to check the connection; the page follows by itself."""
    connection = server_or_404(integration_id)
    connection.renew()
    begin_check(connection)
    return redirect_after_post(here(integration_id))


@iiko_servers.post("/preview")
@requires(EDIT)
def preview(integration_id: UUID) -> Response:
    """Read the server and show what would change."""
    connection = server_or_404(integration_id)
    if not connection.integration.is_active:
        abort(409)
    connection.renew()
    run = begin_preview(connection)
    return redirect_after_post(url_for("account.iiko_runs.show", iiko_run_id=run.id))


@iiko_servers.route("/schedule", methods=["GET", "POST"])
@requires(EDIT)
def schedule(integration_id: UUID) -> Response:
    """When the server is read by itself."""
    integration = get_or_404(AccountIntegrationCredentials, integration_id)
    connection = IikoConnection.find(integration)
    form = ScheduleForm(obj=connection)
    if form.accepted():
        connection = IikoConnection.of(integration)
        connection.set_schedule(**form.values())
        plan_next(connection, utc_now())
        toast(_("The schedule was saved."))
        return redirect_after_post(here(integration_id))
    return form_page("iiko/schedule.html", form, integration=integration)


@iiko_servers.post("/certificate")
@requires(Permission.CREDENTIALS_REPLACE)
@asks_again
def trust(integration_id: UUID) -> Response:
    """Trust the certificate whose fingerprint the owner was shown, and no other."""
    connection = server_or_404(integration_id)
    if not connection.shown_certificate or request.form.get("fingerprint") != connection.shown_certificate:
        toast(_("The server shows another certificate by now. Compare its fingerprint first."), tone="warn")
        return redirect_after_post(here(integration_id))
    connection.trust(connection.shown_certificate)
    begin_check(connection)
    toast(_("The certificate is trusted. The connection is being checked."))
    return redirect_after_post(here(integration_id))


@iiko_servers.delete("/certificate")
@requires(Permission.CREDENTIALS_REPLACE)
@asks_again
def distrust(integration_id: UUID) -> Response:
    """Trust it no longer."""
    server_or_404(integration_id).distrust()
    toast(_("The certificate is no longer trusted by itself."))
    return redirect_after_post(here(integration_id))


@iiko_servers.get("/runs")
@requires(SEE)
def index(integration_id: UUID) -> str:
    """Every run over the server, the newest first."""
    path: Any = url_for(".index", integration_id=integration_id)
    page = read_page(RUNS, request.args, path, integration_id)
    return list_page(page, "iiko/runs/index.html", **runs_context())


@iiko_servers.get("/runs/export")
@requires(SEE)
@costly
def export(integration_id: UUID) -> Response:
    """The runs as CSV."""
    return recorded_export(RUNS, request.args, get_or_404(AccountIntegrationCredentials, integration_id).id)
