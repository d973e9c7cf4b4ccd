"""Two people at one form: what each of them changed is told apart, field by field (decision 026).

A form carries a digest of each value that it was made of. When it is sent, the row is held and read anew: what only one
side changed is taken from that side; where both did, the person chooses, and nothing is saved before.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol, cast

from flask import abort, g, request
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from markupsafe import Markup
from sqlalchemy.exc import InvalidRequestError
from werkzeug.datastructures import MultiDict
from wtforms import Field, FileField, HiddenField, MultipleFileField, PasswordField, SelectField
from wtforms.csrf.core import CSRF, CSRFTokenField
from wtforms.validators import ValidationError

from portal.db.amounts import format_quantity
from portal.db.base import Entity, db
from portal.web.language import choose_locale
from portal.web.proofs import is_review, proof
from portal.web.times import typed_day
from portal.web.values import visible

# What a page was made of; the fields that the person was asked about; and their choice for each.
READ, CONTESTED, TAKE = "_read", "_contested", "_take-"
# The name under which a page carries what its stored secrets were.
SEALED = "*"
THEIRS, MINE = "theirs", "mine"
# No part of what is stored, or nothing that comes back.
UNREAD = (HiddenField, FileField, MultipleFileField, PasswordField)


@dataclass(frozen=True, slots=True)
class Change:
    """Who changed something last, and when; ``by`` is ``None`` for the portal itself."""

    by: str | None
    at: datetime
    is_own: bool


@dataclass(frozen=True, slots=True)
class Contest:
    """A field that two people changed: what the other one wrote, as people read it."""

    theirs: str
    change: Change | None
    mine: str


_last_change: Callable[[Entity, Sequence[str]], Change | None] | None = None


def tell_changes_with(find: Callable[[Entity, Sequence[str]], Change | None]) -> None:
    """Who knows the last change of a row under some names of attributes: the audit log, which stands above forms."""
    global _last_change
    _last_change = find


def last_change(row: Entity | None, keys: Sequence[str]) -> Change | None:
    """The last change of it, where anybody knows."""
    return _last_change(row, keys) if _last_change is not None and row is not None else None


def will_save() -> bool:
    """Whether a form was sent to be saved: not to be checked while somebody types, nor to be shown again."""
    return request.method not in ("GET", "HEAD") and not is_review() and not request.form.get("_validate")


def hold(row: Entity) -> None:
    """Read a stored row anew and keep others from changing it until the commit, where its form was sent to be saved."""
    if not will_save() or row not in db.session:
        return
    try:
        db.session.refresh(row, with_for_update={"key_share": True, "of": type(row)})
    except InvalidRequestError:  # removed since it was read
        abort(404)


class ProofField(CSRFTokenField):
    """The proof, and beside it what the form was made of: no template can forget either."""

    csrf_impl: "ProofOfForm"

    def __call__(self, **options: Any) -> Markup:
        """Both as hidden fields."""
        return super().__call__(**options) + self.csrf_impl.form.read_mark()


class ProofOfForm(CSRF):
    """What goes with a form; whether a proof is good was asked before any view (``portal/web/stale_forms.py``)."""

    field_class = ProofField
    form: "MergingForm"

    def setup_form(self, form: Any) -> Any:
        """Know the form that it goes with."""
        self.form = form
        return super().setup_form(form)

    def validate_csrf_token(self, form: Any, field: Field) -> None:
        """Only what was asked, and had one."""
        if not g.get("csrf_valid"):
            raise ValidationError(_("This page is out of date"))

    def generate_csrf_token(self, csrf_token_field: Field) -> str:
        """A proof that is good for this page."""
        return proof()


class MergingForm(FlaskForm):
    """A form that knows what it was made of. ``row`` is whose changes the log is asked for.

    ``secrets`` stands for the secrets that are stored, which never come back to a page: they are replaced as a whole.
    """

    row: Entity | None = None
    secrets: Any = None
    is_merged = False

    def process(self, formdata: Any = None, obj: Any = None, data: Any = None, **options: Any) -> None:
        """Hold the row that the form edits, and note which fields were given a stored value."""
        self.contests: dict[str, Contest] = {}
        self.is_sent = bool(formdata)
        is_of_page = formdata is not None and not isinstance(formdata, MultiDict)
        if isinstance(obj, Entity):
            self.row = obj
            if is_of_page:
                hold(obj)
        super().process(formdata, obj=obj, data=data, **options)
        given = {*(data or ()), *options}
        self.read_fields = [
            field
            for field in self
            if not isinstance(field, UNREAD)
            and not hasattr(field, "merges_itself")
            and (field.name in given or (obj is not None and hasattr(obj, field.name)))
        ]

    def read_mark(self) -> Markup:
        """What is stored now, as the page carries it; nothing for a form that begins empty."""
        if not self.read_fields and self.secrets is None:
            return Markup()
        hidden = Markup('<input type="hidden" name="{}" value="{}">')
        if not self.is_merged and self._was_sent_with_mark():
            # Shown again without a look at what others changed: the next time it is sent, that is still to be done.
            return hidden.format(READ, request.form[READ])
        told = [f"{field.name}:{digest(stored_data(field))}" for field in self.read_fields]
        told += [f"{SEALED}:{digest(self.secrets)}"] if self.secrets is not None else []
        return hidden.format(READ, " ".join(told))

    def _was_sent_with_mark(self) -> bool:
        """Whether the mark that came is this form's: a page may hold several, of which one is sent."""
        own = {SEALED, *(field.name for field in self.read_fields)}
        return self.is_sent and not own.isdisjoint(read_digests())

    def merge(self) -> bool:
        """Take over what others changed meanwhile and this person did not; whether nothing is left to choose."""
        self.is_merged, read = True, read_digests()
        merge_fields(self.read_fields, read, self)
        is_replaced = SEALED in read and read[SEALED] != digest(self.secrets)
        if is_replaced and any(isinstance(field, PasswordField) and field.data for field in self):
            self.contests[SEALED] = Contest("", last_change(self.row, ()), "")
        return not self.contests

    def contest(self, field: Field) -> None:
        """Ask the person about a field."""
        change = last_change(self.row, log_keys(field.name))
        self.contests[field.name] = found = Contest(told(field, stored_data(field)), change, told(field, field.data))
        field.contest = found  # type: ignore[attr-defined]


