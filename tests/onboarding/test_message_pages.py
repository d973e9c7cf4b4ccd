"""The messages to a person on their page, and the form to write through the bot."""

import html

import pytest

from portal.db.base import SCHEMA


@pytest.fixture
def chain(world):
    return world.pelmenya


@pytest.fixture
def add(chain, superuser_sql):
    """``add(state=…)``: a message to the first employee."""

    def insert(**values):
        row = {"account_id": chain.account_id, "staff_member_id": chain.id_of("staff_member"), "kind": "done"}
        row |= {"text": "zqtold", "due_at": "2026-08-03", "state": "held"} | values
        names, places = ", ".join(row), ", ".join(["%s"] * len(row))
        superuser_sql(f"INSERT INTO {SCHEMA}.staff_message ({names}) VALUES ({places})", list(row.values()))

    return insert


def page_of(browser, chain):
    return browser.account(f"staff/{chain.id_of('staff_member')}")


def test_what_was_not_sent_is_on_the_page_with_its_reason_and_its_text_to_copy(chain, add, browse):
    for reason, sentence in (("blocked", "has blocked the bot"), ("window_over", "time for replies is over")):
        add(reason=reason, text=f"told because of {reason}")
        page = html.unescape(browse(chain.manager).get(page_of(browse(chain.manager), chain)).text)
        assert sentence in page
        assert f'<p class="told__text" dir="auto">told because of {reason}</p>' in page
        assert f'data-copy="told because of {reason}"' in page


def test_a_message_that_the_messenger_refused_says_why(chain, add, browse, superuser_sql):
    superuser_sql(
        f"UPDATE {SCHEMA}.bot_message SET state = 'failed', direction = 'out', error = 'outside_window' WHERE id = %s",
        [chain.message_id],
    )
    add(state="queued", message_id=chain.message_id)
    page = browse(chain.owner).get(page_of(browse(chain.owner), chain)).text
    assert "Not delivered" in page
    assert "until they write again" in page
    assert 'data-copy="zqtold"' in page


@pytest.mark.parametrize("role", ["chef", "viewer"])
def test_who_sees_nothing_private_sees_no_message_and_writes_none(chain, add, browse, role):
    add(reason="blocked")
    person = browse(getattr(chain, role))
    assert "zqtold" not in person.get(page_of(person, chain)).text
    assert person.post(f"{page_of(person, chain)}/messages/new", {"text": "hello"}).status_code == 403


def test_a_manager_writes_and_what_cannot_be_filled_in_is_said_beside_the_field(chain, browse, superuser_sql):
    owner = browse(chain.owner)
    url = f"{page_of(owner, chain)}/messages/new"
    assert owner.get(url).status_code == 200
    for text, said in (("", "Message"), ("{{step}} is done", "step"), ("{{phone}}", "phone"), ("x" * 1001, "1000")):
        answer = owner.post(url, {"text": text})
        assert answer.status_code == 422
        assert said in answer.text
        assert html.escape(text, quote=False)[:20] in answer.text
    assert owner.post(url, {"text": "<b>{{name}}</b>, hello"}).status_code == 303
    (row,) = superuser_sql(f"SELECT * FROM {SCHEMA}.staff_message WHERE kind = 'written'")
    assert (row.text, row.state) == ("<b>{{name}}</b>, hello", "waiting")
    assert "&lt;b&gt;" in owner.get(page_of(owner, chain)).text


def test_nobody_writes_to_whoever_has_left_or_belongs_to_another_chain(chain, world, browse, superuser_sql):
    stranger = browse(world.vareniki.owner)
    assert stranger.post(f"{page_of(stranger, chain)}/messages/new", {"text": "hello"}).status_code == 404
    superuser_sql(
        f"UPDATE {SCHEMA}.staff_member SET status = 'left', left_on = '2026-08-01' WHERE id = %s",
        [chain.id_of("staff_member")],
    )
    owner = browse(chain.owner)
    assert owner.post(f"{page_of(owner, chain)}/messages/new", {"text": "hello"}).status_code == 404
