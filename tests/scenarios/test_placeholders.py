"""The page of a conversation shows the texts that the bot sent."""

import pytest

from portal.conversations.progress import answers_in, progress_of
from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.engine.texts import fill


@pytest.mark.parametrize("text", ["{{who}}!", "{{ who }}", "{{a b}}", "{{x.y}}", "{{}}", "{{ }}", "{{{who}}}", "{who}"])
def test_a_page_fills_in_what_the_bot_does_and_nothing_else(text):
    document = ScenarioDocument.from_data({"steps": {"a": {"message": {"text": text}}}})
    collected = {"who": "Anna", "a b": "spaced", "x.y": "dotted", "": "empty"}
    sent = "".join(span.text for span in fill(text, collected, lambda _name, _value: None))
    assert progress_of("a", answers_in(collected, document), document).text == sent
