"""The lab: talking to a version of a scenario in the browser, through the very engine of the webhook."""

from datetime import UTC, datetime, time
from uuid import UUID

from flask import Blueprint, abort, render_template, request
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.conversations.lab.rehearsal import Rehearsal, seal, unseal
from portal.conversations.lab.replay import replay
from portal.conversations.models import called
from portal.conversations.progress import answers_in
from portal.conversations.queries import find_conversation
from portal.messaging.events import Event, FileKind, Pressed, SentFile, SharedContact, SharedLocation, Typed
from portal.messengers.registry import PLATFORMS
from portal.scenarios.engine.program import Program
from portal.scenarios.models import BotScenario
from portal.scenarios.queries import find_version
from portal.web.costly import costly
from portal.web.fragments import fragment, wants_fragment
from portal.web.values import uuid_or_none

lab = Blueprint("lab", __name__, url_prefix="/bots/<uuid:bot_id>/scenarios/<uuid:scenario_id>/lab")

MAX_TEXT = 4000
LAB_FILE = SentFile(FileKind.IMAGE, "lab", "photo.jpg", "image/jpeg", 120_000)
LAB_CONTACT = SharedContact("+79001234567", is_own=True)
LAB_PLACE = SharedLocation(55.7558, 37.6173)


@lab.get("")
@requires(Permission.BOTS_SEE)
@costly
def show(bot_id: UUID, scenario_id: UUID) -> str:
    """A conversation that has not begun; with ``dialog_id`` a recorded one, replayed."""
    scenario = find_version(bot_id, scenario_id)
    if "dialog_id" in request.args:
        conversation = find_conversation(bot_id, uuid_or_none(request.args["dialog_id"]) or abort(404))
        return render_template(
            "conversations/lab/replay.html",
            scenario=scenario,
            conversation=conversation,
            name=called(conversation.person, conversation.platform_chat_id),
            replay=replay(scenario, conversation),
        )
    return _page(scenario, _rehearsal(scenario))


@lab.post("")
@requires(Permission.BOTS_SEE)
@costly
def talk(bot_id: UUID, scenario_id: UUID) -> Response | str:
    """Say something; nothing is kept but in the answer's own form."""
    scenario = find_version(bot_id, scenario_id)
    rehearsal = _rehearsal(scenario, unseal(request.form.get("state", ""), scenario.id))
    said = _said(rehearsal)
    if said is not None:
        with force_locale(rehearsal.program.language):
            rehearsal.hear(*said)
    return _page(scenario, rehearsal)


def _rehearsal(scenario: BotScenario, kept: dict | None = None) -> Rehearsal:
    adapter = PLATFORMS.get(request.values.get("platform", ""))
    # The day, not the moment: the same words give the same form.
    rehearsal = Rehearsal(Program.of(scenario.document), clock=datetime.combine(datetime.now(UTC), time(), UTC))
    if adapter is not None:
        rehearsal.parts = adapter.outbound.parts
    if kept:
        rehearsal.standing, rehearsal.lines = kept["standing"], kept["lines"]
        rehearsal.clock = datetime.fromtimestamp(kept["clock"], UTC)
    return rehearsal


def _said(rehearsal: Rehearsal) -> tuple[Event, str] | None:
    """What the form says: a pressed button, something shared, or a typed text; None for an empty one."""
    marker, shared = request.form.get("marker"), request.form.get("share")
    if marker is not None:
        label = {each: label for label, each in rehearsal.open_choices}.get(marker, marker[:40])
        return Pressed(marker[:40], label, message_ref=marker[:40]), label
    if shared in (offers := _offers()):
        return offers[shared]
    text = request.form.get("text", "").strip()[:MAX_TEXT]
    return (Typed(text), text) if text else None


def _offers() -> dict[str | None, tuple[Event, str]]:
    return {
        "start": (Typed("/start"), "/start"),
        "file": (LAB_FILE, _("(a photo)")),
        "contact": (LAB_CONTACT, LAB_CONTACT.phone),
        "location": (LAB_PLACE, f"{LAB_PLACE.latitude}, {LAB_PLACE.longitude}"),
    }


def _page(scenario: BotScenario, rehearsal: Rehearsal) -> str:
    told = {
        "scenario": scenario,
        "rehearsal": rehearsal,
        "state": seal(rehearsal, scenario.id),
        "answers": answers_in(rehearsal.standing.variables, scenario.document),
        "platforms": PLATFORMS,
        "platform": request.values.get("platform", ""),
    }
    if wants_fragment():
        return fragment("conversations/lab/_lab.html", **told)
    return render_template("conversations/lab/lab.html", **told)
