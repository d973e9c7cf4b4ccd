"""Whatever an author writes and a guest types, no messenger refuses its form: scenarios at random, sent for good."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.messengers.results import OutgoingFile
from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.engine.program import Program
from portal.scenarios.transcripts import Chat
from tests.messengers.conftest import stage_of
from tests.messengers.test_sending import PDF, PNG

# What breaks messages: marks of every platform's markup, tags that do not match, signs of two units, of no width, of
# several bytes, quotation marks, addresses; and plenty of each.
PIECES = [
    "слово ", "<b>", "</b>", "<i>", "</i>", "<code>", "</code>", "<u>", "</a>", "<", "&", "&amp;", "&lt;b&gt;", "*",
    "_", "~", "```", "\n", "\n\n", '"', "\\", "\u200b", "\u00a0", "😀", "👨\u200d👩\u200d👧", "\u202e", "\ufeff",
    "\x07",
    '<a href="https://menu.example/' + "x" * 600 + '">Блюдо</a>, ', "<a href='tel:+7'>", "{{name}}", "{{nobody}}",
    "€", "日本",
]  # fmt: skip
text = st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from([1, 1, 1, 2, 70, 900])), max_size=7).map(
    lambda pieces: "".join(piece * count for piece, count in pieces)[:30_000]
)
label = st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from([1, 1, 3, 40])), min_size=1, max_size=4).map(
    lambda pieces: "".join(piece * count for piece, count in pieces)[:400]
)
media = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["image", "video", "audio", "document", "animation"]),
        "file_id": st.just("menu"),
        "caption": text,
    }
)
step = st.fixed_dictionaries(
    {"message": st.fixed_dictionaries({"text": text, "media": st.lists(media, max_size=2)})},
    optional={
        "buttons": st.lists(st.fixed_dictionaries({"text": label, "value": st.just("v")}), max_size=30),
        "expected_input": st.fixed_dictionaries({"type": st.sampled_from(["text", "phone", "location", "button"])}),
    },
)
FILES = {
    "image": ("image/png", PNG),
    "video": ("video/mp4", b"\0\0\0\x18ftypmp42"),
    "audio": ("audio/mpeg", b"ID3" + b"x" * 90),
    "document": ("application/pdf", PDF),
    "animation": ("image/gif", b"GIF89a" + b"x" * 90),
}


def file_for(outgoing):
    if outgoing.attachment is None:
        return None
    content_type, data = FILES[outgoing.attachment.kind.value]
    ending = content_type.partition("/")[2]
    address = f"https://portal.example/media/signed.{ending}"
    return OutgoingFile(lambda: data, f"menu.{ending}", content_type, len(data), public_url=address)


@pytest.fixture(scope="module", params=["telegram", "whatsapp", "viber"])
def server(request):
    yield from stage_of(request.param)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(step=step, name=text)
def test_no_message_of_a_scenario_is_refused_for_its_form(server, step, name):
    document = ScenarioDocument.from_data({"steps": {"a": step}, "global_context": {"name": name[:4096]}})
    for outgoing in Chat(Program.of(document)).hear("/start"):
        for part in server.adapter.outbound.parts(outgoing):
            # Raises Rejected where the stand-in refuses it.
            sent = server.adapter.outbound.send(server.call, server.chat_id, part, file_for(part), "row")
            assert sent.message_ref


def test_the_stand_in_of_the_property_does_refuse(server):
    """What the property relies on: the same call with a text that was not cut is refused."""
    from portal.messaging.events import OutgoingMessage, TextSpan
    from portal.messengers.errors import Rejected

    with pytest.raises(Rejected):
        server.adapter.outbound.send(server.call, server.chat_id, OutgoingMessage((TextSpan("ж" * 8000),)), None, "row")
