"""A count on its pages: lines that are saved by themselves, people who count the same, posting once."""

from decimal import Decimal

S = "getinn_ops"


def test_a_line_is_saved_by_itself_and_says_who_counted_and_zero_is_a_count(owner):
    count_id = owner.start()
    answer = owner.count(count_id, "2,5")
    assert answer.status_code == 200
    assert "2.5\u00a0kg" in answer.text
    assert owner.line_of(count_id).counted_quantity == Decimal("2.5")
    owner.count(count_id, "0")
    assert owner.line_of(count_id).counted_quantity == 0
    owner.count(count_id, "")
    assert owner.line_of(count_id).counted_quantity is None


def test_without_scripts_a_saved_line_leads_back_to_its_place(owner):
    count_id = owner.start()
    answer = owner.count(count_id, "2", htmx=False)
    assert answer.status_code == 303
    assert answer.location.endswith(f"#line-{owner.line_of(count_id).id}")
    answer = owner.count(count_id, "two", htmx=False)
    assert answer.status_code == 422
    assert 'value="two"' in answer.text
    assert "Write a number" in answer.text


def test_what_is_no_count_is_told_in_the_line(owner):
    count_id = owner.start()
    for typed, told in (("-1", "cannot be less"), ("1e400", "Write a number"), ("0.0000001", "At most 6 decimals")):
        answer = owner.count(count_id, typed)
        assert (answer.status_code, told in answer.text) == (422, True)
    assert owner.line_of(count_id).counted_quantity is None


def test_only_a_different_count_of_the_same_line_asks_again(owner, people):
    chef, count_id = people("chef"), owner.start()
    mark = owner.mark_of(count_id)
    owner.count(count_id, "3", mark=mark)
    assert chef.count(count_id, "3.0", mark=mark).status_code == 200
    answer = chef.count(count_id, "4", mark=mark)
    assert answer.status_code == 409
    assert "Take theirs" in answer.text
    assert 'value="4"' in answer.text
    assert owner.line_of(count_id).counted_quantity == 3
    again = {"_contested": "counted_quantity", "_take-counted_quantity": "mine"}
    assert chef.count(count_id, "4", mark=owner.mark_of(count_id), **again).status_code == 200
    line = owner.line_of(count_id)
    assert (line.counted_quantity, line.counted_by_id) == (4, chef.chain.chef.id)


def test_the_page_follows_what_others_count(owner, people):
    chef, count_id = people("chef"), owner.start()
    chef.count(count_id, "7")
    answer = owner.get(f"counts/{count_id}/following?since=2026-01-01T00:00:00&total=1").text
    assert f'hx-target="#state-{owner.line_of(count_id).id}"' in answer
    assert "7\u00a0kg" in answer
    assert "1 of 1 counted" in answer
    later = owner.get(f"counts/{count_id}/following?since=2999-01-01T00:00:00&total=3").text
    assert "#state-" not in later
    assert "added lines" in later
    for since in ("", "yesterday", "0001-01-01", "9999-12-31T23:59:59+14:00"):
        assert owner.get(f"counts/{count_id}/following?since={since}").status_code == 200


def test_posting_twice_tells_the_second_when_and_by_whom(owner, people):
    chef, count_id = people("chef"), owner.start()
    owner.count(count_id, "3")
    review = owner.get(f"counts/{count_id}/review").text
    assert "3 \u2212 3.64 = \u22120.64\u00a0kg" in review
    assert owner.post(f"counts/{count_id}/posting").status_code == 303
    told = "by " + owner.chain.owner.full_name
    for answer in (
        chef.post(f"counts/{count_id}/posting"),
        chef.count(count_id, "9"),
        chef.count(count_id, "9", htmx=False),
        chef.post(f"counts/{count_id}/abandonment"),
        chef.post(f"counts/{count_id}/lines", {"inventory_item_id": owner.item}),
    ):
        assert answer.status_code == 409
        assert "Posted at" in answer.text
        assert told in answer.text
    assert sum(owner.balances().values()) == 3
    assert told in owner.get(f"counts/{count_id}/following").text
    page = owner.get(f"counts/{count_id}").text
    assert "3 \u2212 3.64 = \u22120.64\u00a0kg" in page
    assert owner.get(f"counts/{count_id}/review").status_code == 303


def test_a_difference_within_the_tolerance_is_booked_and_not_marked(owner):
    owner.sql(f"UPDATE {S}.inventory_item SET count_tolerance = 18 WHERE id = %s", [owner.item_id])
    count_id = owner.start()
    owner.count(count_id, "3")
    assert "Beyond the tolerance" not in owner.get(f"counts/{count_id}/review").text
    owner.sql(f"UPDATE {S}.inventory_item SET count_tolerance = 17 WHERE id = %s", [owner.item_id])
    assert "Beyond the tolerance" in owner.get(f"counts/{count_id}/review").text
    owner.post(f"counts/{count_id}/posting")
    assert sum(owner.balances().values()) == 3


def test_what_the_differences_are_worth_is_explained(owner):
    owner.sql(f"UPDATE {S}.inventory_item SET current_cost_per_unit = 100 WHERE id = %s", [owner.item_id])
    count_id = owner.start()
    owner.count(count_id, "3")
    review = owner.get(f"counts/{count_id}/review").text
    assert "Σ (counted − expected) × cost" in review
    assert "\u22120.64\u00a0kg × " in review
    assert "64.00" in review


