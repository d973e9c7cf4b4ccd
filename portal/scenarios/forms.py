"""The form of a scenario: a file or a text."""

from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import Field, TextAreaField

from portal.scenarios.document.document import MAX_SOURCE_BYTES, ScenarioDocument
from portal.scenarios.document.packages import bundle_of, is_zip
from portal.scenarios.document.problems import ScenarioUnreadable
from portal.web.forms import PortalForm

# What is longer nobody can read as a whole, and every page of it costs everybody's time. A longer one that is live
# already goes on.
MAX_STEPS = 1000


class SourceField(TextAreaField):
    """A text as it was typed; a browser sends each end of a line as CR LF, which is taken back."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        self.data = (self.data or "").replace("\r\n", "\n")


class EitherOr:
    """Marks a field that may stay empty only where another one is filled in, so that no label calls it optional."""

    field_flags: ClassVar[dict[str, bool]] = {"either_or": True}

    def __call__(self, form: Any, field: Field) -> None:
        """The form checks them together."""


class ScenarioForm(PortalForm):
    """A chosen file, else the text; ``document`` holds the scenario once it could be read."""

    file = FileField(
        _l("File"),
        validators=[EitherOr()],
        description=_l(
            "A JSON file of at most 1 MB, or a ZIP file with package.json and its intents. "
            "A chosen file replaces the text below."
        ),
        render_kw={"accept": ".json,application/json,.zip,application/zip"},
    )
    source = SourceField(_l("Text of the scenario"), validators=[EitherOr()])
    document: ScenarioDocument
    unreadable: ScenarioUnreadable | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether file or text is a scenario that can be read; a file's text is kept in the text field."""
        valid = super().validate(extra_validators)
        uploaded = self.file.data
        content = uploaded.read(MAX_SOURCE_BYTES + 1) if uploaded else self.source.data
        field = self.file if uploaded else self.source
        if not content:
            message = _l("The file is empty.") if uploaded else _l("Choose a file or paste the text.")
            field.errors = [*field.errors, message]
            return False
        try:
            if isinstance(content, bytes) and is_zip(content):
                content = bundle_of(content)
            self.document = ScenarioDocument.from_text(content)
        except ScenarioUnreadable as fault:
            self.unreadable = fault
            field.errors = [*field.errors, _told(fault)]
            valid = False
        else:
            valid = self._is_short_enough(field) and valid
        if uploaded and len(content) <= MAX_SOURCE_BYTES:
            self.source.data = _as_text(content) or self.source.data
        return valid

    def _is_short_enough(self, field: Field) -> bool:
        steps = len(self.document.steps)
        if steps > MAX_STEPS:
            told = _(
                "The scenario has %(steps)s steps, and the portal takes at most %(most)s. Split it into several bots.",
                steps=steps,
                most=MAX_STEPS,
            )
            field.errors = [*field.errors, told]
        return steps <= MAX_STEPS


def _told(fault: ScenarioUnreadable) -> str:
    """The fault as plain text, which templates escape: it may quote the file."""
    problem = fault.problem
    if problem.line is None:
        return str(problem.message)
    return _(
        "Line %(line)s, column %(column)s: %(message)s",
        line=problem.line,
        column=problem.column,
        message=str(problem.message),
    )


def _as_text(content: str | bytes) -> str:
    try:
        return content if isinstance(content, str) else content.decode()
    except UnicodeDecodeError:
        return ""
