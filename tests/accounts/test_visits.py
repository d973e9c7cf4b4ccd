"""Superusers' visits: entering, working, leaving, and what the owner sees of it."""

import pytest

ENDED = "SELECT ended_at IS NOT NULL AS ended FROM getinn_ops.superuser_visit WHERE account_id = %s ORDER BY started_at"


@pytest.fixture
def root(world, browse):
    return browse(world.superuser)


def enter(browser, chain, reason="Help with a bot", **form):
    """Start a visit as the list's button does."""
    return browser.post(f"/accounts/{chain.slug}/visit", {"reason": reason} | form)


def told(superuser_sql, chain, *columns):
    """The chain's log since the beginning of the test, in its order."""
    return superuser_sql(
        f"SELECT {', '.join(columns)} FROM getinn_ops.audit_event"
        " WHERE account_id = %s AND id <> %s ORDER BY at, action",
        [chain.account_id, chain.event_id],
    )


def test_without_a_visit_a_superuser_is_offered_one_and_sees_nothing(world, root):
    answer = root.get("/accounts/pelmenya/restaurants")
    assert answer.status_code == 403
    assert 'action="/accounts/pelmenya/visit"' in answer.text
    assert 'value="/accounts/pelmenya/restaurants"' in answer.text
    assert "Main street" not in answer.text


def test_a_refused_form_is_not_where_the_visit_leads(world, root):
    answer = root.post("/accounts/pelmenya/restaurants/archival", {"ids": str(world.pelmenya.restaurant_id)})
    assert answer.status_code == 403
    offered = answer.text.split('action="/accounts/pelmenya/visit"')[1].split("</form>")[0]
    assert 'name="next"' not in offered


def test_htmx_is_sent_to_the_page_that_offers_the_visit(world, root):
    answer = root.get("/accounts/pelmenya/restaurants", htmx=True)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/accounts/pelmenya/")


def test_a_visit_begins_with_a_reason_and_goes_on_without_asking_again(world, root, superuser_sql):
    visits = "SELECT reason FROM getinn_ops.superuser_visit WHERE user_id = %s AND ended_at IS NULL"
    asked = enter(root, world.pelmenya, reason=" ", next="/accounts/pelmenya/audit")
    assert asked.status_code == 422
    assert "the owner reads it" in asked.text
    assert 'name="next" value="/accounts/pelmenya/audit"' in asked.text
    assert root.get("/accounts/pelmenya/").status_code == 403
    assert enter(root, world.pelmenya, reason="Menu").status_code == 303
    assert enter(root, world.pelmenya, reason="").status_code == 303
    assert [row.reason for row in superuser_sql(visits, [world.superuser.id])] == ["Menu"]


@pytest.mark.parametrize("page", ["/accounts", "/accounts/pelmenya/edit", "/accounts/pelmenya/"])
def test_every_way_in_asks_for_the_reason_first(world, root, page):
    assert root.get(page).text.count('name="reason"') == 1
    assert root.get("/accounts/switcher", htmx=True).text.count('name="reason"') == 1


def test_one_click_enters_and_the_banner_stands_on_every_page(world, root):
    answer = enter(root, world.pelmenya)
    assert (answer.status_code, answer.location) == (303, "/accounts/pelmenya/")
    for path in ("", "restaurants", "audit", "settings", "bots"):
        page = root.get(f"/accounts/pelmenya/{path}")
        assert page.status_code == 200, path
        assert f"You are visiting {world.pelmenya.name}" in page.text


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        ("/accounts/pelmenya/audit?action=edited", "/accounts/pelmenya/audit?action=edited"),
        ("/accounts/vareniki/", "/accounts/pelmenya/"),
        ("//evil.example/accounts/pelmenya/", "/accounts/pelmenya/"),
        ("https://evil.example/", "/accounts/pelmenya/"),
    ],
)
def test_a_visit_leads_to_the_page_that_was_wanted_within_the_chain_only(world, root, wanted, place):
    assert enter(root, world.pelmenya, next=wanted).location == place


@pytest.mark.parametrize("slug", ["getinn", "nowhere"])
def test_the_operators_own_account_cannot_be_visited(world, root, superuser_sql, slug):
    assert root.post(f"/accounts/{slug}/visit").status_code == 404
    assert root.delete(f"/accounts/{slug}/visit").status_code == 404
    visits = "SELECT 1 FROM getinn_ops.superuser_visit WHERE account_id = %s"
    assert superuser_sql(visits, [world.operator.account_id]) == []


def test_the_owner_sees_who_came_why_what_they_did_and_when_they_left(world, browse, root, superuser_sql):
    enter(root, world.pelmenya, reason="Question about stores")
    root.post("/accounts/pelmenya/settings", {"name": "Pelmenya renamed"})
    root.delete("/accounts/pelmenya/visit")

    events = told(superuser_sql, world.pelmenya, "id", "action", "actor_email", "as_superuser", "visit_id")
    assert [event.action for event in events] == ["visit_started", "edited", "visit_ended"]
    assert {(event.actor_email, event.as_superuser) for event in events} == {(world.superuser.email, True)}
    assert len({event.visit_id for event in events}) == 1

    owner = browse(world.pelmenya.owner)
    listed = owner.get(owner.account("audit")).text
    assert listed.count("Support</span>") >= 3
    assert world.superuser.full_name in listed
    shown = owner.get(owner.account(f"audit/{events[0].id}")).text
    assert "Question about stores" in shown
    assert "Done in this visit" in shown
    assert f"/audit/{events[1].id}" in shown


