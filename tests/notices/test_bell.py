"""The bell and its page: who is told of what, and what is read."""

import re
from datetime import UTC, datetime, timedelta

import pytest

BELL = re.compile(r'class="bell__count" aria-hidden="true">([^<]+)<')


@pytest.fixture(autouse=True)
def nothing_yet(notices):
    """No notice but those that a test puts there."""


def count_on(browser, path=""):
    """What the bell says, on both of its places alike; nothing where nothing waits."""
    told = set(BELL.findall(browser.get(browser.account(path)).text))
    assert len(told) <= 1
    return told.pop() if told else None


def later(**span):
    return (datetime.now(UTC) + timedelta(**span)).replace(tzinfo=None)


@pytest.mark.parametrize("path", ["", "restaurants", "notices", "stores/new"])
def test_every_page_of_an_account_shows_how_many_wait(world, browse, put_notice, path):
    owner = browse(world.pelmenya.owner)
    assert count_on(owner, path) is None
    put_notice()
    put_notice()
    assert count_on(owner, path) == "2"


def test_the_persons_own_pages_show_it_too(world, browse, put_notice):
    put_notice()
    assert BELL.findall(browse(world.pelmenya.owner).get("/profile").text) == ["1", "1"]


def test_a_form_that_is_refused_still_shows_it(world, browse, put_notice):
    put_notice()
    owner = browse(world.pelmenya.owner)
    refused = owner.post(owner.account("restaurants/new"), {"name": ""})
    assert refused.status_code == 422
    assert BELL.findall(refused.text) == ["1", "1"]


def test_beyond_ninety_nine_it_does_not_count(world, browse, put_notice, superuser_sql):
    put_notice()
    superuser_sql(
        "INSERT INTO getinn_ops.notice (account_id, kind, permission, entity, entity_id, entity_label)"
        " SELECT account_id, kind, permission, entity, gen_random_uuid(), entity_label"
        " FROM getinn_ops.notice, generate_series(1, 98)"
    )
    owner = browse(world.pelmenya.owner)
    assert count_on(owner) == "99"
    put_notice()
    assert count_on(owner) == "99+"


def test_what_is_resolved_waits_no_longer(world, browse, put_notice):
    put_notice(resolved_at=later())
    owner = browse(world.pelmenya.owner)
    assert count_on(owner) is None
    assert "zq reason" in owner.get(owner.account("notices")).text


@pytest.mark.parametrize(
    ("person", "told"),
    [
        ("owner", {"connection", "invitation"}),
        ("manager", {"connection"}),
        ("chef", set()),
        ("viewer", set()),
    ],
)
def test_who_may_not_see_the_page_is_not_told_of_what_happens_there(world, browse, put_notice, person, told):
    put_notice()
    put_notice("invitation_accepted", "users.edit", parameters={"role": "chef"})
    browser = browse(getattr(world.pelmenya, person))
    for path in ("notices", "notices/latest"):
        page = browser.get(browser.account(path)).text
        found = {"connection": "zq reason" in page, "invitation": "has joined" in page}
        assert {name for name, shown in found.items() if shown} == told
    assert count_on(browser) == (str(len(told)) if told else None)


def test_a_manager_of_some_restaurants_is_told_of_these_and_of_the_whole_chain(world, browse, put_notice):
    chain = world.pelmenya
    whole = put_notice(parameters={"reason": "whole chain"})
    own = put_notice(parameters={"reason": "own place"}, restaurant_id=chain.assigned_restaurant_id)
    hidden = put_notice(parameters={"reason": "other place"}, restaurant_id=chain.restaurant_id)
    limited = browse(chain.assigned_manager)
    for path in ("notices", "notices/latest"):
        page = limited.get(limited.account(path)).text
        assert ("whole chain" in page, "own place" in page, "other place" in page) == (True, True, False)
    assert count_on(limited) == "2"
    assert BELL.findall(limited.get("/profile").text) == ["2", "2"]
    assert limited.post(limited.account(f"notices/{hidden}/reading")).status_code == 404
    for notice in (whole, own):
        assert limited.post(limited.account(f"notices/{notice}/reading")).status_code == 303
    assert count_on(limited) is None
    assert count_on(browse(chain.manager)) == count_on(browse(chain.owner)) == "3"


def test_what_another_chain_is_told_stays_there(world, browse, put_notice):
    foreign = put_notice(chain=world.vareniki, parameters={"reason": "of another chain"})
    owner = browse(world.pelmenya.owner)
    assert count_on(owner) is None
    assert "of another chain" not in owner.get(owner.account("notices")).text
    assert owner.post(owner.account(f"notices/{foreign}/reading")).status_code == 404


def test_one_who_joins_later_finds_no_old_news_new(world, browse, put_notice, superuser_sql):
    put_notice(opened_at=later(hours=-1))
    superuser_sql("DELETE FROM getinn_ops.notice_reader")
    owner = browse(world.pelmenya.owner)
    assert count_on(owner) is None
    assert "zq reason" in owner.get(owner.account("notices")).text


