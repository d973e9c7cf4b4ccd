import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.messaging.events import TextSpan
from portal.messengers.markup import Run, html, plain, runs_of, signs, spans_of

ZWSP = "\u200b"


def shown(text, **more):
    runs = runs_of((TextSpan(text, **more),))
    return html(runs), signs(runs)


@pytest.mark.parametrize(
    ("text", "as_html", "as_signs"),
    [
        ("<b>да</b>", "<b>да</b>", "*да*"),
        ("<strong>да</strong> <em>и</em>", "<b>да</b> <i>и</i>", "*да* _и_"),
        ("<s>50</s> <u>40</u>", "<s>50</s> <u>40</u>", "~50~ 40"),
        ("<code>A1</code>", "<code>A1</code>", "```A1```"),
        ("<b>а <i>б</i></b>", "<b>а </b><b><i>б</i></b>", "*а* *_б_*"),
        ("<b><code>x</code></b>", "<code>x</code>", "*```x```*"),
        (
            '<a href="https://a.example/?x=1&amp;y=2">меню</a>',
            '<a href="https://a.example/?x=1&amp;y=2">меню</a>',
            "меню (https://a.example/?x=1&y=2)",
        ),
        ("2 < 3 & 4 > 1", "2 &lt; 3 &amp; 4 &gt; 1", "2 < 3 & 4 > 1"),
        ("<b>не закрыто", "&lt;b&gt;не закрыто", "<b>не закрыто"),
        ("</b>лишний", "&lt;/b&gt;лишний", "</b>лишний"),
        ("<b>а<i>б</b>в</i>", "<b>а&lt;i&gt;б</b>в&lt;/i&gt;", "*а<i>б*в</i>"),
        ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;", "<script>x</script>"),
        ('<b onclick="x">а</b>', '&lt;b onclick="x"&gt;а&lt;/b&gt;', '<b onclick="x">а</b>'),
        ('<a href="javascript:x">а</a>', '&lt;a href="javascript:x"&gt;а&lt;/a&gt;', '<a href="javascript:x">а</a>'),
        ("&lt;b&gt; &amp;", "&amp;lt;b&amp;gt; &amp;amp;", "&lt;b&gt; &amp;"),
        ("<b>раз\nдва</b>", "<b>раз\nдва</b>", "*раз*\n*два*"),
        ("<b> а </b>", "<b> а </b>", " *а* "),
        ("anna_petrova@mail.example 2*2=4", "anna_petrova@mail.example 2*2=4", "anna_petrova@mail.example 2*2=4"),
        ("a\x00b\rc\x1b[31m", "abc[31m", "abc[31m"),
    ],
)
def test_the_authors_few_tags_count_where_they_are_balanced(text, as_html, as_signs):
    assert shown(text) == (as_html, as_signs)


def test_nothing_that_a_person_typed_is_markup():
    assert shown("<b>x</b> *y*", typed=True) == ("&lt;b&gt;x&lt;/b&gt; *y*", f"<b>x</b> {ZWSP}*{ZWSP}y{ZWSP}*{ZWSP}")


def test_a_tag_holds_what_a_person_typed_inside_it():
    runs = runs_of((TextSpan("<b>"), TextSpan("</b><i>Анна*", typed=True), TextSpan("</b>")))
    assert runs == [Run("</b><i>Анна*", ("b",))]
    assert html(runs) == "<b>&lt;/b&gt;&lt;i&gt;Анна*</b>"


@pytest.mark.parametrize("typed", ["*жирно*", "_курсив_", "~нет~", "```код```", "`код`", "* * *", "_*_"])
def test_signs_that_a_person_typed_stand_apart_from_every_neighbour(typed):
    text = signs(runs_of((TextSpan(typed, typed=True),)))
    assert text.replace(ZWSP, "") == typed
    for place, char in enumerate(text):
        if char in "*_~`":
            assert {text[place - 1 : place], text[place + 1 : place + 2]} <= {ZWSP, ""}


pieces = st.lists(
    st.builds(
        TextSpan,
        st.lists(
            st.sampled_from(
                [
                    "<b>",
                    "</b>",
                    "<i>",
                    "</i>",
                    "<code>",
                    "</code>",
                    "<a href='https://x.example'>",
                    "</a>",
                    "а",
                    "<",
                    "&",
                    " ",
                ]
            )
        ).map("".join)
        | st.text(max_size=20),
        st.booleans(),
    ),
    max_size=6,
)


@given(pieces)
def test_runs_survive_being_written_as_segments(spans):
    runs = runs_of(spans)
    assert runs_of(spans_of(runs)) == runs


@given(pieces)
def test_html_is_always_balanced_and_says_the_words(spans):
    from html.parser import HTMLParser

    told, waiting = [], []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            waiting.append(tag)

        def handle_endtag(self, tag):
            assert waiting.pop() == tag

        def handle_data(self, data):
            told.append(data)

    reader = Reader(convert_charrefs=True)
    reader.feed(html(runs_of(spans)))
    reader.close()
    assert waiting == []
    assert "".join(told) == plain(spans)


def test_a_flood_of_tags_is_left_as_it_stands():
    text = "<b>" * 5000
    assert plain((TextSpan(text),)) == text
