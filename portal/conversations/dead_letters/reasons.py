"""Why a delivery could not be worked on, in words for people."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.messaging.events import UpdateKind

KINDS = {
    UpdateKind.MESSAGE: _l("A message"),
    UpdateKind.PRESS: _l("A pressed button"),
    UpdateKind.OPENED: _l("Opening the chat"),
    UpdateKind.EDITED: _l("A changed message"),
    UpdateKind.BLOCKED: _l("Blocking the bot"),
    UpdateKind.UNBLOCKED: _l("Unblocking the bot"),
    UpdateKind.RECEIPT: _l("News of a delivery"),
    UpdateKind.UNKNOWN: _l("Something the portal does not know"),
}
FAULT = _l("The portal failed while it worked on this. Try again; if it fails again, tell whoever runs the portal.")


def why_dead(error: str | None) -> tuple[LazyString, str]:
    """A sentence, and the technical word for those who run the portal."""
    return FAULT, error or ""
