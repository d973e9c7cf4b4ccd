"""What stands on a platform's page, in words that a restaurant manager understands."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.channels.events import OVERTAKEN, WAITING, BotPlatformEvent


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong: in a word or two, in a sentence, and what to do about it."""

    short: LazyString
    sentence: LazyString
    advice: LazyString


PROBLEMS: Mapping[str, Problem] = {
    "token_revoked": Problem(
        _l("Token refused"),
        _l("%(platform)s does not accept the stored credentials."),
        _l("They may have been revoked or replaced. Get new ones there and change the credentials here."),
    ),
    "unreachable": Problem(
        _l("No answer"),
        _l("%(platform)s does not answer."),
        _l("The portal tries again by itself. If this lasts for more than an hour, look whether others see it too."),
    ),
    "throttled": Problem(
        _l("Asked to wait"),
        _l("%(platform)s wants the portal to ask less often."),
        _l("The portal waits as long as it was told, and tries again by itself."),
    ),
    "no_public_address": Problem(
        _l("No public address"),
        _l("%(platform)s delivers messages to a public web address, and this portal has none."),
        _l("Whoever runs the portal has to give it one (PUBLIC_URL). Then switch the platform off and on again."),
    ),
    "address_refused": Problem(
        _l("Address refused"),
        _l("%(platform)s does not accept the portal's address."),
        _l("Whoever runs the portal has to make it reachable from outside by https. Then set the webhook again."),
    ),
    "not_answering": Problem(
        _l("Portal not reached"),
        _l("%(platform)s called the portal's address and got no right answer."),
        _l("Whoever runs the portal has to make it reachable from outside by https. Then set the webhook again."),
    ),
    "certificate": Problem(
        _l("Certificate"),
        _l("%(platform)s does not trust the certificate of the portal's address."),
        _l("Whoever runs the portal has to renew the certificate, with all its intermediate ones."),
    ),
    "not_set": Problem(
        _l("Webhook missing"),
        _l("%(platform)s has no webhook for this bot, so no messages arrive."),
        _l("Set the webhook again."),
    ),
    "taken_over": Problem(
        _l("Webhook elsewhere"),
        _l("Another program has directed the bot's messages to its own address."),
        _l("Switch that program off, then set the webhook again."),
    ),
    "in_the_way": Problem(
        _l("Webhook elsewhere"),
        _l("A webhook of another program keeps the portal from fetching the bot's messages."),
        _l("Switch that program off, then set the webhook again."),
    ),
    "fought_over": Problem(
        _l("Taken again and again"),
        _l("Another program takes the bot's messages again and again. The portal has stopped taking them back."),
        _l("Find the program that uses the same token and switch it off, or replace the token. Then check again."),
    ),
    "secret_refused": Problem(
        _l("Deliveries refused"),
        _l("What %(platform)s delivers does not carry the right secret, so the portal refuses it."),
        _l("Set the webhook again."),
    ),
    "our_errors": Problem(
        _l("Deliveries fail"),
        _l("%(platform)s could not deliver messages to the portal."),
        _l("Nothing is lost: it tries again. If this stays, tell whoever runs the portal."),
    ),
    "backlog_growing": Problem(
        _l("Messages pile up"),
        _l("Messages pile up at %(platform)s and do not arrive fast enough."),
        _l("They are kept there and delivered later. If this stays, tell whoever runs the portal."),
    ),
    "allowed_updates_differ": Problem(
        _l("Not all arrives"),
        _l("%(platform)s does not deliver everything that the bot needs, such as pressed buttons."),
        _l("Set the webhook again."),
    ),
    "unreadable": Problem(
        _l("Credentials unreadable"),
        _l("The stored credentials cannot be read any more, or are not complete."),
        _l("An owner has to set them again."),
    ),
}
# What the senders of messages note where the platform refuses them.
ALSO_CALLED = {"credentials_refused": "token_revoked"}
UNKNOWN_PROBLEM = Problem(
    _l("Not working"),
    _l("Something is wrong with the connection to %(platform)s."),
    _l("Check it now. If this stays, tell whoever runs the portal."),
)
# Pressing "Set the webhook again" is worth a try.
SET_AGAIN_HELPS = frozenset({
    "not_set", "taken_over", "in_the_way", "fought_over", "secret_refused", "allowed_updates_differ",
    "address_refused", "not_answering", "certificate",
})  # fmt: skip

