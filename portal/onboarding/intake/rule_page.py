"""The page of a bot's rule: what pulls the trigger, which answer fills which field, what leads nowhere."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import abort
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import literal, select
from wtforms import BooleanField, SelectField, ValidationError
from wtforms.validators import Optional

from portal.bots.models import BotInstance
from portal.db.base import db
from portal.onboarding.intake.models import BotIntakeRule
from portal.onboarding.intake.standing import missing_variables
from portal.onboarding.intake.survey import RuleDraft, Survey, propose
from portal.onboarding.intake.trigger import Trigger
from portal.onboarding.intake.wording import FIELD_LABELS
from portal.restaurants.fields import RestaurantField
from portal.restaurants.models import Restaurant
from portal.scenarios.models import BotScenario
from portal.scenarios.programs import EMPTY_PROGRAM, program_of
from portal.staff.models import RestaurantCode, StaffPosition
from portal.staff.papers.models import DocumentType
from portal.web.attributes import LongSelect
from portal.web.forms import PortalForm, Required, options
from portal.web.merging import hold

FINISH, AT_STEP, ANSWERED = "finish", "step:", "answer:"
PAPER = "paper_"
MAX_NAMED = 6
SIMPLE = tuple(name for name in FIELD_LABELS if name != "name")


class VariableField(SelectField):
    """One of the variables that the live version asks, or none; one that it asks no more stays while it is chosen."""

    widget = LongSelect()

    def __init__(self, label: Any, **settings: Any) -> None:
        super().__init__(label, [Optional()], **settings)

    def offer(self, survey: Survey, kinds: Iterable[str] | None = None) -> None:
        """Offer each by its question."""
        asked = [each for each in survey.variables.values() if kinds is None or each.kind in kinds]
        known = {each.name: f"{each.question} ({each.name})" for each in asked}
        stored = {
            each: _("%(name)s: not asked any more", name=each)
            for each in (self.object_data,)
            if each not in known and each
        }
        self.choices = options([("", _("Not asked")), *known.items(), *stored.items()])


class RuleForm(PortalForm):
    """What a bot's conversations tell of a person. Made for the kinds of papers of a chain by ``rule_form``."""

    trigger = SelectField(_l("When are the answers taken?"), [Required()], widget=LongSelect())
    name = VariableField(_l("Name, or first name"))
    last_name = VariableField(_l("Last name, where it is asked apart"))
    position = VariableField(FIELD_LABELS["position"])
    restaurant = VariableField(FIELD_LABELS["restaurant"])
    restaurant_id = RestaurantField(_l("Without that question: everybody is of"), [Optional()])
    first_shift_at = VariableField(FIELD_LABELS["first_shift_at"])
    phone = VariableField(FIELD_LABELS["phone"])
    email = VariableField(FIELD_LABELS["email"])
    birthday = VariableField(FIELD_LABELS["birthday"])
    citizenship = VariableField(FIELD_LABELS["citizenship"])
    uniform_size = VariableField(FIELD_LABELS["uniform_size"])
    emergency_contact = VariableField(FIELD_LABELS["emergency_contact"])
    consent = VariableField(_l("Consent to personal data"))
    answers_status = BooleanField(_l("The bot answers /status with what is left to do"))
    is_on = BooleanField(_l("Take the answers into the staff record"))
    paper_names: Mapping[str, str]
    # Of a name that is asked in more parts than the form shows.
    more_names: Sequence[str] = ()

    def validate_name(self, field: VariableField) -> None:
        """Somebody without a name is called as the messenger calls them: that is never meant for all."""
        if self.is_on.data and not field.data and not self.last_name.data:
            raise ValidationError(_("Choose the question for the name."))

    def chosen(self) -> dict[str, Any]:
        """The rule's columns."""
        shown = (self["name"], self.last_name)
        more = () if any(part.data != part.object_data for part in shown) else self.more_names
        names = [name for name in (*(part.data for part in shown), *more) if name]
        fields = {each: self[each].data for each in SIMPLE if self[each].data}
        return {
            "trigger": trigger_of(self.trigger.data).as_json(),
            "fields": ({"name": names} if names else {}) | fields,
            "documents": {code: self[key].data for key, code in self.paper_names.items() if self[key].data},
            "consent": self.consent.data or None,
            "restaurant_id": self.restaurant_id.data,
            "answers_status": self.answers_status.data,
            "is_on": self.is_on.data,
        }

    def papers(self) -> list[Any]:
        """The fields of the kinds of papers."""
        return [self[key] for key in self.paper_names]


def rule_form(rule: BotIntakeRule | None, draft: RuleDraft, survey: Survey, kinds: Sequence[Any]) -> RuleForm:
    """The form of a rule, or of one that is only proposed."""
    if rule is not None:
        hold(rule)
    names = {f"{PAPER}{kind.id.hex}": kind.code for kind in kinds}
    fields = {f"{PAPER}{kind.id.hex}": VariableField(kind.name) for kind in kinds}
    made: Any = type("RuleOfOneBot", (RuleForm,), {**fields, "paper_names": names})
    form: RuleForm = made(data=_data(rule, draft, names))
    form.row, form.more_names = rule, _name_parts(rule or draft)[2:]
    for field in form:
        if isinstance(field, VariableField):
            field.offer(survey, ("file",) if field.name in names else None)
    form.trigger.choices = options(trigger_choices(survey, form.trigger.object_data))
    return form


