"""What stands on a platform's page, in words that a restaurant manager understands."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.channels.events import OVERTAKEN, WAITING, BotPlatformEvent
from portal.messaging.failures import Failure

# How connections spell some failures.
_SPELLINGS: Mapping[str, Failure] = {
    "token_revoked": Failure.CREDENTIALS_REFUSED,
    "unreadable": Failure.CREDENTIALS_UNREADABLE,
    "address_refused": Failure.WEBHOOK_ADDRESS_REFUSED,
    "not_answering": Failure.WEBHOOK_NOT_ANSWERING,
    "not_set": Failure.WEBHOOK_NOT_SET,
}
# Pressing "Connect again" is worth a try.
SET_AGAIN_HELPS = frozenset({
    "not_set", "taken_over", "in_the_way", "fought_over", "secret_refused", "allowed_updates_differ",
    "address_refused", "not_answering", "certificate", "in_use_by_another_bot", "in_use_elsewhere",
})  # fmt: skip

# What happened, and its symbol.
OCCASIONS: Mapping[str, tuple[LazyString, str]] = {
    "switch_on": (_l("Switched on"), "power"),
    "switch_off": (_l("Switched off"), "power"),
    "set_again": (_l("Connected again"), "refresh"),
    "credentials": (_l("Credentials changed"), "key"),
    "disconnect": (_l("Disconnected"), "plug"),
    "moved": (_l("Credentials moved to another bot"), "key"),
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
    "set_webhook": _l("Messages are delivered to the portal from here on. Those that wait are kept."),
    "remove_webhook": _l("Messages are no longer delivered to the portal."),
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


def problem_of(code: str | None) -> Failure | None:
    """The words for a connection's code; general ones for a code that is not known."""
    return _SPELLINGS.get(code) or Failure.of(code) or Failure.UNKNOWN if code else None


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


def _past(event: BotPlatformEvent, problem: Failure, platform: str) -> str:
    if event.result == "recovered":
        return _("It was: %(problem)s.", problem=str(problem.short))
    if event.result == "stopped":
        return Failure.FOUGHT_OVER.describe(platform)
    return problem.describe(platform)