def test_leaving_ends_the_visit_in_every_tab_and_leads_back_to_the_list(world, root):
    enter(root, world.pelmenya)
    answer = root.delete("/accounts/pelmenya/visit")
    assert (answer.status_code, answer.location) == (303, "/accounts")
    assert root.get("/accounts/pelmenya/").status_code == 403
    assert root.delete("/accounts/pelmenya/visit").status_code == 303


def test_two_tabs_stand_in_two_chains_at_once(world, root, superuser_sql):
    enter(root, world.pelmenya)
    enter(root, world.vareniki)
    assert "zqpelmenya on Main street" in root.get("/accounts/pelmenya/restaurants").text
    assert "zqvareniki on Main street" in root.get("/accounts/vareniki/restaurants").text
    assert "zqvareniki" not in root.get("/accounts/pelmenya/restaurants").text
    root.delete("/accounts/pelmenya/visit")
    assert root.get("/accounts/pelmenya/").status_code == 403
    assert root.get("/accounts/vareniki/").status_code == 200
    for chain, actions in ((world.pelmenya, ["visit_ended", "visit_started"]), (world.vareniki, ["visit_started"])):
        assert sorted(row.action for row in told(superuser_sql, chain, "action")) == actions


def test_entering_again_goes_on_with_the_open_visit(world, root, superuser_sql):
    for _click in range(2):
        enter(root, world.pelmenya)
    assert [row.ended for row in superuser_sql(ENDED, [world.pelmenya.account_id])] == [True, False]
    assert [row.action for row in told(superuser_sql, world.pelmenya, "action")] == ["visit_started"]


def test_another_reason_on_the_way_is_another_line_in_the_owners_log(world, root, superuser_sql):
    enter(root, world.pelmenya)
    enter(root, world.pelmenya, reason="Now the bots")
    events = told(superuser_sql, world.pelmenya, "action", '"after"', "visit_id")
    assert [event.after for event in events] == [{"reason": "Help with a bot"}, {"reason": "Now the bots"}]
    assert len({event.visit_id for event in events}) == 1


def test_after_an_idle_hour_the_visit_lets_nobody_in_and_entering_begins_a_new_one(world, root, superuser_sql):
    enter(root, world.pelmenya)
    superuser_sql(
        "UPDATE getinn_ops.superuser_visit SET last_seen_at = last_seen_at - interval '61 minutes'"
        " WHERE ended_at IS NULL"
    )
    assert root.get("/accounts/pelmenya/").status_code == 403
    enter(root, world.pelmenya)
    assert root.get("/accounts/pelmenya/").status_code == 200
    assert len(superuser_sql(ENDED, [world.pelmenya.account_id])) == 3


def test_a_visit_of_one_superuser_lets_no_other_in(world, browse, root, superuser_sql):
    enter(root, world.pelmenya)
    handed_over = "UPDATE getinn_ops.superuser_visit SET user_id = %s WHERE ended_at IS NULL"
    superuser_sql(handed_over, [world.pelmenya.owner.id])
    assert root.get("/accounts/pelmenya/").status_code == 403


def test_a_reason_may_be_anything_that_people_type(world, root, superuser_sql):
    enter(root, world.pelmenya, reason="  \0" + "x" * 500)
    [row] = superuser_sql("SELECT reason FROM getinn_ops.superuser_visit WHERE ended_at IS NULL")
    assert row.reason == "x" * 200


def test_a_visitor_acts_as_an_owner_but_does_not_handle_the_chains_secrets(world, root):
    enter(root, world.pelmenya)
    assert root.get("/accounts/pelmenya/users").status_code == 200
    assert root.get(f"/accounts/pelmenya/integrations/{world.pelmenya.integration_id}/edit").status_code == 403


def test_a_deactivated_chain_can_still_be_visited_to_help(world, root):
    root.delete("/accounts/pelmenya/activation")
    enter(root, world.pelmenya)
    assert root.get("/accounts/pelmenya/").status_code == 200


def test_another_browser_of_the_same_superuser_is_not_inside(world, browse, root):
    enter(root, world.pelmenya)
    other = browse(world.superuser)
    assert other.get("/accounts/pelmenya/").status_code == 403
    enter(other, world.pelmenya)
    assert other.get("/accounts/pelmenya/").status_code == 200
    other.delete("/accounts/pelmenya/visit")
    assert root.get("/accounts/pelmenya/").status_code == 200


def test_signing_out_ends_the_visits_of_that_browser_and_tells_each_chain(world, browse, root, superuser_sql):
    other = browse(world.superuser)
    for browser in (root, other):
        enter(browser, world.pelmenya)
    enter(root, world.vareniki)
    root.post("/logout")
    for chain, open_ones in ((world.pelmenya, 1), (world.vareniki, 0)):
        assert [row.ended for row in superuser_sql(ENDED, [chain.account_id])].count(False) == open_ones
        assert "visit_ended" in [row.action for row in told(superuser_sql, chain, "action")]
    assert other.get("/accounts/pelmenya/").status_code == 200


def test_signing_in_again_in_the_same_browser_begins_outside(world, root):
    enter(root, world.pelmenya)
    root.post("/login", {"email": world.superuser.email, "password": world.superuser.password})
    assert root.get("/accounts").status_code == 200
    assert root.get("/accounts/pelmenya/").status_code == 403