# What happened, and its symbol.
OCCASIONS: Mapping[str, tuple[LazyString, str]] = {
    "switch_on": (_l("Switched on"), "power"),
    "switch_off": (_l("Switched off"), "power"),
    "set_again": (_l("Webhook set again"), "refresh"),
    "credentials": (_l("Credentials changed"), "key"),
    "disconnect": (_l("Disconnected"), "plug"),
    "archived": (_l("Bot archived"), "archive"),
    "restored": (_l("Bot restored"), "restore"),
    "refresh_on": (_l("Automatic refresh switched on"), "settings"),
    "refresh_off": (_l("Automatic refresh switched off"), "settings"),
    "check": (_l("Checked"), "search"),
    "check_asked": (_l("Checked on request"), "search"),
    "settling": (_l("Connection"), "plug"),
    "test": (_l("Test message queued"), "send"),
}
ACTIONS: Mapping[str, LazyString] = {
    "set_webhook": _l("The webhook was set. Messages that wait are kept."),
    "remove_webhook": _l("The webhook was removed."),
    "poll": _l("The portal fetches the messages itself."),
}
RESULTS: Mapping[str, tuple[LazyString, str]] = {
    WAITING: (_l("Under way"), "accent"),
    OVERTAKEN: (_l("Overtaken by a later change"), "neutral"),
    "live": (_l("Works"), "good"),
    "polling": (_l("Works"), "good"),
    "healthy": (_l("All is well"), "good"),
    "recovered": (_l("Works again"), "good"),
    "healed": (_l("Put right"), "good"),
    "off": (_l("Done"), "neutral"),
    "kept": (_l("Done"), "neutral"),
    "queued": (_l("Queued"), "neutral"),
    "retrying": (_l("Tried again later"), "warn"),
    "stopped": (_l("Waits for you"), "bad"),
    "failed": (_l("Failed"), "bad"),
}
# Codes whose detail is for the portal itself.
_UNTOLD_DETAILS = frozenset({"test"})


@dataclass(frozen=True, slots=True)
class EventLine:
    """One line of the timeline: what, who, the finding with its cause, what was done, and how it came out."""

    event: BotPlatformEvent
    title: str
    icon: str
    cause: str
    action: str
    result: str
    tone: str
    detail: str


def problem_of(code: str | None) -> Problem | None:
    """The words for a code; general ones for a code that is not known."""
    return PROBLEMS.get(ALSO_CALLED.get(code, code), UNKNOWN_PROBLEM) if code else None


def filled_in(text: LazyString, platform: str) -> str:
    """A sentence in the reader's language, with the platform's name where it has a place for it."""
    return str(text) % {"platform": platform}


def line_of(event: BotPlatformEvent, platform: str) -> EventLine:
    """A line of the timeline in words."""
    title, icon = OCCASIONS.get(event.occasion, (event.occasion.replace("_", " ").capitalize(), "info"))
    result, tone = RESULTS.get(event.result, (event.result, "neutral"))
    if event.result == WAITING and not event.is_waiting:
        result, tone = _("No result"), "neutral"
    if event.result == "failed" and event.occasion in ("check", "check_asked"):
        result = _("Trouble found")
    problem = problem_of(event.cause)
    return EventLine(
        event=event,
        title=str(title),
        icon=icon,
        cause=_past(event, problem, platform) if problem else "",
        action=str(ACTIONS.get(event.action, "")) if event.action else "",
        result=str(result),
        tone=tone,
        detail="" if event.occasion in _UNTOLD_DETAILS else event.detail or "",
    )


def _past(event: BotPlatformEvent, problem: Problem, platform: str) -> str:
    if event.result == "recovered":
        return _("It was: %(problem)s.", problem=str(problem.short))
    if event.result == "stopped":
        return filled_in(PROBLEMS["fought_over"].sentence, platform)
    return filled_in(problem.sentence, platform)
