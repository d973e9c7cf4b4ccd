"""Pages of a bot's scenario and its versions."""

import io
from uuid import UUID

from flask import Blueprint, abort, render_template, request, send_file, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import defer
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.audit.history import history_of
from portal.bots.models import BotInstance
from portal.channels.linked_files import linked_files
from portal.media.attached import steps_by_key
from portal.records.routes import archivable_routes
from portal.scenarios.checks.linter import lint
from portal.scenarios.comparison.comparison import compare
from portal.scenarios.forms import ScenarioForm
from portal.scenarios.listing import VERSIONS
from portal.scenarios.models import BotScenario
from portal.scenarios.queries import default_counterpart, find_version, other_versions
from portal.scenarios.version_page import drawn_version
from portal.tenancy.finding import get_or_404
from portal.web.costly import costly, take_place
from portal.web.fragments import form_page, redirect_after_post, toast
from portal.web.values import uuid_or_none

scenarios = Blueprint("scenarios", __name__, url_prefix="/bots/<uuid:bot_id>/scenarios")
archivable_routes(
    scenarios, VERSIONS, see=Permission.BOTS_SEE, edit=Permission.BOTS_EDIT, template="scenarios/index.html"
)


@scenarios.route("/new", methods=["GET", "POST"])
@requires(Permission.BOTS_EDIT)
def new(bot_id: UUID) -> Response:
    """Add a version; ``scenario_id`` in the address starts from the text of another."""
    if request.method == "POST":
        take_place()
    bot = get_or_404(BotInstance, bot_id)
    form = ScenarioForm(source=_text_to_start_from(bot_id))
    if not form.accepted():
        return form_page("scenarios/new.html", form, bot=bot, problems=None, linked=[])
    if "check" in request.form:
        linked = linked_files(bot_id, steps_by_key(form.document))
        return form_page("scenarios/new.html", form, bot=bot, problems=lint(form.document), linked=linked)
    scenario = BotScenario.from_document(form.document, bot)
    scenario.open()
    toast(_("Version %(number)s was saved.", number=scenario.number))
    return redirect_after_post(url_for(".show", bot_id=bot_id, scenario_id=scenario.id))


@scenarios.get("/<uuid:scenario_id>")
@requires(Permission.BOTS_SEE)
def show(bot_id: UUID, scenario_id: UUID) -> str:
    """One version: what is wrong with it, its flow and its text; ``steps`` in the address is a page of a long list."""
    # What it says stands in its text as well, and a version that was drawn before needs neither.
    scenario = find_version(bot_id, scenario_id, defer(BotScenario.scenario_data))
    drawn = drawn_version(scenario, request.args.get("steps", 1, type=int))
    return render_template(
        "scenarios/show.html",
        scenario=scenario,
        others=other_versions(scenario),
        drawn=drawn,
        linked=linked_files(bot_id, drawn.media_steps),
        history=history_of(scenario),
    )


@scenarios.get("/<uuid:scenario_id>/source")
@requires(Permission.BOTS_SEE)
@costly
def source(bot_id: UUID, scenario_id: UUID) -> Response:
    """The very text as a file."""
    scenario = find_version(bot_id, scenario_id)
    content = io.BytesIO(scenario.source_text.encode())
    name = f"scenario-{scenario.number}.json"
    return send_file(content, "application/json", as_attachment=True, download_name=name)


@scenarios.get("/<uuid:scenario_id>/comparison")
@requires(Permission.BOTS_SEE)
@costly
def comparison(bot_id: UUID, scenario_id: UUID) -> str:
    """One version beside another, the older first."""
    scenario = find_version(bot_id, scenario_id)
    others = other_versions(scenario)
    if not others:
        return render_template("scenarios/comparison.html", scenario=scenario, others=others, sides=[])
    wanted = request.args.get("with", str(default_counterpart(scenario, others).id))
    other = find_version(bot_id, uuid_or_none(wanted) or abort(404))
    before, after = sides = sorted([scenario, other], key=lambda each: each.number)
    return render_template(
        "scenarios/comparison.html",
        scenario=scenario,
        others=others,
        other=other,
        sides=sides,
        comparison=compare(before.document, after.document),
    )


def _text_to_start_from(bot_id: UUID) -> str:
    if "scenario_id" not in request.args:
        return ""
    scenario_id = uuid_or_none(request.args["scenario_id"]) or abort(404)
    return find_version(bot_id, scenario_id).source_text
