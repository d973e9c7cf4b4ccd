"""Pages of integrations: the servers that the chain is connected to, and their log-ins."""

from uuid import UUID

from flask import Blueprint, abort, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from portal.access.guards import asks_again_if, requires
from portal.access.permissions import Permission
from portal.audit.history import history_of
from portal.db.base import db
from portal.iiko.models import IikoConnection
from portal.iiko.server_page import begin_check
from portal.iiko.state_page import Servers
from portal.integrations.forms import IikoForm
from portal.integrations.models import AccountIntegrationCredentials, iiko_servers, stored_login
from portal.tenancy.finding import get_or_404
from portal.web.forms import is_sent
from portal.web.fragments import form_page, fragment, redirect_after_post, toast, wants_fragment
from portal.web.merging import hold
from portal.web.navigation import section

integrations = Blueprint("integrations", __name__, url_prefix="/integrations")
section(integrations, _l("Integrations"), "plug", Permission.INTEGRATIONS_SEE)


@integrations.get("")
@requires(Permission.INTEGRATIONS_SEE)
def index() -> str:
    """Every iiko server of the chain, how it stands and when it is read next."""
    servers = Servers()
    if wants_fragment():
        return fragment("integrations/_servers.html", servers=servers)
    history = history_of(*servers.integrations) if servers.integrations else []
    return render_template("integrations/index.html", servers=servers, history=history)


@integrations.route("/new", methods=["GET", "POST"])
@requires(Permission.CREDENTIALS_REPLACE)
@asks_again_if(is_sent)
def new() -> Response:
    """Connect an iiko server: the first one, or one more."""
    form = IikoForm()
    form.prepare(None, is_further=bool(iiko_servers()), has_password=False)
    if form.accepted():
        integration = AccountIntegrationCredentials.connect(form.label.data if "label" in form else None)
        return save(integration, form)
    return form_page("integrations/edit.html", form, integration=None)


@integrations.route("/<uuid:integration_id>/edit", methods=["GET", "POST"])
@requires(Permission.CREDENTIALS_REPLACE)
@asks_again_if(is_sent)
def edit(integration_id: UUID) -> Response:
    """Address, log-in and password."""
    integration = get_or_404(AccountIntegrationCredentials, integration_id)
    hold(integration)
    stored = stored_login(integration)
    form = IikoForm(base_url=integration.base_url, login=stored.get("login"))
    form.prepare(integration, is_further=False, has_password=bool(stored.get("password")))
    if form.accepted():
        return save(integration, form, stored.get("password", ""))
    return form_page("integrations/edit.html", form, integration=integration)


def save(integration: AccountIntegrationCredentials, form: IikoForm, kept: str = "") -> Response:
    """Keep what was typed, and have it checked."""
    is_moved = not integration.is_at_host_of(form.base_url.data or "")
    login = {"login": form.login.data or "", "password": form.password.data or kept}
    integration.set_credentials(form.base_url.data or "", login)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        abort(409)
    connection = IikoConnection.of(integration)
    if is_moved:
        connection.forget_server()
    connection.renew()
    begin_check(connection)
    toast(_("Saved. The connection is being checked."))
    return redirect_after_post(url_for("account.iiko_servers.show", integration_id=integration.id))
