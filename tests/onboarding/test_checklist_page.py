import pytest

from portal.db.base import SCHEMA


@pytest.fixture
def step(world):
    """The step of the first employee of the first chain."""
    return world.pelmenya.id_of("onboarding_step")


def status_of(superuser_sql, step_id):
    [row] = superuser_sql(
        f"SELECT status, notes, completed_by_id FROM {SCHEMA}.onboarding_step WHERE id = %s", [step_id]
    )
    return row


def page_of(chain, number=1):
    return f"/accounts/{chain.slug}/staff/{chain.id_of('staff_member', number)}"


def url_of(chain, step_id, rest):
    return f"/accounts/{chain.slug}/staff/steps/{step_id}/{rest}"


def test_a_tick_is_one_press_and_undone_by_another(browse, world, step, superuser_sql):
    manager = browse(world.pelmenya.manager)
    url = url_of(world.pelmenya, step, "completion")
    answer = manager.post(url, htmx=True)
    assert answer.status_code == 200
    assert 'id="checklist"' in answer.text
    assert "data-undo" in answer.text
    assert status_of(superuser_sql, step).completed_by_id == world.pelmenya.manager.id
    assert manager.delete(url, htmx=True).status_code == 200
    assert status_of(superuser_sql, step).status == "pending"


def test_without_javascript_a_tick_leads_back_to_the_page(browse, world, step):
    manager = browse(world.pelmenya.manager)
    answer = manager.post(url_of(world.pelmenya, step, "completion"))
    assert (answer.status_code, answer.location) == (303, page_of(world.pelmenya))
    page = manager.get(answer.location).text
    assert url_of(world.pelmenya, step, "completion") in page
    assert 'name="_method" value="DELETE"' in page
