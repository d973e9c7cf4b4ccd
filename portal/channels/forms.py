"""The form of a platform's credentials, made of the fields that its adapter names."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, StringField

from portal.channels.models import BotPlatformCredential
from portal.messengers.fields import CredentialField
from portal.messengers.protocol import Messenger
from portal.web.forms import PortalForm


class PlatformForm(PortalForm):
    """Secrets are write-only: they never come back to the browser, and an empty one keeps what is stored."""

    adapter: Messenger
    others: Sequence[BotPlatformCredential] = ()
    take_over = BooleanField(_l("Move them here; the other bot is switched off"))
    switch_on = BooleanField(_l("Switch it on right away"), default=True)

    def __init__(self, stored: Mapping[str, object]) -> None:
        """Show the public values of what is stored, or take what was sent."""
        self.stored = self.adapter.normalise(stored)
        secret = self.adapter.secret_fields
        super().__init__(data={name: value for name, value in self.stored.items() if name not in secret})
        for field in self.adapter.fields:
            if field.required and field.name not in self.kept:
                self[field.name].flags.required = True

    @property
    def typed(self) -> dict[str, str]:
        """The adapter's values as they were typed, freed of what pasting adds."""
        return self.adapter.normalise(self.data)

    @property
    def kept(self) -> frozenset[str]:
        """The secrets that may stay empty."""
        return self.adapter.keepable(self.stored, self.typed)

    @property
    def credentials(self) -> dict[str, str]:
        """What to seal: the typed values, and where a secret stayed empty the stored one."""
        typed = self.typed
        return typed | {name: self.stored[name] for name in self.kept if not typed[name]}

    def validate(self, extra_validators: Any = None) -> bool:
        """The adapter's own checks after those of every form."""
        valid = super().validate(extra_validators)
        typed, kept = self.typed, self.kept
        problems: dict[str, Any] = self.adapter.check(typed, kept=kept)
        lost = {name for name in self.adapter.secret_fields - kept if self.stored[name] and not typed[name]}
        problems |= {name: _("What is stored belongs to the former values above. Fill this in again.") for name in lost}
        for name, problem in problems.items():
            self[name].errors = [*self[name].errors, problem]
        if valid and not problems:
            return True
        self._ask_again()
        return False

    def may_take_from(self, others: Sequence[BotPlatformCredential]) -> bool:
        """Whether nobody else has these credentials, or it is said that they are to be taken; else it is asked."""
        self.others = others
        if not others or self.take_over.data:
            return True
        bots = ", ".join(
            _("%(bot)s (archived)", bot=other.bot.name) if not other.bot.is_active else other.bot.name
            for other in others
        )
        told = _("Another bot of the chain already has these credentials: %(bots)s.", bots=bots)
        self.take_over.errors = [*self.take_over.errors, told]
        self._ask_again()
        return False

    def _ask_again(self) -> None:
        """Secrets are not sent back, so those that were right have to be pasted once more."""
        for name in self.adapter.secret_fields:
            if self[name].data and not self[name].errors:
                self[name].errors = [_("This was right, but secrets are not sent back: paste it once more.")]


def platform_form(adapter: Messenger, stored: Mapping[str, object]) -> PlatformForm:
    """The form of a platform, over what is stored for it."""
    return _form_class(adapter)(stored)


@cache
def _form_class(adapter: Messenger) -> type[PlatformForm]:
    fields = {field.name: _input(field) for field in adapter.fields}
    return type("PlatformForm", (PlatformForm,), {"adapter": adapter, **fields})


def _input(field: CredentialField) -> Any:
    kind = PasswordField if field.secret else StringField
    return kind(field.label, description=field.help)
