"""Pages of legal entities: who sees and keeps them, and what a restaurant says of its own."""

import pytest

LIST = "/accounts/pelmenya/legal-entities"


def page_of(chain, number=1):
    return f"{LIST}/{chain.id_of('legal_entity', number)}"


def test_a_legal_entity_is_added_with_its_numbers(browse, world, superuser_sql):
    owner = browse(world.pelmenya.owner)
    numbers = {"tax_id": "0270000000", "registration_code": "780101001"}
    answer = owner.post(f"{LIST}/new", data={"name": "ООО «Ромашка»", **numbers})
    assert answer.status_code == 303
    row = superuser_sql("SELECT * FROM getinn_ops.legal_entity WHERE name = 'ООО «Ромашка»'")[0]
    assert (row.tax_id, row.registration_code, row.account_id) == ("0270000000", "780101001", world.pelmenya.account_id)


@pytest.mark.parametrize("number", ["123", "12345678901", "78000000x1"])
def test_a_tax_number_of_another_length_is_told_beside_its_field_and_nothing_typed_is_lost(browse, world, number):
    answer = browse(world.pelmenya.owner).post(f"{LIST}/new", data={"name": "Typed name", "tax_id": number})
    assert answer.status_code == 422
    assert "Write 10 or 12 digits" in answer.text
    assert "Typed name" in answer.text
    assert number in answer.text


def test_its_page_names_its_restaurants_and_what_iiko_says(browse, world):
    chain = world.pelmenya
    page = browse(chain.owner).get(page_of(chain)).text
    assert f"{chain.marker} on Main street" in page
    assert f"{chain.marker}-company-1" in page


def test_somebody_who_is_limited_sees_only_their_restaurants_on_it(browse, world):
    chain = world.pelmenya
    page = browse(chain.assigned_manager).get(page_of(chain)).text
    assert f"{chain.marker} on River street" in page
    assert f"{chain.marker} on Main street" not in page


def test_a_restaurant_names_its_legal_entity(browse, world):
    chain = world.pelmenya
    page = browse(chain.viewer).get(f"/accounts/pelmenya/restaurants/{chain.restaurant_id}").text
    assert page_of(chain) in page
    assert f"{chain.marker} company 1" in page


def test_what_iiko_does_not_name_any_more_is_found_by_the_list(browse, world, superuser_sql):
    chain = world.pelmenya
    superuser_sql(
        "UPDATE getinn_ops.legal_entity SET iiko_sync_status = 'failed',"
        " iiko_sync_error = 'iiko does not name it any more. Nothing is removed here.' WHERE id = %s",
        [chain.id_of("legal_entity")],
    )
    owner = browse(chain.owner)
    assert f"{chain.marker} company 1" in owner.get(f"{LIST}?sync=missing").text
    assert f"{chain.marker} company 1" not in owner.get(f"{LIST}?sync=synced").text


def test_an_archived_legal_entity_is_offered_only_where_it_is_chosen(browse, world, superuser_sql):
    chain = world.pelmenya
    edit = f"/accounts/pelmenya/restaurants/{chain.restaurant_id}/edit"
    archived = f"{chain.marker} company 2"
    assert archived not in browse(chain.owner).get(edit).text
    superuser_sql(
        "UPDATE getinn_ops.restaurant SET legal_entity_id = %s WHERE id = %s",
        [chain.id_of("legal_entity", 2), chain.restaurant_id],
    )
    assert archived in browse(chain.owner).get(edit).text


def test_the_legal_entity_of_another_chain_cannot_be_chosen(browse, world, superuser_sql):
    chain, other = world.chains
    edit = f"/accounts/pelmenya/restaurants/{chain.restaurant_id}/edit"
    told = {"name": "Mine", "legal_entity_id": str(other.id_of("legal_entity"))}
    assert browse(chain.owner).post(edit, data=told).status_code == 422
    row = superuser_sql("SELECT legal_entity_id FROM getinn_ops.restaurant WHERE id = %s", [chain.restaurant_id])[0]
    assert row.legal_entity_id == chain.id_of("legal_entity")
