"""Invoices from iiko, written as papers: entered, changed, taken back; what does not come out asks afterwards."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from portal.audit.models import AuditEvent
from portal.audit.recording import acting
from portal.db.base import db
from portal.db.states import MoveRefused
from portal.iiko.kinds import INCOMING_INVOICES, PRODUCTS
from portal.iiko.models import KindState
from portal.iiko.sync.deciding import ActingRun
from portal.iiko.sync.holds import hold_in_words
from portal.iiko.sync.links import accept, refuse
from portal.iiko.sync.models import ActionState, IikoLink, Word
from portal.iiko.sync.pins import pinned_fields
from portal.iiko.sync.reasons import Reason
from portal.iiko.sync.wording import reason_in_words
from portal.invoices.changing import change, paper_of
from portal.invoices.models import Invoice, InvoiceItem
from portal.suppliers.models import Supplier
from tests.fakes.iiko.deliveries import DAIRY, GROCERY
from tests.fakes.iiko.oddities import UNLISTED
from tests.fakes.iiko.purchases import DELETED, NEW, PROCESSED
from tests.iiko.bought import DAY, Trade
from tests.iiko.rows import id_of

D = Decimal
KEY = INCOMING_INVOICES.key


@pytest.fixture
def trade(engine):
    return Trade(engine).settle()


def by_hand():
    """A colleague, as the log names them."""
    return acting(ActingRun(id_of("anna"), "Анна"))


def plan_of(trade, *names, changed=None):
    """What a run plans of one invoice, told as it is or otherwise."""
    run = trade.plan(KEY)
    return run, trade.engine.actions(run, KEY)


def test_twelve_packs_of_0_91_kg_at_91_00_cost_1092_00_and_100_00_a_kilogram(trade):
    invoice = trade.bring("packs")
    (line,) = trade.lines(invoice)
    assert (invoice.total_amount, invoice.vat_total, invoice.status, invoice.source) == (
        D("1092.00"), D("99.27"), "active", "iiko",
    )  # fmt: skip
    assert (line.quantity, line.unit_price, line.line_total, line.base_quantity) == (D(12), D(91), D(1092), D("10.92"))
    (price,) = trade.prices(trade.odd["packs"].lines[0].product)
    assert (price.price, price.quantity, price.amount, price.source) == (D("100.000000"), D(12), D("1092.00"), "iiko")
    assert trade.exceptions(invoice) == {}
    assert trade.item(trade.odd["packs"].lines[0].product).current_cost_per_unit == D("100.000000")


def test_eight_kegs_of_19_l_at_180_00_are_152_l_for_1440_00(trade):
    (line,) = trade.lines(trade.bring("kegs"))
    assert (line.quantity, line.unit_price, line.base_quantity, line.vat_amount) == (D(8), D(180), D(152), D("130.91"))


@pytest.mark.parametrize(
    ("price", "line"),
    [
        (D(91), (D(12), D(91))),
        # A price of the unit, of something else, or a sum that is not so many packs: told in kilograms.
        (D(100), (D("10.92"), D(100))),
        (D("91.01"), (D("10.92"), D(100))),
    ],
)
def test_a_packs_price_is_shown_where_it_makes_the_sum_and_else_the_units(trade, price, line):
    told = trade.tell("packs")
    trade.purchases.change(told, lines=(replace(told.lines[0], price=price),))
    trade.sync(KEY)
    (found,) = trade.lines(trade.invoice(told))
    assert (found.quantity, found.unit_price, found.base_quantity) == (*line, D("10.92"))


def test_vat_on_top_is_stored_as_stated_and_asks(trade):
    invoice = trade.bring("vat_on_top")
    (line,) = trade.lines(invoice)
    assert (line.line_total, line.vat_rate, line.vat_amount) == (D("1050.00"), D(20), D("210.00"))
    evidence = trade.exceptions(invoice)["vat"].evidence
    assert (evidence["stated"], evidence["ours"], evidence["fits"]) == ("210.00", "175.00", "on_top")


def test_what_was_accepted_of_less_than_was_billed_asks_with_the_money_at_stake(trade):
    invoice = trade.bring("short")
    (line,) = trade.lines(invoice)
    assert (line.quantity, line.accepted_quantity, line.line_total) == (D(10), D(9), D("950.00"))
    assert trade.exceptions(invoice)["over_billed"].money_at_stake == D("95.00")


def test_a_discount_is_stored_and_not_subtracted_and_asks(trade):
    invoice = trade.bring("discount")
    (line,) = trade.lines(invoice)
    assert (line.discount, line.line_total, invoice.total_amount) == (D("50.00"), D("950.00"), D("950.00"))
    assert "arithmetic" in trade.exceptions(invoice)


def test_freight_belongs_to_the_total_and_makes_no_price(trade):
    invoice = trade.bring("freight")
    goods, freight = trade.lines(invoice)
    assert (invoice.total_amount, freight.line_total) == (goods.line_total + D(500), D(500))
    assert (freight.inventory_item_id, freight.unit_id, freight.base_quantity) == (None, None, None)
    assert "unit_missing" not in trade.exceptions(invoice)


def test_an_unknown_product_comes_as_it_is_and_is_completed_once_it_is_known(trade):
    invoice = trade.bring("unlisted")
    (line,) = trade.lines(invoice)
    assert (line.inventory_item_id, line.line_total, line.description) == (None, D(600), "№ 1 · 77777")
    assert trade.engine.actions(trade.plan(KEY), KEY) == {}
    trade.purchases.add(UNLISTED)
    trade.sync("products", KEY)
    (line,) = trade.lines(trade.invoice(trade.odd["unlisted"]))
    assert (line.description, line.base_quantity) == ("Сезонное", D(3))
    assert [price.price for price in trade.prices(UNLISTED)] == [D("200.000000")]
    assert trade.engine.actions(trade.plan(KEY), KEY) == {}


def test_a_draft_makes_no_price_until_it_is_posted(trade):
    told = trade.tell("draft")
    trade.sync(KEY)
    product = told.lines[0].product
    assert (trade.invoice(told).status, trade.prices(product)) == ("draft", [])
    trade.purchases.change(told, status=PROCESSED)
    trade.sync(KEY)
    assert (trade.invoice(told).status, len(trade.prices(product))) == ("active", 1)


def test_what_was_deleted_before_it_was_seen_is_left_out(trade):
    told = trade.tell("deleted")
    run = trade.sync(KEY)
    assert (trade.invoice(told), trade.engine.action(run, told.id).reason) == (None, Reason.DELETED)


@pytest.mark.parametrize("status", [DELETED, NEW])
def test_what_is_deleted_or_taken_back_in_iiko_is_cancelled_with_its_prices_and_comes_back(trade, status):
    told = trade.tell("packs")
    trade.sync(KEY)
    product = told.lines[0].product
    trade.purchases.change(told, status=status)
    trade.sync(KEY)
    invoice = trade.invoice(told)
    assert (invoice.status, trade.prices(product), bool(invoice.cancel_reason)) == ("cancelled", [], True)
    assert trade.item(product).current_cost_per_unit is None
    trade.purchases.change(told, status=PROCESSED)
    trade.sync(KEY)
    assert (trade.invoice(told).status, trade.item(product).current_cost_per_unit) == ("active", D("100.000000"))


def test_what_a_person_cancelled_here_stays_so_whatever_iiko_changes(trade):
    told = trade.tell("packs")
    trade.sync(KEY)
    invoice = trade.invoice(told)
    invoice.cancel("wrong")
    invoice.cancelled_by_id = trade.engine.chain.owner.id
    db.session.flush()
    for changes in ({"due": DAY}, {"status": DELETED}, {"status": PROCESSED}):
        told = trade.purchases.change(told, **changes)
        trade.sync(KEY)
        assert trade.invoice(told).status == "cancelled"


def test_a_paper_of_two_stores_is_two_invoices_and_no_duplicate(trade):
    told = trade.tell("two_stores")
    trade.sync(KEY)
    other = f":{trade.chain.stores[-2].id}"
    parts = [trade.invoice(told), trade.invoice(told, other)]
    assert [part.total_amount for part in parts] == [D("950.00"), D("950.00")]
    assert parts[0].restaurant_id != parts[1].restaurant_id
    assert [part.invoice_number for part in parts] == ["Р-15", "Р-15"]


def test_the_part_of_a_store_that_the_paper_does_not_name_any_more_is_cancelled(trade):
    told = trade.tell("two_stores")
    trade.sync(KEY)
    other = f":{trade.chain.stores[-2].id}"
    whole = trade.purchases.change(told, lines=(replace(told.lines[0], total=D(1900)),))
    trade.sync(KEY)
    assert (trade.invoice(told).total_amount, trade.invoice(told, other).status) == (D("1900.00"), "cancelled")
    assert trade.engine.actions(trade.plan(KEY), KEY) == {}
    trade.purchases.change(whole, lines=told.lines)
    trade.sync(KEY)
    assert [trade.invoice(told, part).status for part in ("", other)] == ["active", "active"]


def test_the_same_number_twice_comes_twice_and_asks(trade):
    trade.tell("same_number", "same_number_again")
    trade.sync(KEY)
    first, second = (trade.invoice(trade.odd[name]) for name in ("same_number", "same_number_again"))
    assert {first.status, second.status} == {"active"}
    duplicates = [each for each in (first, second) if "duplicate" in trade.exceptions(each)]
    assert len(duplicates) == 1
    assert trade.exceptions(duplicates[0])["duplicate"].money_at_stake == first.total_amount


def test_an_invoice_typed_here_and_entered_in_iiko_asks_and_neither_is_lost(trade):
    invoice = trade.bring("packs")
    typed = Invoice(
        supplier_id=invoice.supplier_id, store_id=invoice.store_id, restaurant_id=invoice.restaurant_id,
        invoice_number="1568", invoice_date=trade.odd["kegs"].received, currency="RUB", total_amount=D(0),
    )  # fmt: skip
    supplier = db.session.scalars(select(Supplier).where(Supplier.name == "ООО «Напитки Плюс»")).one()
    typed.supplier_id = supplier.id
    db.session.add(typed)
    db.session.flush()
    brought = trade.bring("kegs")
    assert trade.exceptions(brought)["duplicate"].evidence["invoice_id"] == str(typed.id)
    assert typed.status == "draft"


def test_the_second_run_finds_all_unchanged_and_rewrites_no_row(trade):
    trade.tell("packs", "kegs", "short", "two_stores", "unlisted", "draft", "freight")
    trade.sync(KEY)
    tables = (Invoice, InvoiceItem, IikoLink)
    rows = [select(table.id, table.updated_at).order_by(table.id) for table in tables]
    before = [db.session.execute(query).all() for query in rows]
    lines = db.session.scalar(select(func.count()).select_from(AuditEvent))
    run = trade.sync(KEY)
    kind = trade.engine.kind(run, KEY)
    assert (kind.creates, kind.updates, kind.unchanged, kind.state) == (0, 0, 8, KindState.DONE)
    assert [db.session.execute(query).all() for query in rows] == before
    assert db.session.scalar(select(func.count()).select_from(AuditEvent)) == lines
    invoice = trade.invoice(trade.odd["packs"])
    assert (invoice.iiko_sync_status, invoice.iiko_last_synced_at) == ("synced", run.read_at)


def test_invoices_are_compared_in_as_many_statements_however_many_there_are(trade, statements):
    def taken():
        trade.sync(KEY)
        with statements() as counter:
            trade.sync(KEY)
        return counter.total

    trade.tell("packs", "kegs")
    few = taken()
    assert few <= 60
    trade.purchases.add(*(replace(trade.odd["short"], number=f"М-{at}") for at in range(30)))
    assert taken() == few


def test_a_change_of_lines_is_written_with_the_prices_that_come_of_it(trade):
    told = trade.tell("packs")
    trade.sync(KEY)
    cheaper = replace(told.lines[0], price=D(80), total=D(960), vat=D("87.27"))
    trade.purchases.change(told, lines=(cheaper,))
    run, actions = plan_of(trade)
    assert actions[told.id].changes == {"lines": ["1 · 1092.00", "1 · 960.00"]}
    trade.engine.apply(run)
    assert (trade.invoice(told).total_amount, trade.item(told.lines[0].product).current_cost_per_unit) == (
        D("960.00"), D("87.912088"),
    )  # fmt: skip


@pytest.mark.parametrize("takes", [True, False])
def test_a_paid_invoice_that_iiko_changes_waits_for_a_person(trade, takes):
    told = trade.tell("packs")
    trade.sync(KEY)
    trade.invoice(told).mark_paid()
    trade.purchases.change(told, lines=(replace(told.lines[0], total=D(1100), price=D(0)),))
    run, actions = plan_of(trade)
    action = actions[told.id]
    assert (action.word, action.reason) == (Word.CONFLICT, Reason.SETTLED)
    assert reason_in_words(action).startswith("It is paid")
    trade.engine.apply(run, only_safe=True)
    assert trade.invoice(told).total_amount == D("1092.00")
    run, actions = plan_of(trade)
    (accept if takes else refuse)(actions[told.id])
    trade.engine.apply(run)
    assert trade.invoice(told).total_amount == D("1100.00" if takes else "1092.00")
    assert trade.engine.actions(trade.plan(KEY), KEY) == {}


def test_lines_that_a_person_changed_are_kept_and_a_change_in_iiko_asks(trade):
    told = trade.tell("packs")
    trade.sync(KEY)
    invoice = trade.invoice(told)
    paper = paper_of(invoice, trade.lines(invoice))
    with by_hand():
        change(invoice, replace(paper, lines=(replace(paper.lines[0], line_total=D(1000), unit_price=D("83.3333")),)))
    assert "lines" in pinned_fields(INCOMING_INVOICES, invoice.id)
    assert trade.engine.actions(trade.plan(KEY), KEY) == {}
    trade.purchases.change(told, lines=(replace(told.lines[0], total=D(1200)),))
    run, actions = plan_of(trade)
    assert (actions[told.id].word, actions[told.id].reason) == (Word.CONFLICT, Reason.PINNED)
    trade.engine.apply(run)
    assert trade.invoice(told).total_amount == D("1000.00")
    run, actions = plan_of(trade)
    accept(actions[told.id])
    trade.engine.apply(run)
    assert trade.invoice(told).total_amount == D("1200.00")


def test_a_payment_pins_nothing_and_neither_does_a_conversion(trade):
    invoice = trade.bring("packs")
    invoice.mark_paid()
    for line in trade.lines(invoice):
        line.base_quantity = D("10.93")
    db.session.flush()
    assert pinned_fields(INCOMING_INVOICES, invoice.id) == frozenset()


def test_a_number_that_a_person_corrected_stays(trade):
    told = trade.tell("packs")
    trade.sync(KEY)
    with by_hand():
        trade.invoice(told).edit(invoice_number="П-100")
        db.session.flush()
    trade.purchases.change(told, due=DAY)
    trade.sync(KEY)
    invoice = trade.invoice(told)
    assert (invoice.invoice_number, invoice.due_date) == ("П-100", DAY)


def test_what_iiko_does_not_name_within_the_days_is_missing_and_stays(trade):
    told = trade.tell("packs", "kegs", "short")
    trade.sync(KEY)
    trade.purchases.remove(told)
    run, actions = plan_of(trade)
    assert {iiko_id: action.word for iiko_id, action in actions.items()} == {told.id: Word.MISSING}
    trade.engine.apply(run)
    invoice = trade.invoice(told)
    assert (invoice.status, invoice.iiko_sync_status) == ("active", "failed")
    assert trade.invoice(trade.odd["packs"]).iiko_sync_status == "synced"


def test_of_other_days_nothing_is_said(trade):
    told = trade.tell("packs")
    trade.sync(KEY)
    trade.purchases.invoices.clear()
    run = trade.engine.run(days=(DAY + timedelta(days=1), DAY + timedelta(days=7)), **trade.rows(KEY))
    assert trade.engine.actions(run, KEY) == {}
    trade.engine.apply(run)
    assert trade.invoice(told).iiko_sync_status == "synced"


def test_many_invoices_that_are_gone_hold_the_kind(trade):
    trade.purchases.add(*(replace(trade.odd["short"], number=f"М-{at}") for at in range(10)))
    trade.sync(KEY)
    trade.purchases.invoices.clear()
    run = trade.plan(KEY)
    assert trade.engine.kind(run, KEY).state is KindState.HELD
    assert hold_in_words(trade.engine.kind(run, KEY)) == "iiko named none, and 10 are linked."


def test_a_paper_that_is_received_on_another_day_is_the_same_one(trade):
    told = trade.tell("packs")
    trade.sync(KEY)
    trade.purchases.change(told, received=told.received - timedelta(days=2), issued=told.received)
    run, actions = plan_of(trade)
    assert set(actions[told.id].changes) == {"received_on"}
    trade.engine.apply(run)
    assert trade.engine.link(told.id).day == told.received - timedelta(days=2)
    assert trade.invoice(told).invoice_date == told.received


def test_papers_of_a_card_that_was_merged_belong_to_the_other_and_stay_there(trade):
    told = trade.tell("vat_on_top")
    trade.sync(KEY)
    invoice = trade.invoice(told)
    one, other = (
        db.session.scalars(select(Supplier).where(Supplier.iiko_id == each.id)).one() for each in (GROCERY, DAIRY)
    )
    one.merged_into_id = invoice.supplier_id = other.id
    one.is_active = False
    db.session.flush()
    assert trade.engine.actions(trade.plan(KEY), KEY) == {}
    more = trade.purchases.add(replace(told, number="В-211"))
    trade.sync(KEY)
    assert trade.invoice(more).supplier_id == other.id


def test_an_invoice_of_a_store_that_is_not_here_waits_for_it(trade):
    central = trade.chain.find("Заготовки")
    told = trade.purchases.add(replace(trade.odd["packs"], store=central.id))
    run = trade.sync(KEY)
    action = trade.engine.action(run, told.id)
    assert (action.word, action.reason, action.details["name"]) == (Word.SKIP, Reason.NOT_THERE, "Заготовки")


def test_what_somebody_paid_between_preview_and_writing_is_left_and_told(trade):
    told = trade.tell("packs")
    trade.sync(KEY)
    trade.purchases.change(told, lines=(replace(told.lines[0], total=D(1200)),))
    run, _actions = plan_of(trade)
    trade.invoice(told).mark_paid()
    trade.engine.apply(run)
    assert trade.engine.action(run, told.id).state is ActionState.LEFT_OUT
    assert trade.invoice(told).total_amount == D("1092.00")


def test_the_days_of_a_plan_are_written_one_after_the_other(trade, monkeypatch):
    trade.tell("packs", "deleted", "two_stores", "same_number", "same_number_again")
    days = []
    write = INCOMING_INVOICES.writer.write
    monkeypatch.setattr(INCOMING_INVOICES.writer, "write", lambda self: days.append(self.day) or write(self))
    trade.sync(KEY)
    assert days == [*sorted(each for each in days if each), None]
    assert len(days) == 5


def test_decisions_about_invoices_cannot_be_made_twice(trade):
    told = trade.tell("packs")
    trade.sync(KEY)
    trade.invoice(told).mark_paid()
    trade.purchases.change(told, lines=(replace(told.lines[0], total=D(1200)),))
    run, actions = plan_of(trade)
    refuse(actions[told.id])
    db.session.flush()
    with pytest.raises(MoveRefused):
        refuse(actions[told.id])
    assert PRODUCTS.key in trade.engine.kind_states(trade.plan("products"))
    assert run.kinds == [KEY]