def test_a_person_is_not_told_of_themselves(world, browse, put_notice):
    put_notice("invitation_accepted", "users.edit", entity="user", entity_id=world.pelmenya.owner.id)
    assert count_on(browse(world.pelmenya.owner)) is None


def test_opening_one_reads_it_and_leads_to_where_something_can_be_done(world, browse, put_notice):
    notice = put_notice()
    put_notice()
    owner = browse(world.pelmenya.owner)
    answer = owner.post(owner.account(f"notices/{notice}/reading"))
    assert (answer.status_code, answer.location) == (303, owner.account("integrations"))
    assert count_on(owner) == "1"
    assert count_on(browse(world.pelmenya.manager)) == "2"


def test_one_can_be_marked_as_read_without_leaving(world, browse, put_notice):
    notice = put_notice()
    owner = browse(world.pelmenya.owner)
    here = f"https://localhost{owner.account('stores')}"
    answer = owner.post(owner.account(f"notices/{notice}/reading"), {"stay": "1"}, headers={"Referer": here})
    assert answer.location == owner.account("stores")
    assert count_on(owner) is None
    owner.post(owner.account(f"notices/{notice}/reading"), {"stay": "1"})
    assert count_on(owner) is None


def test_all_is_read_that_began_until_the_newest_that_was_shown(world, browse, put_notice, superuser_sql):
    first = put_notice()
    put_notice()
    owner = browse(world.pelmenya.owner)
    owner.post(owner.account(f"notices/{first}/reading"))
    page = owner.get(owner.account("notices")).text
    [until] = re.findall(r'name="until" value="([^"]+)"', page)
    put_notice()
    answer = owner.post(owner.account("notices/reading"), {"until": until})
    assert answer.status_code == 303
    assert "All notices are marked as read." in owner.get(answer.location).text
    assert count_on(owner) == "1"
    assert superuser_sql("SELECT * FROM getinn_ops.notice_mark") == []
    assert count_on(browse(world.pelmenya.manager)) == "3"


def test_nobody_reads_the_future(world, browse, put_notice):
    owner = browse(world.pelmenya.owner)
    owner.post(owner.account("notices/reading"), {"until": later(days=400).isoformat()})
    put_notice()
    assert count_on(owner) == "1"


@pytest.mark.parametrize("until", ["", "yesterday", "9999-12-31T23:59:59+00:00x", "0001-01-01T00:00:00+14:00", "\x00"])
def test_a_moment_that_is_none_is_refused(world, browse, until):
    owner = browse(world.pelmenya.owner)
    assert owner.post(owner.account("notices/reading"), {"until": until}).status_code == 422


def test_what_was_read_is_told_again_only_when_it_begins_anew(world, browse, put_notice, superuser_sql):
    notice = put_notice()
    owner = browse(world.pelmenya.owner)
    owner.post(owner.account(f"notices/{notice}/reading"))
    superuser_sql("UPDATE getinn_ops.notice SET repetitions = 7, at = timezone('utc', clock_timestamp())")
    assert count_on(owner) is None
    assert "7 times" in owner.get(owner.account("notices")).text


def test_support_sees_the_notices_of_a_chain_and_reads_them_for_nobody(world, browse, put_notice, superuser_sql):
    notice = put_notice()
    before = superuser_sql("SELECT * FROM getinn_ops.notice_reader ORDER BY id")
    support = browse(world.superuser, visiting=world.pelmenya)
    page = support.get(support.account("notices")).text
    assert "zq reason" in page
    assert "Mark" not in page
    assert count_on(support) == "1"
    assert support.post(support.account(f"notices/{notice}/reading")).status_code == 403
    assert support.post(support.account("notices/reading"), {"until": later().isoformat()}).status_code == 403
    assert superuser_sql("SELECT * FROM getinn_ops.notice_reader ORDER BY id") == before
    assert superuser_sql("SELECT * FROM getinn_ops.notice_mark") == []


def test_before_a_visit_nothing_is_counted(world, browse, put_notice):
    put_notice()
    page = browse(world.superuser).get(f"/accounts/{world.pelmenya.slug}/notices")
    assert page.status_code == 403
    assert BELL.findall(page.text) == []


def test_the_page_is_narrowed_by_kind_and_to_what_is_open(world, browse, put_notice):
    put_notice(parameters={"reason": "open problem"})
    put_notice(parameters={"reason": "old problem"}, resolved_at=later())
    put_notice("invitation_accepted", "users.edit", parameters={"role": "chef"})
    owner = browse(world.pelmenya.owner)

    def shown(query):
        page = owner.get(owner.account(f"notices{query}")).text
        return ["open problem" in page, "old problem" in page, "has joined" in page]

    assert shown("") == [True, True, True]
    assert shown("?kind=connection_failed") == [True, True, False]
    assert shown("?kind=connection_failed&state=open") == [True, False, False]
    assert shown("?kind=nothing-such&state=strange") == [True, True, True]
    assert "Nothing matches" in owner.get(owner.account("notices?kind=webhook_healed")).text


