"""What people call the parts of a scenario."""

from portal.scenarios.document.conditions import AnyOf, Comparison, ConditionError, parse_condition
from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.document.steps import ACTION, CONDITIONAL_MESSAGE, ExpectedInput, RouteKind, Step
from portal.scenarios.document.wording import Phrase, _l, shortened

STEP_KINDS = {
    "message": _l("Message"),
    "question": _l("Question"),
    "conditional_message": _l("Text by condition"),
    "action": _l("Decision"),
    "unknown": _l("Unknown type"),
    "end": _l("End"),
    "outside": _l("Other scenario"),
    "missing": _l("Missing step"),
}
INPUT_KINDS = {
    "text": _l("Text answer"),
    "button": _l("Choice"),
    "number": _l("Number"),
    "date": _l("Date"),
    "phone": _l("Phone number"),
    "email": _l("E-mail address"),
    "file": _l("Photo or file"),
    "location": _l("Location"),
}
MEDIA_KINDS = {
    "image": _l("Picture"),
    "photo": _l("Picture"),
    "video": _l("Video"),
    "audio": _l("Sound"),
    "document": _l("Document"),
    "animation": _l("Animation"),
}
ROUTE_KINDS = {
    RouteKind.NEXT: _l("Next"),
    RouteKind.AUTOMATIC: _l("By itself"),
    RouteKind.CONDITION: _l("If"),
    RouteKind.OTHERWISE: _l("Otherwise"),
}


def step_kind(step: Step) -> str:
    """The kind of a step as a key of :data:`STEP_KINDS`: a message that awaits an answer is a question."""
    if step.kind in (ACTION, CONDITIONAL_MESSAGE):
        return step.kind
    if step.kind != "message":
        return "unknown"
    return "question" if step.expected_input or step.buttons else "message"


def input_label(expected: ExpectedInput) -> Phrase | str:
    """What kind of answer is expected."""
    return INPUT_KINDS.get(expected.kind, shortened(expected.kind))


def condition_label(document: ScenarioDocument, step: Step, text: str, *, plain: bool = False) -> str:
    """A condition in a few words: the button's text where it compares the step's own answer.

    ``plain`` is for readers who know no variables: what cannot be told without them is an earlier answer.
    """
    label, told = _condition(document, step, text)
    return label if label and plain else str(_l("By an earlier answer")) if plain else told


def _condition(document: ScenarioDocument, step: Step, text: str) -> tuple[str, str]:
    """The values that are compared with, as people call them (empty where it is not that simple), and the whole."""
    try:
        condition = parse_condition(text)
    except ConditionError:
        return "", shortened(text)
    options = condition.operands if isinstance(condition, AnyOf) else (condition,)
    equals = [one for one in options if isinstance(one, Comparison) and one.operator == "=="]
    variables = {one.variable for one in equals}
    if len(equals) < len(options) or len(variables) > 1:
        return "", shortened(text)
    variable = variables.pop()
    label = " / ".join(value_label(document, step, variable, one.value) for one in equals)
    asks_it = step.expected_input is not None and step.expected_input.variable == variable
    return label, label if asks_it else f"{variable} = {label}"


def value_label(document: ScenarioDocument, step: Step, variable: str, value: str) -> str:
    """How a value of a variable is shown: as the step's button, as mapped, or as it is."""
    if step.expected_input and step.expected_input.variable == variable:
        for button in step.buttons:
            if button.value == value and button.text:
                return button.text
    return document.variables_mapping.get(variable, {}).get(value) or value
