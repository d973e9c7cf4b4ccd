"""What is done on a conversation's page: following it, writing in it, taking it over and handing it back."""

from uuid import UUID

from flask import Blueprint, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.accounts.export import recorded_export
from portal.conversations.following_page import at_body, follow
from portal.conversations.forms import MessageForm, TakeOverForm
from portal.conversations.listing import TRANSCRIPT
from portal.conversations.page import ConversationPage, longest_for
from portal.conversations.place_page import list_of_referrer
from portal.conversations.queries import find_conversation
from portal.conversations.takeover import TakeOver, TakeOverRefused
from portal.web.costly import costly
from portal.web.fragments import fragment, redirect_after_post, toast, wants_fragment
from portal.web.merging import will_save
from portal.web.proofs import shows_form
from portal.web.values import uuid_or_none

transcript = Blueprint("transcript", __name__, url_prefix="/bots/<uuid:bot_id>/dialogs/<uuid:dialog_id>")


def page_url(bot_id: UUID, dialog_id: UUID) -> str:
    """The address of a conversation."""
    return url_for("account.bot_conversations.show", bot_id=bot_id, dialog_id=dialog_id)


def page_in_its_place(bot_id: UUID, dialog_id: UUID) -> str:
    """The same, in the list that it was opened from."""
    return url_for("account.bot_conversations.show", bot_id=bot_id, dialog_id=dialog_id, list=list_of_referrer())


@transcript.get("/messages")
@requires(Permission.DIALOGS_SEE)
def news(bot_id: UUID, dialog_id: UUID) -> Response:
    """What a watching page does not show yet; others are led to the conversation."""
    if not wants_fragment():
        return redirect_after_post(page_url(bot_id, find_conversation(bot_id, dialog_id).id))
    return follow(bot_id, dialog_id)


@transcript.get("/standing")
@requires(Permission.DIALOGS_SEE)
def standing(bot_id: UUID, dialog_id: UUID) -> Response | str:
    """The banner and what stands beside the messages, for a watching page, whose text field is left alone."""
    if not wants_fragment():
        return redirect_after_post(page_url(bot_id, find_conversation(bot_id, dialog_id).id))
    page = ConversationPage(bot_id, dialog_id)
    hold_changed = "writes" not in request.args and request.args.get("held") != page.hold
    return fragment("conversations/_moved.html", hold_changed=hold_changed, **page.context())


@transcript.get("/messages/export")
@requires(Permission.DIALOGS_SEE)
@costly
def export(bot_id: UUID, dialog_id: UUID) -> Response:
    """The whole conversation as CSV."""
    return recorded_export(TRANSCRIPT, request.args, find_conversation(bot_id, dialog_id).id)


@transcript.post("/messages")
@requires(Permission.DIALOGS_TAKE_OVER)
@shows_form
def say(bot_id: UUID, dialog_id: UUID) -> Response | str:
    """Write to the person; what was typed is kept where it cannot be sent."""
    conversation = find_conversation(bot_id, dialog_id, to_change=will_save())
    form = MessageForm(longest_for(conversation))
    if form.accepted():
        try:
            TakeOver(conversation).say(form.text.data or "")
        except TakeOverRefused as refused:
            form.text.errors = [*form.text.errors, str(refused.reason)]
        else:
            return _written(bot_id, dialog_id)
    page = ConversationPage(bot_id, dialog_id)
    template = "conversations/_composer.html" if wants_fragment() else "conversations/show.html"
    return make_response(render_template(template, **page.context(composer=form)), 422)


def _written(bot_id: UUID, dialog_id: UUID) -> Response:
    if not wants_fragment():
        return redirect_after_post(f"{page_in_its_place(bot_id, dialog_id)}#write")
    response = make_response(fragment("conversations/_composer.html", **ConversationPage(bot_id, dialog_id).context()))
    response.headers["HX-Trigger"] = at_body("said")
    return response


@transcript.post("/takeover")
@requires(Permission.DIALOGS_TAKE_OVER)
def take_over(bot_id: UUID, dialog_id: UUID) -> Response:
    """Silence the bot and write oneself."""
    conversation = find_conversation(bot_id, dialog_id, to_change=True)
    form = TakeOverForm()
    if form.accepted():
        try:
            TakeOver(conversation).begin(form.duration, uuid_or_none(form.holder.data))
        except TakeOverRefused as refused:
            toast(str(refused.reason), tone="bad")
        else:
            toast(_("The conversation is yours. The bot is silent until you hand it back."))
    return redirect_after_post(page_in_its_place(bot_id, dialog_id))


@transcript.delete("/takeover")
@requires(Permission.DIALOGS_TAKE_OVER)
def hand_back(bot_id: UUID, dialog_id: UUID) -> Response:
    """Let the bot go on, at the step that was chosen."""
    conversation = find_conversation(bot_id, dialog_id, to_change=True)
    try:
        TakeOver(conversation).end(request.form.get("step", ""))
    except TakeOverRefused as refused:
        toast(str(refused.reason), tone="bad")
    else:
        toast(_("The bot has the conversation again."))
    return redirect_after_post(page_in_its_place(bot_id, dialog_id))