def _data(rule: BotIntakeRule | None, draft: RuleDraft, names: Mapping[str, str]) -> dict[str, Any]:
    told: Any = rule or draft
    trigger = Trigger.read(rule.trigger) if rule is not None else draft.trigger
    first, last = [*_name_parts(told), "", ""][:2]
    papers = {key: told.documents.get(code, "") for key, code in names.items()}
    simple = {each: told.fields.get(each, "") for each in SIMPLE}
    rest = {
        "restaurant_id": rule.restaurant_id if rule is not None else None,
        "answers_status": rule.answers_status if rule is not None else False,
        "is_on": rule.is_on if rule is not None else True,
    }
    return (
        {"trigger": key_of(trigger), "name": first, "last_name": last, "consent": told.consent or ""}
        | simple
        | papers
        | rest
    )


def _name_parts(told: Any) -> list[str]:
    parts = told.fields.get("name") or []
    return parts if isinstance(parts, list) else [parts]


def key_of(trigger: Trigger) -> str:
    """A trigger as the form carries it."""
    if trigger.is_finish:
        return FINISH
    if trigger.step:
        return f"{AT_STEP}{trigger.step}"
    return f"{ANSWERED}{trigger.variable}" + ("" if trigger.equals is None else f"={trigger.equals}")


def trigger_of(key: str) -> Trigger:
    """The trigger that the form carries."""
    if key.startswith(AT_STEP):
        return Trigger(step=key.removeprefix(AT_STEP))
    if key.startswith(ANSWERED):
        variable, is_value, equals = key.removeprefix(ANSWERED).partition("=")
        return Trigger(variable=variable, equals=equals if is_value else None)
    return Trigger(is_finish=True)


def trigger_choices(survey: Survey, chosen: str | None) -> list[tuple[str, str]]:
    """The end, each answer, each step; what is chosen and gone stays on offer."""
    found = {FINISH: _("When the conversation ends")}
    for asked in survey.variables.values():
        for value, label in asked.values.items():
            told = _("“%(question)s” is answered “%(label)s”", question=asked.question, label=label)
            found[f"{ANSWERED}{asked.name}={value}"] = told
        if not asked.values:
            found[f"{ANSWERED}{asked.name}"] = _("“%(question)s” is answered", question=asked.question)
    for step in survey.steps:
        found[f"{AT_STEP}{step.id}"] = _("The conversation comes to the step “%(step)s”", step=step.written_id)
    if chosen and chosen not in found:
        found[chosen] = _("%(name)s: not asked any more", name=chosen.partition(":")[2])
    return list(found.items())


class RulePage:
    """What the page of a rule reads, in few statements."""

    def __init__(self, bot_id: UUID) -> None:
        query = (
            select(BotInstance, BotIntakeRule, BotScenario.id)
            .outerjoin(BotIntakeRule, BotIntakeRule.bot_id == BotInstance.id)
            .outerjoin(BotScenario, (BotScenario.bot_id == BotInstance.id) & BotScenario.is_live)
            .where(BotInstance.id == bot_id)
        )
        found = db.session.execute(query).one_or_none() or abort(404)
        self.bot: BotInstance = found[0]
        self.rule: BotIntakeRule | None = found[1]
        program = program_of(self.bot.account_id, found[2]) if found[2] else EMPTY_PROGRAM
        self.survey, self.has_live = Survey(program.document), found[2] is not None

    @cached_property
    def form(self) -> RuleForm:
        """The form, filled with the rule or with what is proposed."""
        draft = propose(self.survey, [kind.code for kind in self.kinds]) if self.rule is None else RuleDraft()
        return rule_form(self.rule, draft, self.survey, self.kinds)

    @property
    def missing(self) -> list[str]:
        """What the rule names and the live version asks no more."""
        told = self.rule
        if told is None:
            return []
        keys = ("trigger", "fields", "documents", "consent")
        return missing_variables({key: getattr(told, key) for key in keys}, self.survey)

    @property
    def kinds(self) -> list[Any]:
        """The kinds of papers in use, by name."""
        return [each for each in self._known if each.what == "kind"]

    @cached_property
    def _known(self) -> Sequence[Any]:
        """Kinds of papers, codes of restaurants that are open, codes of positions: all that answers may lead to."""
        kinds = select(
            literal("kind").label("what"),
            DocumentType.id.label("id"),
            DocumentType.code,
            DocumentType.name.label("name"),
        ).where(DocumentType.is_active)
        codes = (
            select(literal("restaurant"), RestaurantCode.id, RestaurantCode.code, Restaurant.name)
            .join(Restaurant, Restaurant.id == RestaurantCode.restaurant_id)
            .where(Restaurant.is_active)
        )
        positions = select(literal("position"), StaffPosition.id, StaffPosition.code, StaffPosition.name).where(
            StaffPosition.is_active
        )
        union = kinds.union_all(codes, positions).subquery()
        return db.session.execute(select(union).order_by(union.c.name, union.c.id)).all()

    def warning(self, what: str) -> str:
        """How many values of the question for a restaurant or a position lead to none, and which."""
        variable = str(self.form[what].data or "")
        values = self.survey.values_of(variable)
        known = {each.code.lower() for each in self._known if each.what == what}
        lost = [label for value, label in values.items() if value.lower() not in known]
        if not lost:
            return ""
        named = ", ".join(lost[:MAX_NAMED]) + (" …" if len(lost) > MAX_NAMED else "")
        told = {"lost": len(lost), "name": variable, "values": named}
        if what == "restaurant":
            return ngettext(
                "%(lost)s of %(num)s value of %(name)s leads to no restaurant: %(values)s.",
                "%(lost)s of %(num)s values of %(name)s lead to no restaurant: %(values)s.",
                len(values),
                **told,
            )
        return ngettext(
            "%(lost)s of %(num)s value of %(name)s leads to no position: %(values)s.",
            "%(lost)s of %(num)s values of %(name)s lead to no position: %(values)s.",
            len(values),
            **told,
        )
