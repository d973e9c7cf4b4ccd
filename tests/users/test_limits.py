"""Who is limited to restaurants is told apart from the list: limited and assigned to nothing sees nothing."""

import pytest

from tests.world_supply import FORGET_STOCK, IN_PLACES

LIMITED = 'SELECT restaurants_limited FROM getinn_ops."user" WHERE id = %s'
GONE = (
    FORGET_STOCK,
    *(f"DELETE FROM getinn_ops.{table} WHERE restaurant_id = %(restaurant)s" for table in IN_PLACES),
    "DELETE FROM getinn_ops.staff_onboarding WHERE restaurant_id = %(restaurant)s",
    "DELETE FROM getinn_ops.staff_member WHERE restaurant_id = %(restaurant)s",
    "DELETE FROM getinn_ops.store_equipment WHERE store_id = %(store)s",
    "DELETE FROM getinn_ops.store WHERE restaurant_id = %(restaurant)s",
    "DELETE FROM getinn_ops.restaurant WHERE id = %(restaurant)s",
)


@pytest.fixture
def manager(browse, world):
    """A manager with one restaurant."""
    return browse(world.pelmenya.assigned_manager)


@pytest.fixture
def stranded(manager, world, superuser_sql):
    """The same, after another program has deleted that restaurant."""
    rows = {"restaurant": world.pelmenya.assigned_restaurant_id, "store": world.pelmenya.assigned_store_id}
    for statement in GONE:
        superuser_sql(statement, rows)
    return manager


def is_limited(superuser_sql, person):
    return superuser_sql(LIMITED, [person.id])[0].restaurants_limited


def test_a_manager_whose_only_restaurant_another_program_deleted_sees_nothing(stranded, world):
    chain = world.pelmenya
    for path in ("restaurants", "stores", "restaurants/export"):
        page = stranded.get(stranded.account(path))
        assert page.status_code == 200, path
        assert "street" not in page.text, path
        assert f"{chain.marker} store" not in page.text, path
    assert stranded.get(stranded.account(f"restaurants/{chain.restaurant_id}")).status_code == 404
    assert stranded.get(stranded.account(f"stores/{chain.store_id}/edit")).status_code == 404
    assert "street" not in stranded.get(stranded.account()).text


def test_their_page_says_so_and_no_save_opens_the_whole_chain_by_an_oversight(stranded, browse, world, superuser_sql):
    owner, person = browse(world.pelmenya.owner), world.pelmenya.assigned_manager
    here = owner.account(f"users/{person.id}")
    assert "those that this person was limited to are gone" in owner.get(here).text
    assert "Let this person work in all restaurants" in owner.get(f"{here}/edit").text
    owner.post(f"{here}/edit", {"role": "manager"})
    assert is_limited(superuser_sql, person)
    owner.post(f"{here}/edit", {"role": "manager", "everywhere": "y"})
    assert not is_limited(superuser_sql, person)
    assert "Main street" in stranded.get(stranded.account("restaurants")).text


def test_the_list_of_people_tells_none_from_all(stranded, browse, world):
    owner = browse(world.pelmenya.owner)
    rows = owner.get(owner.account("users/export")).text.splitlines()
    by_email = {person.email: line for person in world.pelmenya.people for line in rows if person.email in line}
    assert ";none;" in by_email[world.pelmenya.assigned_manager.email].replace(",", ";")
    assert ";all;" in by_email[world.pelmenya.manager.email].replace(",", ";")


def test_taking_all_restaurants_away_in_the_form_means_all_as_it_says(manager, browse, world, superuser_sql):
    owner, person = browse(world.pelmenya.owner), world.pelmenya.assigned_manager
    owner.post(owner.account(f"users/{person.id}/edit"), {"role": "manager"})
    assert not is_limited(superuser_sql, person)
    assert "Main street" in manager.get(manager.account("restaurants")).text


def test_an_assignment_by_a_writer_that_knows_no_limit_limits(browse, world, superuser_sql):
    chef, chain = browse(world.pelmenya.chef), world.pelmenya
    assert "Main street" in chef.get(chef.account("restaurants")).text
    superuser_sql(
        "INSERT INTO getinn_ops.user_restaurant (account_id, user_id, restaurant_id) VALUES (%s, %s, %s)",
        [chain.account_id, chain.chef.id, chain.assigned_restaurant_id],
    )
    assert is_limited(superuser_sql, chain.chef)
    page = chef.get(chef.account("restaurants")).text
    assert "River street" in page
    assert "Main street" not in page


def test_a_notice_of_a_restaurant_is_not_counted_for_somebody_stranded(stranded, world, superuser_sql):
    chain = world.pelmenya
    superuser_sql(
        "UPDATE getinn_ops.notice SET restaurant_id = %s, permission = 'dialogs.take_over',"
        " opened_at = now() + interval '1 hour' WHERE id = %s",
        [chain.restaurant_id, chain.notice_id],
    )
    count = "SELECT getinn_ops.count_unread_notices(%s, %s, '{dialogs.take_over}', true, 100) AS n"
    assert superuser_sql(count, [chain.account_id, chain.assigned_manager.id])[0].n == 0
    # An older portal calls every manager limited; those without assignments see all.
    superuser_sql("DELETE FROM getinn_ops.notice_mark")
    assert superuser_sql(count, [chain.account_id, chain.manager.id])[0].n == 1
