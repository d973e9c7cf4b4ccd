"""Which version is live."""

from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.conversations.version_migration import MoveRefused, VersionMigration
from portal.scenarios.models import BotScenario, NotPublishable
from portal.scenarios.queries import find_version
from portal.web.costly import costly
from portal.web.fragments import redirect_after_post, redirect_back, toast

publication = Blueprint("publication", __name__, url_prefix="/bots/<uuid:bot_id>/scenarios")


@publication.get("/<uuid:scenario_id>/publication")
@requires(Permission.BOTS_EDIT)
@costly
def ask(bot_id: UUID, scenario_id: UUID) -> Response | str:
    """Ask where people go who stand on steps that this version lacks."""
    scenario = find_version(bot_id, scenario_id)
    if not scenario.is_publishable:
        return redirect_after_post(url_for("account.scenarios.show", bot_id=bot_id, scenario_id=scenario_id))
    return render_template("scenarios/publication.html", scenario=scenario, migration=VersionMigration(scenario))


@publication.post("/<uuid:scenario_id>/publication")
@requires(Permission.BOTS_EDIT)
@costly
def publish(bot_id: UUID, scenario_id: UUID) -> Response:
    """Make it live; the former live version steps down."""
    scenario = find_version(bot_id, scenario_id)
    page = url_for("account.scenarios.show", bot_id=bot_id, scenario_id=scenario_id)
    if scenario.is_live:
        return redirect_back(page)
    is_answered = "others" in request.form
    migration = VersionMigration(scenario)
    if scenario.is_publishable and not is_answered and migration.missing:
        return redirect_after_post(url_for(".ask", bot_id=bot_id, scenario_id=scenario_id))
    try:
        _put_live(scenario, migration)
    except NotPublishable:
        toast(
            _("Version %(number)s is archived or has errors: it cannot go live.", number=scenario.number),
            tone="bad",
        )
    except MoveRefused:
        abort(422)
    return redirect_after_post(page) if is_answered else redirect_back(page)


def _put_live(scenario: BotScenario, migration: VersionMigration) -> None:
    moved = migration.moves(request.form)
    former = scenario.publish()
    count = migration.start(moved)
    told = _("Version %(number)s is live.", number=scenario.number)
    if count:
        told += " " + ngettext("%(num)s conversation moves to it.", "%(num)s conversations move to it.", count)
    toast(
        told,
        undo_url=url_for(".publish", bot_id=scenario.bot_id, scenario_id=former.id if former else scenario.id),
        undo_fields={} if former else {"_method": "DELETE"},
    )


@publication.delete("/<uuid:scenario_id>/publication")
@requires(Permission.BOTS_EDIT)
def withdraw(bot_id: UUID, scenario_id: UUID) -> Response:
    """Leave the bot without a live version."""
    scenario = find_version(bot_id, scenario_id)
    back = redirect_back(url_for("account.scenarios.show", bot_id=bot_id, scenario_id=scenario_id))
    if scenario.is_live:
        scenario.withdraw()
        undo_url = url_for(".publish", bot_id=bot_id, scenario_id=scenario_id)
        toast(_("Version %(number)s is no longer live.", number=scenario.number), undo_url=undo_url)
    return back