def test_a_store_that_is_being_counted_leads_to_that_count(owner):
    count_id = owner.start()
    answer = owner.post("counts/new", {"store_id": str(owner.store_id)})
    assert answer.location.endswith(f"counts/{count_id}")


def test_a_category_alone_is_counted_and_what_else_is_found_is_added(owner):
    [other] = owner.sql(
        f"INSERT INTO {S}.inventory_item (account_id, name, default_unit_id, category)"
        " VALUES (%s, 'Salt of this test', %s, 'Spices') RETURNING id",
        [owner.chain.account_id, owner.chain.id_of("unit")],
    )
    owner.move(2, item_id=other.id)
    count_id = owner.start(category="Spices")
    page = owner.get(f"counts/{count_id}").text
    assert "Salt of this test" in page
    assert "0 of 1 counted" in page
    answer = owner.post(f"counts/{count_id}/lines", {"inventory_item_id": owner.item})
    assert f"#line-{owner.line_of(count_id).id}" in answer.location
    answer = owner.post(f"counts/{count_id}/lines", {"inventory_item_id": "No such thing"})
    assert answer.status_code == 422
    assert "no item of this name" in answer.text
    assert owner.post("counts/new", {"store_id": str(owner.store_id), "category": "No such"}).status_code == 422


def test_a_sheet_to_print_has_every_line_and_no_number_of_the_books(owner):
    count_id = owner.start()
    sheet = owner.get(f"counts/{count_id}/sheet").text
    assert owner.item in sheet
    assert "3.64" not in sheet
    assert "3.64" not in owner.get(f"counts/{count_id}").text


def test_a_viewer_counts_nothing_and_a_manager_of_elsewhere_finds_nothing(owner, people):
    count_id = owner.start()
    viewer = people("viewer")
    assert viewer.count(count_id, "3").status_code == 403
    assert viewer.post(f"counts/{count_id}/posting").status_code == 403
    page = viewer.get(f"counts/{count_id}").text
    assert "Post the count" not in page
    # Nobody has compared the books yet, and nothing is said of them.
    assert "what the books say" not in page
    elsewhere = people("assigned_manager")
    for path in (f"counts/{count_id}", f"counts/{count_id}/sheet", f"counts/{count_id}/review"):
        assert elsewhere.get(path).status_code == 404
    assert elsewhere.count(count_id, "3").status_code == 404


def test_a_line_of_another_count_is_not_found(owner):
    count_id = owner.start()
    line = owner.chain.id_of("stocktake_item", 2)
    assert owner.post(f"counts/{count_id}/lines/{line}", {"counted_quantity": "1"}).status_code == 404


def test_a_count_that_is_given_up_changes_nothing(owner):
    count_id = owner.start()
    owner.count(count_id, "3")
    owner.post(f"counts/{count_id}/abandonment")
    assert sum(owner.balances().values()) == Decimal("3.64")
    assert "Given up" in owner.post(f"counts/{count_id}/posting").text


def clock_of_restaurant(owner, minutes_ago):
    """What time it was there."""
    return owner.sql(
        f"SELECT to_char(now() AT TIME ZONE timezone - make_interval(mins => %s), 'HH24:MI') AS clock,"
        " date_trunc('minute', timezone('utc', now()) - make_interval(mins => %s)) AS moment"
        f" FROM {S}.restaurant WHERE id = %s",
        [minutes_ago, minutes_ago, owner.chain.restaurant_id],
    )[0]


def test_what_is_typed_from_paper_was_counted_at_the_time_that_stands_there(owner):
    count_id = owner.start()
    owner.sql(f"UPDATE {S}.stocktake SET created_at = created_at - interval '3 hours' WHERE id = %s", [count_id])
    for minutes in (20, 150):
        told = clock_of_restaurant(owner, minutes)
        page = owner.get(f"counts/{count_id}?clock={told.clock}").text
        assert f'name="clock" value="{told.clock}"' in page
        assert f"was counted at {told.clock}" in page
        answer = owner.count(count_id, str(minutes), clock=told.clock)
        assert f'name="clock" value="{told.clock}"' in answer.text
        assert abs((owner.line_of(count_id).counted_at - told.moment).total_seconds()) <= 60
    answer = owner.count(count_id, "1", clock=told.clock, htmx=False)
    assert (
        f"?clock={told.clock.replace(':', '%3A')}#line-" in answer.location
        or f"?clock={told.clock}#" in answer.location
    )


def test_a_time_before_the_count_was_begun_or_no_time_is_told_in_the_line(owner):
    count_id = owner.start()
    for clock, told in ((clock_of_restaurant(owner, 30).clock, "begun later"), ("25:00", "Write a time")):
        answer = owner.count(count_id, "3", clock=clock)
        assert (answer.status_code, told in answer.text) == (422, True)
        assert 'value="3"' in answer.text
    # What lies ahead on the clock was yesterday, before this count.
    assert owner.count(count_id, "3", clock=clock_of_restaurant(owner, -30).clock).status_code == 422
    assert owner.line_of(count_id).counted_quantity is None
    assert "Write a time" in owner.get(f"counts/{count_id}?clock=soon").text
    assert 'name="clock" value' not in owner.get(f"counts/{count_id}").text.split("count-lines")[1]
