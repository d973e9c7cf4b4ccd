"""Sending a test message through a bot's platform, and seeing what becomes of it."""

from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.bots.models import BotInstance
from portal.channels.models import NOT_CONNECTED, BotPlatformCredential, SwitchRefused
from portal.channels.queries import adapter_of, connected_platform
from portal.channels.routes import refuse
from portal.conversations.test_message_page import TestMessageForm, called, send_test, tests_of
from portal.conversations.transcript import STATES
from portal.messaging.failures import reason_of
from portal.tenancy.finding import get_or_404
from portal.web.fragments import form_page, fragment, redirect_after_post, toast, wants_fragment

test_messages = Blueprint(
    "test_messages", __name__, url_prefix="/bots/<uuid:bot_id>/platforms/<word:platform>/test-messages"
)
test_messages.register_error_handler(SwitchRefused, refuse)
WORDS = {"states": STATES, "called": called, "reason_of": reason_of}


@test_messages.route("", methods=["GET", "POST"])
@requires(Permission.PLATFORMS_EDIT)
def send(bot_id: UUID, platform: str) -> Response | str:
    """To whom, and what became of the latest ones."""
    credential = _connected(bot_id, platform)
    if request.method == "GET" and wants_fragment():
        return fragment("conversations/_test_messages.html", credential=credential, **tests_of(credential), **WORDS)
    form = TestMessageForm(credential)
    if form.accepted() and form.conversation is not None:
        credential.require_readiness()
        send_test(credential, form.conversation)
        toast(_("The test message is on its way."))
        return redirect_after_post(url_for(".send", bot_id=bot_id, platform=platform))
    context = tests_of(credential) | WORDS
    return form_page("conversations/test_messages.html", form, bot=credential.bot, credential=credential, **context)


def _connected(bot_id: UUID, platform: str) -> BotPlatformCredential:
    credential = connected_platform(bot_id, adapter_of(platform))
    if credential is None:
        get_or_404(BotInstance, bot_id)
        raise SwitchRefused(NOT_CONNECTED)
    return credential