def read_digests() -> dict[str, str]:
    """What the page that was sent was made of: a digest by the name of each field."""
    pairs = (each.partition(":") for each in request.form.get(READ, "").split(" "))
    return {name: value for name, _colon, value in pairs if value}


class Asking(Protocol):
    """Who asks the person about a field that two people changed."""

    def contest(self, field: Field) -> None:
        """Ask about it."""


def merge_fields(fields: Iterable[Field], read: dict[str, str], form: Asking, length: int | None = None) -> None:
    """Decide each field that somebody else has changed since the page was made, or that the person was asked about.

    ``length`` is how much of each digest was kept.
    """
    for field in fields:
        was = read.get(field.name)
        if was is None:
            continue
        theirs, mine = digest(stored_data(field))[:length], digest(sent_data(field))[:length]
        choice = request.form.get(TAKE + field.name)
        if theirs == was:
            if field.name in request.form.getlist(CONTESTED) and mine != theirs:
                if choice == THEIRS:
                    take_stored(field)
                elif choice != MINE:
                    form.contest(field)
        elif mine == was:
            take_stored(field)
        elif mine != theirs:
            form.contest(field)


def take_stored(field: Field) -> None:
    """Fill the field in with what is stored."""
    field.process(None, field.object_data)
    field.raw_data = None


def stored_data(field: Field) -> Any:
    """What is stored, as the field would give it out."""
    value = field.object_data
    if not isinstance(field, SelectField) or value is None:
        return value
    if isinstance(value, list | tuple | set):
        return [field.coerce(each) for each in value]
    return field.coerce(value)


def sent_data(field: Field) -> Any:
    """What was filled in; the very text where the field could make nothing of it."""
    return field.raw_data if field.process_errors else field.data


def digest(value: Any) -> str:
    """What stands for a value: the same for what a form would store alike."""
    return hashlib.blake2s(_plain(value).encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()


def _plain(value: Any) -> str:
    if value is None or value is False:
        return ""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, list | tuple | set):
        return "\n".join(sorted(_plain(each) for each in value))
    return "\n".join(visible(str(value)).strip().splitlines())


def told(field: Field, value: Any) -> str:
    """A value as people read it."""
    if isinstance(field, SelectField):
        labels = {str(each.value): str(each.label) for each in cast("list[Any]", field.iter_choices())}
        chosen = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(str(each), str(each)) for each in chosen if each not in (None, "")) or _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return typed_day(value, choose_locale())
    if isinstance(value, Decimal):
        return format_quantity(value)
    return str(value) if value not in (None, "") else _("nothing")


def log_keys(name: str) -> tuple[str, ...]:
    """What the log may call a field: as the form does, or a list of rows by their kind."""
    return (name, f"{name.removesuffix('_ids')}s", name.removesuffix("_id"))
