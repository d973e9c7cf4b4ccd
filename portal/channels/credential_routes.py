"""The form of a platform's credentials."""

from uuid import UUID

from flask import Blueprint, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import asks_again_if, requires
from portal.access.permissions import Permission
from portal.bots.models import BotInstance
from portal.channels.attachment import same_bot, take_turns
from portal.channels.forms import platform_form
from portal.channels.models import BotPlatformCredential
from portal.channels.queries import adapter_of, connected_platform
from portal.channels.routes import require_secrets_right
from portal.channels.switch import Switch
from portal.tenancy.finding import get_or_404
from portal.web.forms import is_sent
from portal.web.fragments import form_page, redirect_after_post, toast
from portal.web.merging import will_save

platform_credentials = Blueprint(
    "platform_credentials", __name__, url_prefix="/bots/<uuid:bot_id>/platforms/<word:platform>/credentials"
)


@platform_credentials.route("", methods=["GET", "POST"])
@requires(Permission.PLATFORMS_EDIT)
@asks_again_if(is_sent)
def edit(bot_id: UUID, platform: str) -> Response:
    """Set the credentials; what is stored is never shown."""
    require_secrets_right()
    adapter, bot = adapter_of(platform), get_or_404(BotInstance, bot_id)
    if will_save():
        take_turns(adapter)
    credential = connected_platform(bot_id, adapter, to_change=will_save())
    form = platform_form(adapter, credential.stored.values if credential else {})
    form.row, form.secrets = credential, credential.credentials if credential else {}
    if form.accepted() and form.may_take_from(same_bot(adapter, form.credentials, bot)):
        chosen = credential or BotPlatformCredential.connect(bot, adapter)
        is_on = credential is None and form.switch_on.data
        Switch(chosen).replace(form.credentials, switch_on=is_on, instead_of=form.others)
        toast(_("The credentials of %(platform)s were saved.", platform=adapter.label))
        return redirect_after_post(url_for("account.bot_platforms.show", bot_id=bot_id, platform=platform))
    return form_page("channels/credentials.html", form, bot=bot, adapter=adapter, credential=credential)
