"""A paper that may be there already: both side by side, nothing typed lost, and a reason to go on."""

import re
from decimal import Decimal

import pytest


@pytest.fixture
def first(paper, stored):
    """A paper that is there."""
    assert paper.send({"unit_price": "900"}, invoice_number="УТ-000123").status_code == 303
    return stored("УТ-000123")[0]


def test_both_papers_are_shown_and_what_was_typed_stays(paper, first, stored):
    answer = paper.send({"unit_price": "900"}, {"description": "Kept words"}, invoice_number="YT-123")
    assert answer.status_code == 409
    assert "This paper is there already" in answer.text
    assert "The paper that you enter" in answer.text
    assert f"/invoices/{first.id}" in answer.text
    assert 'value="Kept words"' in answer.text
    assert 'value="YT-123"' in answer.text
    assert "RUB\u00a01,000.00" in answer.text  # what is entered, beside the 900 that are there
    same = re.findall(r'<dt>(\w+)</dt><dd class="likeness__same">', answer.text)
    assert same == ["Supplier", "Store", "Date"] * 2
    assert stored("YT-123") == (None, [])


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({"duplicate_kind": "second_part"}, "second_part"),
        ({"duplicate_kind": "correction", "duplicate_words": "The first one is torn"}, "The first one is torn"),
    ],
)
def test_with_a_reason_it_is_entered(paper, first, stored, told, kept):
    assert paper.send({}, invoice_number="ут 123 ", **told).status_code == 303
    assert stored("ут 123")[0].duplicate_reason == kept


def test_a_reason_that_nobody_offered_is_none(paper, first):
    assert paper.send({}, invoice_number="УТ-123", duplicate_kind="because").status_code in (409, 422)


def test_the_reason_stands_on_the_papers_page(paper, owner, first):
    answer = paper.send({}, invoice_number="УТ-123", duplicate_kind="second_part")
    assert "Second part of the same paper" in owner.get(answer.location).text


def test_photos_of_the_other_paper_stand_beside_it(paper, world):
    number = "zqpelmenya-1"
    answer = paper.send({}, invoice_number=number)
    assert answer.status_code == 409
    assert f"documents/{world.pelmenya.id_of('document')}/file" in answer.text


def test_a_paper_of_a_restaurant_that_the_person_does_not_see_is_told_without_a_word_of_it(browse, world, paper, first):
    paper.browser = browse(world.pelmenya.assigned_manager)
    answer = paper.send({}, invoice_number="УТ-123", store_id=str(world.pelmenya.assigned_store_id))
    assert answer.status_code == 409
    assert "in a restaurant that you do not see" in answer.text
    assert str(first.id) not in answer.text


def test_another_number_of_the_same_delivery_is_asked_about(paper, stored):
    assert paper.send({"unit_price": "3200"}, invoice_number="501").status_code == 303
    answer = paper.send({"unit_price": "3200"}, invoice_number="502")
    assert answer.status_code == 409
    assert "Is this paper there already?" in answer.text
    assert paper.send({"unit_price": "3300"}, invoice_number="502").status_code == 303


def test_a_changed_number_is_asked_about_like_a_new_paper(paper, owner, first, stored):
    assert paper.send({}, invoice_number="77").status_code == 303
    invoice, _lines = stored("77")
    path = owner.account(f"invoices/{invoice.id}/edit")
    form = paper.read(owner.get(path).text) | {"invoice_number": "УТ-123"}
    answer = owner.post(path, form)
    assert answer.status_code == 409
    assert owner.post(path, form | {"duplicate_kind": "other_paper"}).status_code == 303
    assert stored("УТ-123")[0].duplicate_reason == "other_paper"


def test_a_cancelled_paper_comes_back_unless_another_took_its_place(paper, owner, first, stored):
    here = owner.account(f"invoices/{first.id}")
    assert owner.post(f"{here}/cancellation", {"reason": "typed twice"}).status_code == 303
    assert paper.send({}, invoice_number="УТ-123").status_code == 303
    refused = owner.post(f"{here}/cancellation", {"_method": "DELETE"})
    assert refused.status_code == 409
    assert "This paper is there already" in refused.text
    back = {"_method": "DELETE", "duplicate_kind": "other_paper"}
    assert owner.post(f"{here}/cancellation", back).status_code == 303
    found = stored("УТ-000123")[0]
    assert (found.status, found.total_amount) == ("active", Decimal("900.00"))
