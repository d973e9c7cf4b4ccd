"""A bot's platforms: their credentials and their switches."""

from uuid import UUID

from flask import Blueprint, abort, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.bots.models import NOT_CONNECTED, BotInstance, BotPlatformCredential, SwitchRefused
from portal.bots.platform_forms import platform_form
from portal.bots.queries import adapter_of, connected_platform
from portal.errors import show
from portal.tenancy.finding import find
from portal.web.fragments import back_to, form_page, fragment, see_other, toast, wants_fragment

bot_platforms = Blueprint("bot_platforms", __name__, url_prefix="/bots/<uuid:bot_id>/platforms/<word:platform>")


@bot_platforms.errorhandler(SwitchRefused)
def refuse(refusal: SwitchRefused) -> Response:
    """Say why nothing was switched."""
    return show(409, _("This cannot be switched"), refusal.reason)


@bot_platforms.route("", methods=["GET", "POST"])
@requires(Permission.PLATFORMS_EDIT)
def edit(bot_id: UUID, platform: str) -> Response:
    """Set the credentials; what is stored is never shown."""
    require_secrets_right()
    adapter, bot = adapter_of(platform), find(BotInstance, bot_id)
    credential = connected_platform(bot_id, adapter, to_change=request.method == "POST")
    form = platform_form(adapter, credential.stored.values if credential else {})
    if form.accepted():
        chosen = credential or BotPlatformCredential.connect(bot, adapter)
        chosen.set_credentials(form.credentials, switch_on=credential is None and form.switch_on.data)
        toast(_("The credentials of %(platform)s were saved.", platform=adapter.label))
        return see_other(url_for("account.bots.show", bot_id=bot_id))
    return form_page("bots/platform.html", form, bot=bot, adapter=adapter, credential=credential)


@bot_platforms.delete("")
@requires(Permission.PLATFORMS_EDIT)
def disconnect(bot_id: UUID, platform: str) -> Response:
    """Forget the credentials."""
    require_secrets_right()
    credential = connected(bot_id, platform)
    credential.disconnect()
    toast(_("%(platform)s was disconnected.", platform=credential.label))
    return see_other(url_for("account.bots.show", bot_id=bot_id))


@bot_platforms.post("/activation")
@requires(Permission.PLATFORMS_EDIT)
def activate(bot_id: UUID, platform: str) -> Response | str:
    """Answer messages."""
    credential = connected(bot_id, platform)
    credential.activate()
    toast(_("%(bot)s answers on %(platform)s.", bot=credential.bot.name, platform=credential.label))
    return switched(credential, "bots/_platform_switch.html")


@bot_platforms.delete("/activation")
@requires(Permission.PLATFORMS_EDIT)
def deactivate(bot_id: UUID, platform: str) -> Response | str:
    """Ignore messages."""
    credential = connected(bot_id, platform)
    credential.deactivate()
    toast(_("%(bot)s is silent on %(platform)s.", bot=credential.bot.name, platform=credential.label))
    return switched(credential, "bots/_platform_switch.html")


@bot_platforms.post("/refresh")
@requires(Permission.PLATFORMS_EDIT)
def refresh(bot_id: UUID, platform: str) -> Response | str:
    """Let the portal set the webhook again by itself."""
    credential = connected(bot_id, platform)
    credential.refresh_webhook(True)
    toast(_("Automatic refresh of %(platform)s is on.", platform=credential.label))
    return switched(credential, "bots/_refresh_switch.html")


@bot_platforms.delete("/refresh")
@requires(Permission.PLATFORMS_EDIT)
def leave(bot_id: UUID, platform: str) -> Response | str:
    """Leave the webhook as it is."""
    credential = connected(bot_id, platform)
    credential.refresh_webhook(False)
    toast(_("Automatic refresh of %(platform)s is off.", platform=credential.label))
    return switched(credential, "bots/_refresh_switch.html")


def connected(bot_id: UUID, platform: str) -> BotPlatformCredential:
    """The platform of the bot, to be changed; 404 where there is no such bot."""
    credential = connected_platform(bot_id, adapter_of(platform), to_change=True)
    if credential is None:
        find(BotInstance, bot_id)
        raise SwitchRefused(NOT_CONNECTED)
    return credential


def switched(credential: BotPlatformCredential, template: str) -> Response | str:
    """The switch as it stands now; without htmx the page that it was pressed on."""
    if not wants_fragment():
        return back_to(url_for("account.bots.show", bot_id=credential.bot_id))
    return fragment(template, switch=credential)


def require_secrets_right() -> None:
    """403 for those who may switch a platform but not handle the chain's secrets."""
    if not may(Permission.CREDENTIALS_REPLACE):
        abort(403)
