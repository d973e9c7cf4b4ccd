"""What a scenario asks, as the rule of a bot chooses among it, and what its author's names suggest."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from portal.onboarding.intake.trigger import Trigger
from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.document.placeholders import PLACEHOLDER
from portal.scenarios.document.steps import ACTION, Step, as_object, as_text
from portal.scenarios.document.wording import shortened
from portal.scenarios.flow.cards import GAP
from portal.scenarios.flow.flow import step_order

MAX_QUESTION = 70
# The older platform's own word for "now to the record".
REGISTERING = "register_with_labor_module"
# How authors call what fills a field, the likeliest first. The parts of a name stand together.
USUAL_NAMES: dict[str, tuple[str, ...]] = {
    "position": ("position", "role", "job", "vacancy", "job_title"),
    "restaurant": ("restaurant", "project", "location", "place", "store", "cafe", "city"),
    "first_shift_at": ("first_shift_at", "first_shift_datetime", "first_shift", "first_day", "start_date"),
    "phone": ("phone", "phone_number", "telephone", "mobile", "tel"),
    "email": ("email", "e_mail", "mail"),
    "birthday": ("birthday", "birth_date", "birthdate", "date_of_birth"),
    "citizenship": ("citizenship", "nationality"),
    "uniform_size": ("uniform_size", "uniform", "clothing_size", "size"),
    "emergency_contact": ("emergency_contact", "emergency"),
}
WHOLE_NAMES, FIRST_NAMES, LAST_NAMES = (
    ("full_name", "fio", "name_surname", "name"), ("first_name", "firstname"), ("last_name", "lastname", "surname"),
)  # fmt: skip
CONSENTS = ("consent", "personal_data_consent", "data_consent", "pdn_consent", "personal_data")
CONFIRMED = ("yes", "confirmed", "confirm", "ok", "да")
CONFIRMATIONS = ("data_confirmed", "confirmation", "confirmed", "is_confirmed")
# Of which kind an answer must be for a field that no name suggests.
BY_KIND = {"phone": "phone", "email": "email"}
# What a variable of a file is called where it is this kind of paper.
PAPERS = {
    "medical_exam": ("medical", "medbook", "med_book"),
    "work_patent": ("patent",),
    "foreign_passport": ("passport",),
}


@dataclass(frozen=True, slots=True)
class AskedVariable:
    """A variable with the question that asks it, the kind of answer, and the values of its buttons with their words."""

    name: str
    question: str
    kind: str
    values: Mapping[str, str] = field(default_factory=dict)


class Survey:
    """One version of a scenario, as a questionnaire."""

    def __init__(self, document: ScenarioDocument) -> None:
        self.document = document

    @cached_property
    def variables(self) -> dict[str, AskedVariable]:
        """By name, in the order in which people are asked."""
        found: dict[str, AskedVariable] = {}
        for step in self.steps:
            asked = step.expected_input
            if asked is not None and asked.variable:
                former = found.get(asked.variable)
                values = {**(former.values if former else {}), **self._values(step)}
                name = asked.variable
                found[name] = AskedVariable(name, former.question if former else question_of(step), asked.kind, values)
        return found

    @cached_property
    def steps(self) -> list[Step]:
        """In the order in which people come to them."""
        return [self.document.steps_by_id[step_id] for step_id in step_order(self.document)]

    @property
    def registering_step(self) -> str | None:
        """The step that hands the answers over, in scenarios of the older platform."""
        found = (
            step.id for step in self.steps if step.kind == ACTION and as_text(step.raw.get("action")) == REGISTERING
        )
        return next(found, None)

    @property
    def declared(self) -> dict[str, Any]:
        """What the author wrote of the record into the file."""
        return as_object(as_object(self.document.head.get("metadata")).get("staff_record"))

    def values_of(self, variable: str) -> dict[str, str]:
        """Every value that a variable may get of a button, or that the author has a word for; with that word."""
        asked = self.variables.get(variable)
        return {**self.document.variables_mapping.get(variable, {}), **(asked.values if asked else {})}

    def _values(self, step: Step) -> dict[str, str]:
        return {button.value: button.text or button.value for button in step.buttons if button.value}


@dataclass(frozen=True)
class RuleDraft:
    """What a rule says, before it is one."""

    trigger: Trigger = field(default_factory=Trigger)
    fields: Mapping[str, Any] = field(default_factory=dict)
    documents: Mapping[str, str] = field(default_factory=dict)
    consent: str = ""


def propose(survey: Survey, paper_codes: Iterable[str]) -> RuleDraft:
    """What the author declared, else what the names of the variables suggest."""
    if survey.declared:
        return _declared(survey, survey.declared)
    names = {name.lower(): name for name in survey.variables}
    fields: dict[str, Any] = {"name": _name_of(names)} if _name_of(names) else {}
    for each, usual in USUAL_NAMES.items():
        if variable := _usual(names, usual) or _of_kind(survey, BY_KIND.get(each)):
            fields[each] = variable
    files = [each.name for each in survey.variables.values() if each.kind == "file"]
    documents = {code: name for code in paper_codes if (name := _paper(files, PAPERS.get(code, (code,))))}
    return RuleDraft(_trigger_of(survey), fields, documents, _usual(names, CONSENTS) or "")


def question_of(step: Step) -> str:
    """A question by the beginning of its text."""
    text = step.text or next((variant.text for variant in step.variants if variant.text), "")
    return shortened(PLACEHOLDER.sub(GAP, text), MAX_QUESTION) or GAP


def _declared(survey: Survey, told: Mapping[str, Any]) -> RuleDraft:
    fields, documents = as_object(told.get("fields")), as_object(told.get("documents"))
    trigger, parts = Trigger.read(told.get("trigger")), fields.get("name")
    named = {"name": [each for each in parts if isinstance(each, str)]} if isinstance(parts, list) else {}
    return RuleDraft(
        # One that is never pulled is none.
        _trigger_of(survey) if trigger == Trigger() else trigger,
        {name: each for name, each in fields.items() if isinstance(each, str)} | named,
        {code: each for code, each in documents.items() if isinstance(each, str)},
        as_text(told.get("consent")),
    )


def _trigger_of(survey: Survey) -> Trigger:
    if survey.registering_step is not None:
        return Trigger(step=survey.registering_step)
    for variable in CONFIRMATIONS:
        values = [value for value in survey.values_of(variable) if value.lower() in CONFIRMED]
        if variable in survey.variables and values:
            return Trigger(variable=variable, equals=values[0])
    return Trigger(is_finish=True)


def _name_of(names: Mapping[str, str]) -> list[str]:
    parts = [found for usual in (FIRST_NAMES, LAST_NAMES) if (found := _usual(names, usual))]
    whole = _usual(names, WHOLE_NAMES)
    return parts if parts else [whole] if whole else []


def _usual(names: Mapping[str, str], usual: Iterable[str]) -> str | None:
    return next((names[name] for name in usual if name in names), None)


def _of_kind(survey: Survey, kind: str | None) -> str | None:
    return next((each.name for each in survey.variables.values() if kind and each.kind == kind), None)


def _paper(files: Iterable[str], words: Iterable[str]) -> str | None:
    return next((name for name in files if any(re.search(word, name, re.IGNORECASE) for word in words)), None)
