"""Papers become invoices: what is written, what is doubted, what prices they make."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from portal.audit.models import AuditEvent
from portal.catalogue.models import InventoryItem, MeasureUnit, UnitConversion
from portal.catalogue.names import SupplierItem
from portal.catalogue.packs import change_packs, packs_of
from portal.catalogue.prices import ItemPrice
from portal.db.base import db
from portal.db.states import MoveRefused
from portal.invoices import jobs
from portal.invoices.changing import change, paper_of
from portal.invoices.entering import enter, enter_all
from portal.invoices.jobs import take_in_conversions
from portal.invoices.models import Invoice, InvoiceException
from portal.invoices.queries import lines_of
from portal.invoices.words import ExceptionKind, ExceptionState, InvoiceKind, InvoiceSource, InvoiceStatus
from portal.suppliers.models import Supplier
from portal.tenancy.scope import enter_account


def doubts(invoice):
    """What is open about an invoice: kind, money at stake."""
    found = InvoiceException.of(invoice)
    return sorted((str(each.kind), each.money_at_stake) for each in found if each.state is ExceptionState.OPEN)


def evidence(invoice, kind):
    (found,) = (each for each in InvoiceException.of(invoice) if each.kind is kind)
    return found.evidence


def prices(invoice):
    lines = select(ItemPrice).where(
        ItemPrice.invoice_item_id.in_([line.id for line in lines_of([invoice.id])[invoice.id]])
    )
    return db.session.scalars(lines.where(ItemPrice.voided_at.is_(None))).all()


def actions(invoice):
    query = select(AuditEvent).where(AuditEvent.entity_id == invoice.id).order_by(AuditEvent.at, AuditEvent.id)
    db.session.flush()
    return [str(event.action) for event in db.session.scalars(query)]


def test_a_paper_becomes_an_active_invoice_with_its_lines_prices_and_line_in_the_log(entered, papers, world):
    lines = (papers.butter(vat_rate=Decimal(10), vat_amount=Decimal("99.27")), papers.line("150.00"))
    invoice = entered(lines=lines, stated_total=Decimal("1242.00"), due_date=date(2026, 6, 1))
    assert (invoice.status, invoice.source, invoice.kind) == (
        InvoiceStatus.ACTIVE, InvoiceSource.TYPED, InvoiceKind.INVOICE,
    )  # fmt: skip
    assert (invoice.total_amount, invoice.vat_total) == (Decimal("1242.00"), Decimal("99.27"))
    assert invoice.restaurant_id == world.pelmenya.restaurant_id
    assert (invoice.number_key, invoice.number_core) == ("YT123", "123")
    butter, other = lines_of([invoice.id])[invoice.id]
    assert (butter.position, butter.base_quantity, other.base_quantity) == (1, Decimal("10.920000"), None)
    assert [(each.amount, each.base_quantity, each.price) for each in prices(invoice)] == [
        (Decimal("1092.00"), Decimal("10.92"), Decimal(100))
    ]
    assert doubts(invoice) == []
    assert actions(invoice) == ["created"]
    db.session.commit()


def test_a_total_that_is_not_the_sum_of_the_lines_makes_a_draft_that_somebody_decides_about(entered, papers):
    invoice = entered(lines=(papers.butter(),), stated_total=Decimal("1192.00"))
    assert invoice.status is InvoiceStatus.DRAFT
    assert doubts(invoice) == [("arithmetic", Decimal("100.00"))]
    assert evidence(invoice, ExceptionKind.ARITHMETIC) == {
        "what": "total", "stated": "1192.00", "ours": "1092.00", "currency": "RUB",
    }  # fmt: skip
    assert prices(invoice) == []
    (exception,) = InvoiceException.of(invoice)
    exception.decide(ExceptionState.ACCEPTED, "The supplier will send a new one")
    assert invoice.status is InvoiceStatus.ACTIVE
    assert doubts(invoice) == []
    assert [each.price for each in prices(invoice)] == [Decimal(100)]
    assert actions(invoice) == ["created", "decided", "activated"]


def test_a_disputed_total_leaves_the_draft_a_draft(entered, papers):
    invoice = entered(stated_total=Decimal("1192.00"))
    (exception,) = InvoiceException.of(invoice)
    exception.decide(ExceptionState.DISPUTED, "Asked the supplier")
    assert invoice.status is InvoiceStatus.DRAFT


def test_a_total_that_rounds_otherwise_is_accepted(entered, papers):
    lines = [
        papers.line(total, vat_rate=Decimal(19), vat_amount=Decimal(vat))
        for total, vat in (("841.35", "134.33"), ("79.00", "12.61"))
    ]
    invoice = entered(lines=tuple(lines), stated_total=Decimal("920.36"))
    assert (invoice.status, invoice.total_amount, invoice.vat_total) == (
        InvoiceStatus.ACTIVE, Decimal("920.35"), Decimal("146.94"),
    )  # fmt: skip
    assert doubts(invoice) == []


def test_a_draft_is_doubted_by_nobody_and_makes_no_prices(inside, papers):
    invoice = enter(papers.paper(lines=(papers.butter(unit_price=Decimal(5)),)), as_draft=True)
    assert (invoice.status, doubts(invoice), prices(invoice)) == (InvoiceStatus.DRAFT, [], [])


def test_what_a_line_states_is_kept_and_doubted_where_it_does_not_come_out(entered, papers):
    wrong = papers.line("1050.00", vat_rate=Decimal(20), vat_amount=Decimal("210.00"))
    invoice = entered(lines=(wrong, papers.line("310.00", quantity=Decimal(3), unit_price=Decimal(100))))
    assert doubts(invoice) == [("arithmetic", Decimal("10.00")), ("vat", Decimal("35.00"))]
    stored = lines_of([invoice.id])[invoice.id]
    assert [(line.line_total, line.vat_amount) for line in stored] == [
        (Decimal("1050.00"), Decimal("210.00")), (Decimal("310.00"), Decimal(0)),
    ]  # fmt: skip
    told = [each.sentence for each in InvoiceException.of(invoice)]
    assert any("175.00" in sentence and "210.00" in sentence for sentence in told)


def test_a_unit_that_leads_nowhere_is_unknown_and_known_once_a_conversion_does(entered, papers, world):
    chain = world.pelmenya
    box = MeasureUnit(id=uuid4(), name="Box", symbol="box", unit_category_id=chain.id_of("unit_category", 2))
    db.session.add(box)
    db.session.flush()
    invoice = entered(lines=(papers.butter(2, "2000.00", unit_id=box.id),))
    (line,) = lines_of([invoice.id])[invoice.id]
    assert (line.base_quantity, prices(invoice)) == (None, [])
    assert doubts(invoice) == [("unit_missing", Decimal(0))]
    assert evidence(invoice, ExceptionKind.UNIT_MISSING) == {"unit": "box", "base": "kg"}
    item = db.session.get_one(InventoryItem, papers.item_id)
    ratio = {"from_quantity": Decimal(1), "to_quantity": Decimal(10)}
    pack = {"from_unit_id": box.id, "to_unit_id": papers.kg_id} | ratio
    change_packs(item, packs_of(item), [(None, pack)])
    assert line.base_quantity == Decimal(20)
    assert [each.price for each in prices(invoice)] == [Decimal(100)]
    assert "unit_missing" not in dict(doubts(invoice))
    (settled,) = (each for each in InvoiceException.of(invoice) if each.kind is ExceptionKind.UNIT_MISSING)
    assert settled.state is ExceptionState.RESOLVED
    assert take_in_conversions([papers.item_id]) == 0


def test_a_paper_that_is_judged_anew_is_held_against_whoever_cancels_it(entered, papers, world, superuser_sql):
    box = MeasureUnit(id=uuid4(), name="Box", symbol="box", unit_category_id=world.pelmenya.id_of("unit_category", 2))
    db.session.add(box)
    db.session.flush()
    invoice_id = entered(lines=(papers.butter(2, "2000.00", unit_id=box.id),)).id
    db.session.commit()
    free = "SELECT id FROM getinn_ops.invoice WHERE id = %s FOR UPDATE SKIP LOCKED"
    assert len(superuser_sql(free, [invoice_id])) == 1
    assert take_in_conversions([papers.item_id]) == 1
    assert superuser_sql(free, [invoice_id]) == []


def test_what_is_more_than_can_be_waited_for_is_taken_in_by_the_worker(inside, papers, world, monkeypatch):
    chain = world.pelmenya
    crate = MeasureUnit(id=uuid4(), name="Crate", symbol="crate", unit_category_id=chain.id_of("unit_category", 2))
    db.session.add(crate)
    db.session.flush()
    many = [papers.paper(str(n), lines=(papers.butter(1, f"{n}.00", unit_id=crate.id),)) for n in range(1, 6)]
    invoices = enter_all(many)
    monkeypatch.setattr(jobs, "MAX_AT_ONCE", 2)
    monkeypatch.setattr(jobs, "MAX_A_BATCH", 2)
    asked = []
    monkeypatch.setattr(jobs.take_in_all_conversions, "queue", lambda **arguments: asked.append(arguments))
    ratio = {"from_quantity": Decimal(1), "to_quantity": Decimal(2)}
    UnitConversion(from_unit_id=crate.id, to_unit_id=papers.kg_id, **ratio).open()
    assert sum(len(prices(invoice)) for invoice in invoices) == 2
    for arguments in asked:
        jobs.take_in_all_conversions.function(**arguments)
    assert [[each.price for each in prices(invoice)] for invoice in invoices] == [[Decimal(n) / 2] for n in range(1, 6)]
    assert len(asked) == 2


def test_what_was_chosen_once_is_recognised_on_the_next_paper(entered, papers, world):
    entered("1", lines=(papers.butter(description="Масло  82,5%", supplier_sku="M-1"),))
    invoice = entered("2", lines=(papers.butter(description="МАСЛО 82.5 %", item_id=None),), day=date(2026, 2, 6))
    (line,) = lines_of([invoice.id])[invoice.id]
    assert line.inventory_item_id == papers.item_id
    row = db.session.get(SupplierItem, line.supplier_item_id)
    assert (row.supplier_id, row.supplier_sku) == (world.pelmenya.id_of("supplier"), "M-1")
    assert [each.price for each in prices(invoice)] == [Decimal(100)]


def test_another_choice_is_what_is_meant_from_then_on(entered, papers, world):
    other = InventoryItem(id=uuid4(), name="Margarine", default_unit_id=papers.kg_id)
    db.session.add(other)
    db.session.flush()
    entered("1", lines=(papers.butter(),))
    entered("2", lines=(papers.butter(item_id=other.id),), day=date(2026, 2, 5))
    third = entered("3", lines=(papers.butter(item_id=None),), day=date(2026, 2, 6))
    assert [line.inventory_item_id for line in lines_of([third.id])[third.id]] == [other.id]


def test_a_leap_of_a_price_is_told_with_the_paper_and_ends_with_it(entered, papers, world):
    item = InventoryItem(id=uuid4(), name="Pork", default_unit_id=papers.kg_id)
    db.session.add(item)
    db.session.flush()

    def buy(number, price, day):
        line = papers.butter(1, price, item_id=item.id, unit_id=papers.kg_id, description="Pork")
        return entered(number, lines=(line,), day=date(2026, 2, day))

    assert doubts(buy("1", "200.00", 1)) == []
    assert doubts(buy("2", "219.99", 2)) == []
    leap = buy("3", "253.00", 3)
    assert doubts(leap) == [("price_shock", Decimal("33.01"))]
    (told,) = [each.sentence for each in InvoiceException.of(leap)]
    assert "kg" in told
    assert "253.00" in told
    leap.cancel("Not ours")
    assert doubts(leap) == []
    assert db.session.get(InventoryItem, item.id, populate_existing=True).current_cost_per_unit == Decimal("219.99")


class TestFromIiko:
    """What iiko says is taken as it is: nothing stops it."""

    def line(self, papers, total="1092.00", quantity="10.92", price="91.00", **changes):
        known = {"item_id": papers.item_id, "unit_id": papers.kg_id, "base_quantity": Decimal(quantity)}
        quantities = {"quantity": Decimal(quantity), "unit_price": Decimal(price)}
        return papers.line(total, description="Butter", **(quantities | known | changes))

    def test_a_price_for_a_packing_is_no_doubt_and_the_cost_is_by_the_base_unit(self, entered, papers):
        invoice = entered(lines=(self.line(papers),), source="iiko", iiko_id="doc-1")
        assert doubts(invoice) == []
        assert [(each.price, str(each.source)) for each in prices(invoice)] == [(Decimal(100), "iiko")]
        assert (invoice.source, invoice.iiko_id) == (InvoiceSource.IIKO, "doc-1")

    def test_a_discount_that_iiko_does_not_take_off_is_doubted(self, entered, papers):
        invoice = entered(lines=(self.line(papers, discount=Decimal("50.00")),), source="iiko")
        assert doubts(invoice) == [("arithmetic", Decimal("50.00"))]
        assert invoice.total_amount == Decimal("1092.00")

    def test_less_taken_in_than_billed_is_told_with_its_share_of_the_money(self, entered, papers):
        invoice = entered(lines=(self.line(papers, accepted_quantity=Decimal("10.00")),), source="iiko")
        assert doubts(invoice) == [("over_billed", Decimal("92.00"))]
        exact = entered("2", lines=(self.line(papers, accepted_quantity=Decimal("10.92")),), source="iiko")
        assert "over_billed" not in dict(doubts(exact))

    def test_vat_on_top_of_what_holds_it_is_stored_as_stated(self, entered, papers):
        line = self.line(papers, "1050.00", vat_rate=Decimal(20), vat_amount=Decimal("210.00"))
        invoice = entered(lines=(line,), source="iiko")
        assert doubts(invoice) == [("vat", Decimal("35.00"))]
        assert evidence(invoice, ExceptionKind.VAT)["fits"] == "on_top"
        assert invoice.vat_total == Decimal("210.00")

    def test_what_has_no_item_makes_no_price_and_no_doubt(self, entered, papers):
        invoice = entered(lines=(papers.line("300.00", description="Delivery"),), source="iiko")
        assert (doubts(invoice), prices(invoice)) == ([], [])

    def test_a_double_is_stored_and_asked_about_afterwards(self, entered, papers):
        former = entered()
        again = entered("YT-123", source="iiko")
        assert again.duplicate_reason == "in_iiko"
        assert doubts(again) == [("duplicate", Decimal("900.00"))]
        told = evidence(again, ExceptionKind.DUPLICATE)
        assert (told["rule"], told["invoice_id"], told["number"]) == ("R1", str(former.id), "УТ-000123")

    def test_what_it_may_be_is_asked_about_until_it_is_another_paper(self, entered, papers):
        entered()
        again = entered("YT-123", source="iiko")
        stored = lines_of([again.id])[again.id]
        change(again, replace(paper_of(again, stored), due_date=date(2026, 6, 1)))
        assert dict(doubts(again)) == {"duplicate": Decimal("900.00")}
        change(again, replace(paper_of(again, stored), number="7", invoice_date=date(2026, 2, 9)))
        assert (doubts(again), again.duplicate_reason) == ([], None)

    def test_one_paper_over_two_stores_is_only_noted(self, entered, papers, world):
        entered(source="iiko")
        part = entered(source="iiko", store_id=world.pelmenya.assigned_store_id, total="400.00")
        assert (part.duplicate_reason, doubts(part)) == ("second_part", [])
        same_total = entered(source="iiko", store_id=world.pelmenya.assigned_store_id)
        assert dict(doubts(same_total)) == {"duplicate": Decimal("900.00")}

    def test_doubles_that_come_together_know_each_other(self, inside, papers):
        first, second = enter_all([papers.paper(source="iiko"), papers.paper("123-УТ", source="iiko")])
        assert doubts(first) == []
        assert evidence(second, ExceptionKind.DUPLICATE)["invoice_id"] == str(first.id)

    def test_a_total_beside_the_lines_does_not_hold_it_up(self, entered, papers):
        invoice = entered(stated_total=Decimal("1000.00"), source="iiko")
        assert invoice.status is InvoiceStatus.ACTIVE
        assert doubts(invoice) == [("arithmetic", Decimal("100.00"))]

    def test_papers_of_a_card_that_was_merged_are_the_others(self, entered, papers, world):
        chain = world.pelmenya
        invoice = entered(supplier_id=chain.id_of("supplier", 2), source="iiko")
        assert invoice.supplier_id == chain.id_of("supplier")


def test_a_credit_note_is_below_zero_and_makes_no_price(entered, papers):
    line = papers.butter(quantity=Decimal(-2), accepted_quantity=Decimal(-3), total="-182.00", unit_price=Decimal(91))
    note = entered("77", kind="credit_note", lines=(line,))
    assert (note.kind, note.total_amount, doubts(note), prices(note)) == (
        InvoiceKind.CREDIT_NOTE, Decimal("-182.00"), [], [],
    )  # fmt: skip


def test_a_card_that_was_merged_or_archived_takes_no_papers(entered, world):
    chain = world.pelmenya
    with pytest.raises(MoveRefused, match="was merged into zqpelmenya supplier 1"):
        entered(supplier_id=chain.id_of("supplier", 2))
    db.session.get(Supplier, chain.id_of("supplier", 3)).is_active = False
    with pytest.raises(MoveRefused, match="is archived"):
        entered(supplier_id=chain.id_of("supplier", 3))


def test_lines_that_come_to_more_than_can_be_kept_are_refused(entered, papers):
    lines = (papers.line("999999999999.99"), papers.line("0.01"))
    with pytest.raises(MoveRefused, match="more than can be kept"):
        entered(lines=lines)
    invoice = entered(lines=lines[:1])
    with pytest.raises(MoveRefused, match="more than can be kept"):
        change(invoice, replace(paper_of(invoice, lines_of([invoice.id])[invoice.id]), lines=lines))


def test_a_paper_of_an_archived_card_can_still_be_changed(entered, world):
    chain = world.pelmenya
    invoice = entered(supplier_id=chain.id_of("supplier", 3))
    db.session.get(Supplier, chain.id_of("supplier", 3)).is_active = False
    change(invoice, replace(paper_of(invoice, lines_of([invoice.id])[invoice.id]), number="9"))
    assert invoice.invoice_number == "9"


@pytest.mark.parametrize("what", ["supplier_id", "store_id", "document_id", "item_id", "unit_id"])
def test_what_belongs_to_another_chain_is_not_there(entered, papers, world, what):
    other = world.vareniki
    tables = {"supplier_id": "supplier", "store_id": "store", "document_id": "document"}
    if what in tables:
        changes = {what: other.id_of(tables[what])}
    else:
        table = {"item_id": "inventory_item", "unit_id": "unit"}[what]
        changes = {"lines": (papers.butter(**{what: other.id_of(table)}),)}
    with pytest.raises(NotFound):
        entered(**changes)


def test_a_store_of_a_restaurant_that_is_not_the_persons_is_not_there(app, papers, world):
    chain = world.pelmenya
    with app.app_context():
        enter_account(chain.account_id, (chain.assigned_restaurant_id,))
        with pytest.raises(NotFound):
            enter(papers.paper())
        assert enter(papers.paper(store_id=chain.assigned_store_id)).restaurant_id == chain.assigned_restaurant_id


def test_hundreds_are_entered_in_as_many_statements_as_one(inside, papers, statements):
    def count(numbers, day):
        many = [
            papers.paper(
                f"N-{number}", lines=(papers.butter(1, f"{number}.00"), papers.line("10.00")), day=day, source="file"
            )
            for number in numbers
        ]
        with statements() as counted:
            assert len(enter_all(many)) == len(many)
        return counted.total

    one = count([1], date(2026, 1, 1))
    assert count(range(2, 202), date(2026, 1, 2)) <= one + 10
    assert one <= 40


def test_no_papers_make_no_invoices(inside):
    assert enter_all([]) == []
    assert db.session.scalar(select(Invoice.id).where(Invoice.invoice_number == "")) is None


def test_a_rate_of_another_year_is_a_note_on_the_page(app, browse, papers, world):
    chain = world.pelmenya
    with app.app_context():
        enter_account(chain.account_id)
        lines = papers.line("120.00", vat_rate=Decimal(20), vat_amount=Decimal("20.00")), papers.line("5.00")
        noted = enter(papers.paper("1", lines=lines)).id
        plain = enter(papers.paper("2", lines=lines, day=date(2025, 12, 31))).id
        db.session.commit()
    owner = browse(chain.owner)
    pages = [owner.get(owner.account(f"invoices/{invoice_id}")).text for invoice_id in (noted, plain)]
    assert ["not a rate of that day" in page for page in pages] == [True, False]
