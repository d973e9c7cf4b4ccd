"""A bot's platform: how it stands there, its switches, its timeline."""

from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.access.guards import asks_again, requires
from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.bots.models import BotInstance
from portal.channels.models import NOT_CONNECTED, BotPlatformCredential, SwitchRefused
from portal.channels.page import PlatformPage
from portal.channels.queries import adapter_of, connected_platform
from portal.channels.status import Standing
from portal.channels.switch import Switch
from portal.tenancy.finding import get_or_404
from portal.web.error_pages import show as show_error
from portal.web.fragments import fragment, redirect_after_post, redirect_back, toast, wants_fragment

bot_platforms = Blueprint("bot_platforms", __name__, url_prefix="/bots/<uuid:bot_id>/platforms/<word:platform>")
PANEL = "channels/_platform_panel.html"


@bot_platforms.errorhandler(SwitchRefused)
def refuse(refusal: SwitchRefused) -> Response:
    """Say why nothing was switched."""
    return show_error(409, _("This cannot be switched"), refusal.reason)


@bot_platforms.get("")
@requires(Permission.PLATFORMS_SEE)
def show(bot_id: UUID, platform: str) -> str:
    """How the bot stands with the platform, and what happened between them."""
    page = PlatformPage.open(bot_id, adapter_of(platform), request.args.get("before", ""))
    if wants_fragment() and page.credential is not None:
        return fragment(PANEL, **page.context())
    return render_template("channels/platform.html", **page.context())


@bot_platforms.delete("")
@requires(Permission.PLATFORMS_EDIT)
@asks_again
def disconnect(bot_id: UUID, platform: str) -> Response:
    """Remove the webhook and forget the credentials."""
    require_secrets_right()
    credential = connected(bot_id, platform)
    stopped = Switch(credential).disconnect()
    toast(_("%(platform)s was disconnected.", platform=credential.label) + cancelled_note(stopped))
    return redirect_after_post(url_for("account.bots.show", bot_id=bot_id))


@bot_platforms.post("/activation")
@requires(Permission.PLATFORMS_EDIT)
def activate(bot_id: UUID, platform: str) -> Response | str:
    """Answer messages."""
    credential = connected(bot_id, platform)
    Switch(credential).turn_on()
    toast(_("%(bot)s is being connected to %(platform)s.", bot=credential.bot.name, platform=credential.label))
    return switched(credential)


@bot_platforms.delete("/activation")
@requires(Permission.PLATFORMS_EDIT)
def deactivate(bot_id: UUID, platform: str) -> Response | str:
    """Ignore messages; what waits to be sent is not sent."""
    credential = connected(bot_id, platform)
    stopped = Switch(credential).turn_off()
    silent = _("%(bot)s is silent on %(platform)s.", bot=credential.bot.name, platform=credential.label)
    toast(silent + cancelled_note(stopped))
    return switched(credential)


@bot_platforms.post("/refresh")
@requires(Permission.PLATFORMS_EDIT)
def refresh(bot_id: UUID, platform: str) -> Response | str:
    """Let the portal look after the webhook by itself."""
    credential = connected(bot_id, platform)
    Switch(credential).refresh(True)
    toast(_("Automatic refresh of %(platform)s is on.", platform=credential.label))
    return changed(credential)


@bot_platforms.delete("/refresh")
@requires(Permission.PLATFORMS_EDIT)
def leave(bot_id: UUID, platform: str) -> Response | str:
    """Leave the webhook as it is."""
    credential = connected(bot_id, platform)
    Switch(credential).refresh(False)
    toast(_("Automatic refresh of %(platform)s is off.", platform=credential.label))
    return changed(credential)


@bot_platforms.post("/check")
@requires(Permission.PLATFORMS_EDIT)
def check(bot_id: UUID, platform: str) -> Response | str:
    """Have the platform asked how it stands; the page follows."""
    credential = connected(bot_id, platform)
    Switch(credential).check()
    return changed(credential)


@bot_platforms.post("/webhook")
@requires(Permission.PLATFORMS_EDIT)
def set_again(bot_id: UUID, platform: str) -> Response | str:
    """Set the webhook once more; the page follows."""
    credential = connected(bot_id, platform)
    Switch(credential).set_again()
    return changed(credential)


def connected(bot_id: UUID, platform: str) -> BotPlatformCredential:
    """The platform of the bot, to be changed; 404 where there is no such bot."""
    credential = connected_platform(bot_id, adapter_of(platform), to_change=True)
    if credential is None:
        get_or_404(BotInstance, bot_id)
        raise SwitchRefused(NOT_CONNECTED)
    return credential


def switched(credential: BotPlatformCredential) -> Response | str:
    """The switch of a list as it stands now; on the platform's own page all of it."""
    if "panel" in request.form or not wants_fragment():
        return changed(credential)
    return fragment("channels/_platform_switch.html", switch=credential, standing_of=Standing.of)


def changed(credential: BotPlatformCredential) -> Response | str:
    """The platform's panel as it stands now; without htmx the page that the button was pressed on."""
    if not wants_fragment():
        here = url_for("account.bot_platforms.show", bot_id=credential.bot_id, platform=credential.platform)
        return redirect_back(here)
    return fragment(PANEL, **PlatformPage.of(credential).context())


def cancelled_note(count: int) -> str:
    """A sentence on messages that are not sent any more; nothing where there were none."""
    if not count:
        return ""
    told = ngettext("%(num)s message that waited was not sent.", "%(num)s messages that waited were not sent.", count)
    return f" {told}"


def require_secrets_right() -> None:
    """403 for those who may switch a platform but not handle the chain's secrets."""
    if not may(Permission.CREDENTIALS_REPLACE):
        abort(403)
