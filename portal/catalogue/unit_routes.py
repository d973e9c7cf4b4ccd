"""Pages of units, and of the conversions that hold for all items."""

from uuid import UUID

from flask import Blueprint, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.audit.history import history_of
from portal.catalogue.forms import ConversionForm, UnitForm
from portal.catalogue.listing import UNITS
from portal.catalogue.models import MeasureUnit, UnitConversion
from portal.catalogue.seeds import category_id
from portal.catalogue.unit_page import UnitPage, conversions_told
from portal.records.pages import added, record_form, saved
from portal.records.routes import archivable_routes
from portal.tenancy.finding import get_or_404
from portal.web.fragments import form_page, redirect_after_post, toast

units = Blueprint("units", __name__, url_prefix="/units")
conversions = Blueprint("conversions", __name__, url_prefix="/units/conversions")
SEE, EDIT, SET_UP = Permission.CATALOGUE_SEE, Permission.CATALOGUE_EDIT, Permission.CATALOGUE_SET_UP
archivable_routes(units, UNITS, see=SEE, edit=SET_UP, add=EDIT, in_navigation=False, template="units/index.html")


@units.route("/new", methods=["GET", "POST"])
@requires(EDIT)
def new() -> Response:
    """Add a unit."""
    form = UnitForm()
    if form.accepted():
        values = form.values()
        unit = MeasureUnit(unit_category_id=category_id(values.pop("category")), **values)
        unit.open()
        return added(unit)
    return record_form(form)


@units.get("/<uuid:measure_unit_id>")
@requires(SEE)
def show(measure_unit_id: UUID) -> str:
    """One unit: what it is in others, and its latest changes."""
    unit = get_or_404(MeasureUnit, measure_unit_id)
    return render_template("units/show.html", unit=unit, page=UnitPage(unit), history=history_of(unit))


@units.route("/<uuid:measure_unit_id>/edit", methods=["GET", "POST"])
@requires(EDIT)
def edit(measure_unit_id: UUID) -> Response:
    """Change what a unit is called."""
    unit = get_or_404(MeasureUnit, measure_unit_id)
    form = UnitForm(obj=unit)
    if form.accepted():
        unit.edit(**form.values())
        return saved(unit)
    return record_form(form, unit)


@conversions.route("", methods=["GET", "POST"])
@requires(EDIT)
def index() -> Response:
    """The conversions that hold for all items, and the form of one more."""
    form = ConversionForm()
    if form.accepted():
        conversion = UnitConversion(**form.values())
        conversion.open()
        toast(_("%(ratio)s holds for all items from now on.", ratio=conversion.display_name))
        return redirect_after_post(url_for(".index"))
    return form_page("units/conversions.html", form, told=conversions_told())


@conversions.delete("/<uuid:unit_conversion_id>")
@requires(EDIT)
def remove(unit_conversion_id: UUID) -> Response:
    """Say no more that a conversion holds."""
    conversion = get_or_404(UnitConversion, unit_conversion_id)
    name = conversion.display_name
    conversion.remove()
    toast(_("%(ratio)s does not hold any more. Past prices stay as they are.", ratio=name))
    return redirect_after_post(url_for(".index"))
