"""The page of a chain's settings of supply."""

from flask import Blueprint, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.accounts.models import Account
from portal.catalogue.forms import SupplySettingsForm
from portal.catalogue.settings import SupplySettings
from portal.web.fragments import form_page, redirect_after_post, toast

supply_settings = Blueprint("supply_settings", __name__, url_prefix="/supply/settings")


@supply_settings.route("", methods=["GET", "POST"])
@requires(Permission.CATALOGUE_SET_UP)
def edit() -> Response:
    """By what papers are judged."""
    settings = SupplySettings.current()
    form = SupplySettingsForm(obj=settings)
    form.statement_tolerance.in_currency(Account.current().currency)
    if form.accepted():
        settings.save(**form.values())
        toast(_("The settings were saved. They count for papers from now on."))
        return redirect_after_post(url_for(".edit"))
    return form_page("catalogue/settings.html", form, currency=Account.current().currency)