def test_older_ones_stand_on_further_pages(world, browse, put_notice, superuser_sql):
    put_notice()
    superuser_sql(
        "INSERT INTO getinn_ops.notice (account_id, kind, permission, entity, entity_id, entity_label, parameters, at)"
        " SELECT account_id, kind, permission, entity, gen_random_uuid(), entity_label,"
        " jsonb_build_object('reason', 'reason ' || n || '.'), at - n * interval '1 minute'"
        " FROM getinn_ops.notice, generate_series(1, 59) n"
    )
    owner = browse(world.pelmenya.owner)
    seen, url, pages = [], owner.account("notices"), 0
    while url:
        page = owner.get(url).text
        seen += re.findall(r"reason \d+\.", page)
        pages += 1
        found = re.search(r'href="([^"]+before=[^"]+)"', page)
        url = found[1].replace("&amp;", "&") if found else None
    assert pages == 3
    assert seen == [f"reason {n}." for n in range(1, 60)]


@pytest.mark.parametrize("before", ["x", "_", "2026-01-31T12:00:00_", "2026-01-31T12:00:00_xyz", "_" + "0" * 32])
def test_a_place_that_is_none_is_the_first_page(world, browse, put_notice, before):
    put_notice()
    owner = browse(world.pelmenya.owner)
    assert "zq reason" in owner.get(owner.account("notices"), query_string={"before": before}).text


def test_a_notice_of_an_older_portal_lacks_no_parameter(world, browse, put_notice):
    put_notice("platform_failing", "platforms.see", parameters={})
    put_notice("connection_failed", "integrations.see", parameters={})
    put_notice("gone_from_the_code", "platforms.see", parameters={})
    owner = browse(world.pelmenya.owner)
    for path in ("notices", "notices/latest"):
        assert owner.get(owner.account(path)).status_code == 200


def test_each_reads_it_in_their_own_language(world, browse, put_notice, superuser_sql):
    put_notice("connection_failed", parameters={"reason": "The iiko server does not answer."})
    superuser_sql("UPDATE getinn_ops.\"user\" SET locale = 'ru' WHERE role = 'owner'")
    owner = browse(world.pelmenya.owner)
    page = owner.get(owner.account("notices")).text
    assert "Соединение" in page
    assert "zq notice" in page


def test_the_panel_of_the_bell_shows_the_newest_few(world, browse, put_notice):
    for n in range(8):
        put_notice(parameters={"reason": f"reason {n}."}, at=later(minutes=n))
    owner = browse(world.pelmenya.owner)
    panel = owner.get(owner.account("notices/latest"), htmx=True).text
    assert re.findall(r"reason \d", panel) == [f"reason {n}" for n in (7, 6, 5, 4, 3, 2)]
    assert 'id="bell-title"' in panel
    assert "<html" not in panel


def test_a_part_of_a_page_counts_nothing(world, browse, put_notice, statements):
    put_notice()
    owner = browse(world.pelmenya.owner)
    with statements() as counted:
        owner.get(owner.account("notices/latest"), htmx=True)
    assert counted.total == 2


def test_the_names_of_people_are_text_and_never_markup(world, browse, put_notice):
    put_notice("invitation_accepted", "users.edit", entity_label="<b>Nina</b>", parameters={"role": "<i>"})
    owner = browse(world.pelmenya.owner)
    page = owner.get(owner.account("notices")).text
    assert "&lt;b&gt;Nina&lt;/b&gt;" in page
    assert "<b>Nina" not in page
    assert "<i>" not in page


def test_what_waits_on_a_further_page_can_be_read_from_the_first(world, browse, put_notice, superuser_sql):
    put_notice(opened_at=later(minutes=1), at=later(minutes=1))
    superuser_sql(
        "INSERT INTO getinn_ops.notice"
        " (account_id, kind, permission, entity, entity_id, entity_label, at, opened_at, resolved_at)"
        " SELECT account_id, kind, permission, entity, gen_random_uuid(), entity_label,"
        " at + interval '1 hour', opened_at, at FROM getinn_ops.notice, generate_series(1, 30)"
    )
    owner = browse(world.pelmenya.owner)
    page = owner.get(owner.account("notices")).text
    assert "Unread" not in page
    [until] = re.findall(r'name="until" value="([^"]+)"', page)
    superuser_sql("UPDATE getinn_ops.notice SET opened_at = opened_at - interval '2 minutes'")
    assert count_on(owner) == "1"
    owner.post(owner.account("notices/reading"), {"until": until})
    assert count_on(owner) is None
    assert 'name="until"' not in owner.get(owner.account("notices")).text
