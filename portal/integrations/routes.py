"""Pages of integrations."""

from flask import Blueprint, abort, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from portal.access.guards import asks_again_if, requires
from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.audit.history import history_of
from portal.db.base import db
from portal.integrations.forms import IikoForm
from portal.integrations.jobs import check_connection
from portal.integrations.models import INTEGRATION_TYPES, AccountIntegrationCredentials, integration_of, stored_login
from portal.web.forms import is_sent
from portal.web.fragments import answer_change, form_page, fragment, redirect_after_post, toast, wants_fragment
from portal.web.merging import hold
from portal.web.navigation import section

integrations = Blueprint("integrations", __name__, url_prefix="/integrations")
section(integrations, _l("Integrations"), "plug", Permission.INTEGRATIONS_SEE)
CARD = "integrations/_card.html"


@integrations.get("")
@requires(Permission.INTEGRATIONS_SEE)
def index() -> str:
    """Every system that the portal can connect to, and how the connection stands."""
    integration = integration_of("iiko")
    if wants_fragment():
        return fragment(CARD, integration=integration)
    history = history_of(integration) if integration else []
    return render_template("integrations/index.html", integration=integration, history=history)


@integrations.route("/<word:integration_type>", methods=["GET", "POST"])
@requires(Permission.INTEGRATIONS_EDIT)
@asks_again_if(is_sent)
def edit(integration_type: str) -> Response:
    """Address, log-in and password."""
    if integration_type not in INTEGRATION_TYPES:
        abort(404)
    if not may(Permission.CREDENTIALS_REPLACE):
        abort(403)
    integration = integration_of(integration_type)
    if integration:
        hold(integration)
    stored = stored_login(integration)
    form = IikoForm(base_url=integration.base_url if integration else None, login=stored.get("login"))
    form.row, form.secrets = integration, integration.credentials if integration else {}
    form.keep_password_of(integration if stored.get("password") else None)
    if form.accepted():
        integration = integration or AccountIntegrationCredentials.connect(integration_type)
        password = form.password.data or stored.get("password", "")
        login = {"login": form.login.data or "", "password": password}
        integration.set_credentials(form.base_url.data or "", login)
        _flush_or_conflict()
        queue_check(integration)
        toast(_("Saved. The connection is being checked."))
        return redirect_after_post(url_for(".index"))
    return form_page("integrations/edit.html", form, integration=integration)


@integrations.post("/<word:integration_type>/activation")
@requires(Permission.INTEGRATIONS_EDIT)
def activate(integration_type: str) -> Response | str:
    """Use the connection."""
    integration = integration_of(integration_type) or abort(404)
    integration.activate()
    toast(_("iiko is switched on."))
    return answer_change(url_for(".index"), CARD, integration=integration)


@integrations.delete("/<word:integration_type>/activation")
@requires(Permission.INTEGRATIONS_EDIT)
def deactivate(integration_type: str) -> Response | str:
    """Stop using the connection."""
    integration = integration_of(integration_type) or abort(404)
    integration.deactivate()
    toast(_("iiko is switched off. Address and log-in are kept."))
    return answer_change(url_for(".index"), CARD, integration=integration)


@integrations.post("/<word:integration_type>/check")
@requires(Permission.INTEGRATIONS_EDIT)
def check(integration_type: str) -> Response | str:
    """Ask the worker to check the connection; the card follows by itself."""
    integration = integration_of(integration_type) or abort(404)
    queue_check(integration)
    return answer_change(url_for(".index"), CARD, integration=integration)


def queue_check(integration: AccountIntegrationCredentials) -> None:
    """Have the connection checked, unless a check is on its way."""
    if not integration.is_checking:
        integration.begin_check()
        check_connection.queue(integration_id=str(integration.id), account_id=str(integration.account_id))


def _flush_or_conflict() -> None:
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        abort(409)
