"""Which invoice is the paper of a delivery, which is not, and the credit note over what was sent back."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from portal.db.states import MoveRefused
from portal.db.types import utc_now
from portal.deliveries.receiving import link, reverse
from portal.deliveries.returning import draft_credit_note
from portal.deliveries.words import RejectionReason
from portal.invoices.changing import change, judge_anew, paper_of
from portal.invoices.queries import lines_of


def sent_back(door, order=None):
    return door.receive(order, "4", rejected=Decimal(1), rejection_reason=RejectionReason.WARM)


def test_a_credit_note_with_the_number_of_the_paper_is_not_the_paper(door):
    delivery = door.receive(None, "9", paper_number="УТ-5")
    door.invoice("-1", "95.00", "УТ-5", kind="credit_note")
    assert delivery.invoice_id is None
    invoice = door.invoice("9", "95.00", "УТ-5")
    assert delivery.invoice_id == invoice.id
    assert door.receive(None, "9", paper_number="УТ-5").invoice_id == invoice.id


@pytest.mark.parametrize("what", ["cancelled", "draft", "credit_note", "reversed"])
def test_what_does_not_count_is_nobodys_paper(door, what):
    delivery = door.receive(None, "9")
    is_credit = what == "credit_note"
    invoice = door.invoice("-9" if is_credit else "9", kind="credit_note" if is_credit else "invoice")
    if what == "cancelled":
        invoice.cancel("Twice")
    elif what == "draft":
        invoice.status = "draft"
    elif what == "reversed":
        reverse(delivery, "Never came")
    with pytest.raises(MoveRefused):
        link(delivery, invoice)


def test_what_a_person_took_away_is_not_found_again_by_its_number(door):
    order = door.order("10", "91.00")
    delivery = door.receive(order, "9", paper_number="100")
    invoice = door.invoice("10", "95.00", "100")
    assert len(door.doubts(invoice)) == 2
    link(delivery, None)
    judge_anew([invoice])
    assert (delivery.invoice_id, invoice.purchase_order_id, door.doubts(invoice)) == (None, None, [])
    link(delivery, invoice)
    assert (invoice.purchase_order_id, len(door.doubts(invoice))) == (order.id, 2)


def test_an_invoice_in_the_place_of_another_takes_its_order_too(door):
    order = door.order("10", "91.00")
    delivery = door.receive(order, "9", paper_number="101")
    former, invoice = door.invoice("10", "95.00", "101"), door.invoice("10", "91.00", "102")
    link(delivery, invoice)
    assert (former.purchase_order_id, door.doubts(former)) == (None, [])
    assert (invoice.purchase_order_id, door.doubts(invoice)) == (order.id, [("over_billed", Decimal("91.00"))])


def test_an_invoice_stays_one_of_the_order_while_another_delivery_of_it_says_so(door):
    order = door.order("10", "91.00")
    first, second = (door.receive(order, "4", paper_number="104") for _truck in range(2))
    invoice = door.invoice("8", "91.00", "104")
    link(first, None)
    assert (second.invoice_id, invoice.purchase_order_id) == (invoice.id, order.id)


def test_an_invoice_that_moves_to_another_store_lets_delivery_and_order_go(door):
    order = door.order("10", "91.00")
    delivery, late = door.receive(order, "6", paper_number="103"), door.receive(order, "4")
    yesterday = utc_now().date() - timedelta(days=1)
    invoice, other = door.invoice("6", "95.00", "103", invoice_date=yesterday), door.invoice("10", "91.00", "105")
    link(late, other)
    assert door.doubts(other) == [("over_billed", Decimal("546.00"))]
    paper = paper_of(invoice, lines_of([invoice.id])[invoice.id])
    change(invoice, replace(paper, store_id=door.chain.assigned_store_id))
    assert (delivery.invoice_id, invoice.purchase_order_id, door.doubts(invoice)) == (None, None, [])
    # What it had covered is left to the other one.
    assert door.doubts(other) == []


def test_as_much_sent_back_twice_a_day_makes_two_credit_notes(door):
    notes = [draft_credit_note(sent_back(door, door.order("4")), "RUB") for _truck in range(2)]
    assert notes[0].id != notes[1].id
    assert notes[0].total_amount == notes[1].total_amount == Decimal("-91.00")


def test_of_what_was_reversed_nothing_is_given_back(door):
    delivery = sent_back(door)
    reverse(delivery, "Never came")
    with pytest.raises(MoveRefused, match="reversed already"):
        draft_credit_note(delivery, "RUB")
