"""What becomes of an invoice: changed, paid, cancelled, brought back, decided about."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from portal.audit.models import AuditEvent
from portal.catalogue.models import InventoryItem
from portal.catalogue.prices import ItemPrice
from portal.db.base import db
from portal.db.states import MoveRefused
from portal.invoices.changing import change, paper_of, restore
from portal.invoices.duplicates import DuplicateFound
from portal.invoices.entering import enter
from portal.invoices.models import InvoiceException
from portal.invoices.queries import lines_of
from portal.invoices.words import ExceptionKind, ExceptionState, InvoiceStatus
from portal.tenancy.scope import enter_account
from tests.invoices.conftest import DAY


@pytest.fixture
def pork(inside, papers):
    """An item that nobody has bought yet, by the kilogram."""
    item = InventoryItem(id=uuid4(), name="Pork", default_unit_id=papers.kg_id)
    db.session.add(item)
    db.session.flush()
    return item


@pytest.fixture
def buy(entered, papers, pork):
    """``buy(number, price, day)``: a kilogram of pork on a day after the first."""

    def make(number, price, day=0, **changes):
        line = papers.butter(1, str(price), item_id=pork.id, unit_id=papers.kg_id, description="Pork")
        return entered(number, lines=(line,), day=DAY + timedelta(days=day), **changes)

    return make


def cost(item):
    return db.session.get(InventoryItem, item.id, populate_existing=True).current_cost_per_unit


def stored(invoice):
    return lines_of([invoice.id])[invoice.id]


def paper(invoice):
    return paper_of(invoice, stored(invoice))


def history(item):
    """Every price of an item: day, amount, whether it is taken back."""
    query = select(ItemPrice).where(ItemPrice.inventory_item_id == item.id).order_by(ItemPrice.price_date)
    rows = db.session.scalars(query.execution_options(populate_existing=True))
    return [((row.price_date - DAY).days, row.amount, row.voided_at is not None) for row in rows]


def open_kinds(invoice):
    found = InvoiceException.of(invoice)
    return sorted(str(each.kind) for each in found if each.state is ExceptionState.OPEN)


def events(invoice):
    db.session.flush()
    query = select(AuditEvent).where(AuditEvent.entity_id == invoice.id).order_by(AuditEvent.at, AuditEvent.id)
    return db.session.scalars(query).all()


class TestCancelling:
    """What goes with an invoice, and what its prices leave behind."""

    def test_the_cost_is_the_latest_that_stands_and_unknown_with_none_left(self, buy, pork):
        first, second = buy("1", "200.00", 0), buy("2", "300.00", 9)
        assert cost(pork) == Decimal(300)
        second.cancel("Not ours")
        assert cost(pork) == Decimal(200)
        first.cancel("Not ours either")
        assert cost(pork) is None
        assert history(pork) == [(0, Decimal("200.00"), True), (9, Decimal("300.00"), True)]

    def test_an_earlier_paper_that_comes_later_leaves_the_cost(self, buy, pork):
        buy("1", "200.00", 0)
        buy("2", "300.00", 9)
        buy("3", "250.00", 4)
        assert cost(pork) == Decimal(300)

    def test_it_is_told_with_its_reason_and_nothing_is_left_to_decide(self, buy):
        buy("1", "200.00")
        dear = buy("2", "260.00", 1)
        assert open_kinds(dear) == ["price_shock"]
        assert dear.cancel("Sent back")
        assert (dear.status, dear.cancel_reason, open_kinds(dear)) == (InvoiceStatus.CANCELLED, "Sent back", [])
        assert dear.cancelled_at is not None
        assert [(str(event.action), event.after) for event in events(dear)][1:] == [
            ("cancelled", {"cancel_reason": "Sent back"})
        ]
        assert not dear.cancel("Once more")
        assert dear.cancel_reason == "Sent back"

    def test_a_paid_one_can_be_cancelled_and_a_draft_cannot_be_paid(self, entered):
        invoice = entered("1")
        assert invoice.mark_paid()
        assert not invoice.mark_paid()
        assert invoice.mark_unpaid()
        assert not invoice.mark_unpaid()
        invoice.mark_paid()
        assert invoice.cancel("Paid twice")
        assert [str(event.action) for event in events(invoice)] == ["created", "paid", "unpaid", "paid", "cancelled"]
        with pytest.raises(MoveRefused):
            entered("2", total="5.00", stated_total=Decimal(9)).mark_paid()

    def test_what_somebody_else_did_meanwhile_counts(self, app, buy, pork, world, superuser_sql):
        invoice = buy("1", "200.00")
        db.session.commit()
        superuser_sql("UPDATE getinn_ops.invoice SET status = 'cancelled' WHERE id = %s", [invoice.id])
        enter_account(world.pelmenya.account_id)
        assert not invoice.cancel("Too late")


class TestBringingBack:
    """A cancelled invoice that was right after all."""

    def test_its_prices_are_what_they_were(self, buy, pork):
        buy("1", "200.00")
        dear = buy("2", "300.00", 1)
        before = history(pork), cost(pork), open_kinds(dear)
        dear.cancel("Not ours")
        assert restore(dear)
        assert (history(pork), cost(pork), open_kinds(dear)) == before
        assert (dear.status, dear.cancel_reason, dear.cancelled_at) == (InvoiceStatus.ACTIVE, None, None)
        assert not restore(dear)

    def test_another_that_took_its_place_asks(self, buy, pork):
        first = buy("1", "200.00")
        first.cancel("Not ours")
        buy("1", "200.00")
        with pytest.raises(DuplicateFound):
            restore(first)
        assert first.status is InvoiceStatus.CANCELLED
        assert restore(first, "other_paper")
        assert first.duplicate_reason == "other_paper"


class TestChanging:
    """Making an invoice say what its paper says."""

    def test_lines_keep_their_ids_and_prices_follow(self, entered, papers, pork):
        butter = papers.butter()
        meat = papers.butter(1, "200.00", item_id=pork.id, unit_id=papers.kg_id, description="Pork")
        invoice = entered(lines=(butter, meat))
        first, second = stored(invoice)
        now = paper(invoice)
        dearer = replace(now.lines[1], unit_price=Decimal("210.00"), line_total=Decimal("210.00"))
        change(invoice, replace(now, lines=(dearer, now.lines[0], papers.line("5.00", description="Bag"))))
        assert [line.id for line in stored(invoice)][:2] == [second.id, first.id]
        assert (invoice.total_amount, cost(pork)) == (Decimal("1307.00"), Decimal(210))
        assert history(pork) == [(0, Decimal("210.00"), False)]
        db.session.commit()

    def test_without_ids_lines_are_known_by_what_they_are_called(self, entered, papers):
        invoice = entered(lines=(papers.line("1.00", description="A"), papers.line("2.00", description="B")))
        ids = {line.description: line.id for line in stored(invoice)}
        told = replace(
            paper(invoice), lines=(papers.line("3.00", description="B"), papers.line("1.00", description="C"))
        )
        change(invoice, told)
        assert [line.id == ids.get(line.description) for line in stored(invoice)] == [True, False]
        assert invoice.total_amount == Decimal("4.00")

    def test_a_price_of_a_line_that_goes_stands_no_longer(self, buy, papers, pork):
        invoice = buy("1", "200.00")
        change(invoice, replace(paper(invoice), lines=(papers.line("5.00"),)))
        assert cost(pork) is None
        # Taken back, never deleted.
        assert history(pork) == [(0, Decimal("200.00"), True)]

    def test_another_day_moves_the_price(self, buy, pork):
        buy("1", "200.00", 0)
        invoice = buy("2", "300.00", 9)
        change(invoice, replace(paper(invoice), invoice_date=DAY - timedelta(days=3)))
        assert cost(pork) == Decimal(200)
        assert history(pork) == [(-3, Decimal("300.00"), False), (0, Decimal("200.00"), False)]

    def test_the_log_tells_header_and_lines(self, entered, papers):
        invoice = entered(lines=(papers.line("5.00", description="Bag"),))
        now = paper(invoice)
        line = replace(now.lines[0], line_total=Decimal("6.00"), unit_price=Decimal("6.00"))
        change(invoice, replace(now, due_date=date(2026, 3, 1), lines=(line,)))
        _created, header, lines = events(invoice)
        assert header.after == {"due_date": "2026-03-01", "total_amount": "6 RUB"}
        assert lines.after["invoice_item"][0]["fields"] == [["unit_price", "6"], ["line_total", "6"]]
        change(invoice, paper(invoice))
        assert len(events(invoice)) == 3

    def test_another_number_is_judged_like_a_new_paper_and_another_total_is_not(self, entered, papers):
        entered("1")
        invoice = entered("2", total="5.00")
        with pytest.raises(DuplicateFound):
            change(invoice, replace(paper(invoice), number="№ 01"))
        assert invoice.invoice_number == "2"
        now = paper(invoice)
        change(invoice, replace(now, lines=(papers.line("900.00"),)))
        change(invoice, replace(paper(invoice), number="1", duplicate_reason="correction"))
        assert (invoice.invoice_number, invoice.duplicate_reason) == ("1", "correction")
        change(invoice, replace(paper(invoice), due_date=DAY))
        assert invoice.duplicate_reason == "correction"

    def test_a_reason_ends_with_the_number_that_it_was_for(self, entered):
        entered("1")
        invoice = entered("01", total="5.00", duplicate_reason="correction")
        change(invoice, replace(paper(invoice), number="2"))
        assert invoice.duplicate_reason is None

    def test_a_cancelled_one_is_read_only(self, entered):
        invoice = entered()
        now = paper(invoice)
        invoice.cancel("Not ours")
        with pytest.raises(MoveRefused, match="read only"):
            change(invoice, now)

    def test_a_draft_becomes_active_once_it_comes_out(self, buy, pork):
        invoice = buy("1", "200.00", stated_total=Decimal("210.00"))
        assert (invoice.status, cost(pork)) == (InvoiceStatus.DRAFT, None)
        change(invoice, replace(paper(invoice), stated_total=Decimal("205.00")))
        assert (invoice.status, open_kinds(invoice)) == (InvoiceStatus.DRAFT, ["arithmetic"])
        change(invoice, replace(paper(invoice), stated_total=Decimal("200.00")))
        assert (invoice.status, open_kinds(invoice), cost(pork)) == (InvoiceStatus.ACTIVE, [], Decimal(200))

    def test_a_draft_may_stay_one(self, inside, papers):
        draft = enter(papers.paper(), as_draft=True)
        change(draft, replace(paper(draft), number="5"), as_draft=True)
        assert (draft.status, draft.invoice_number) == (InvoiceStatus.DRAFT, "5")
        change(draft, paper(draft))
        assert draft.status is InvoiceStatus.ACTIVE

    def test_an_active_one_whose_total_no_longer_comes_out_stays_active_and_is_doubted(self, entered):
        invoice = entered()
        change(invoice, replace(paper(invoice), stated_total=Decimal("1.00")))
        assert (invoice.status, open_kinds(invoice)) == (InvoiceStatus.ACTIVE, ["arithmetic"])


class TestDeciding:
    """What a person says about something that is not as it should be."""

    def wrong(self, entered, papers, vat="210.00"):
        return entered(lines=(papers.line("1050.00", vat_rate=Decimal(20), vat_amount=Decimal(vat)),))

    def test_it_is_told_in_the_log_of_the_invoice(self, entered, papers):
        invoice = self.wrong(entered, papers)
        (exception,) = InvoiceException.of(invoice)
        exception.decide(ExceptionState.DISPUTED, "Asked for a correction")
        told = events(invoice)[-1]
        assert (str(told.action), told.before, told.after) == (
            "decided",
            {"decision": "open", "decision_reason": None},
            {"exception": "vat", "decision": "disputed", "decision_reason": "Asked for a correction"},
        )
        exception.decide(ExceptionState.RESOLVED, "A correction came")
        assert (exception.state, exception.reason) == (ExceptionState.RESOLVED, "A correction came")

    def test_it_is_not_asked_again_until_its_numbers_change(self, entered, papers):
        invoice = self.wrong(entered, papers)
        (exception,) = InvoiceException.of(invoice)
        exception.decide(ExceptionState.ACCEPTED, "They always do")
        change(invoice, replace(paper(invoice), due_date=DAY))
        assert open_kinds(invoice) == []
        now = paper(invoice)
        change(invoice, replace(now, lines=(replace(now.lines[0], vat_amount=Decimal("200.00")),)))
        assert open_kinds(invoice) == ["vat"]
        assert len(InvoiceException.of(invoice)) == 2

    def test_what_is_put_right_is_settled_and_may_come_again(self, entered, papers):
        invoice = self.wrong(entered, papers)
        now = paper(invoice)
        change(invoice, replace(now, lines=(replace(now.lines[0], vat_amount=Decimal("175.00")),)))
        (exception,) = InvoiceException.of(invoice)
        assert (exception.state, exception.decided_by_id) == (ExceptionState.RESOLVED, None)
        change(invoice, now)
        assert open_kinds(invoice) == ["vat"]

    def test_there_is_nothing_to_decide_about_a_cancelled_invoice(self, entered, papers):
        invoice = self.wrong(entered, papers)
        (exception,) = InvoiceException.of(invoice)
        invoice.cancel("Not ours")
        with pytest.raises(MoveRefused):
            exception.decide(ExceptionState.ACCEPTED, "Fine")

    def test_of_one_thing_one_is_open(self, entered, papers):
        invoice = self.wrong(entered, papers)
        (exception,) = InvoiceException.of(invoice)
        double = InvoiceException(
            invoice_id=invoice.id, invoice_item_id=exception.invoice_item_id, kind=ExceptionKind.VAT
        )
        db.session.add(double)
        with pytest.raises(IntegrityError):
            db.session.flush()


repeatedly = settings(
    max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
amounts = st.decimals(Decimal("0.01"), Decimal(100_000), places=2)
quantities = st.decimals(Decimal("0.0001"), Decimal(1000), places=4)


class TestWhateverIsEntered:
    """What holds for any papers, in any order."""

    @pytest.fixture
    def anew(self, inside, world, papers):
        """``anew()``: nothing was entered yet, and pork is an item."""

        def begin():
            db.session.rollback()
            enter_account(world.pelmenya.account_id)
            item = InventoryItem(id=uuid4(), name="Pork", default_unit_id=papers.kg_id)
            db.session.add(item)
            db.session.flush()
            return item

        return begin

    @repeatedly
    @given(st.lists(st.tuples(quantities, amounts), min_size=1, max_size=8))
    def test_the_total_is_the_sum_of_the_lines(self, anew, papers, told):
        anew()
        lines = tuple(papers.line(str(total), quantity=quantity) for quantity, total in told)
        invoice = enter(papers.paper(lines=lines))
        assert invoice.total_amount == sum(line.line_total for line in stored(invoice))
        # The database holds one against the other when all is written.
        db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        invoice.total_amount += Decimal("0.01")
        with pytest.raises(IntegrityError):
            db.session.flush()

    @repeatedly
    @given(
        st.lists(st.tuples(amounts, st.integers(0, 6)), min_size=1, max_size=5),
        st.randoms(use_true_random=False),
    )
    def test_prices_are_the_same_in_any_order_and_after_any_cancelling(self, anew, papers, told, random):
        def outcome(order, cancelled, as_new):
            item = anew()
            invoices = {}
            for place in order:
                total, day = told[place]
                line = papers.line(str(total), item_id=item.id, unit_id=papers.kg_id, description="Pork")
                made = papers.paper(f"P-{place}", lines=(line,), day=DAY + timedelta(days=day * 9 + place))
                invoices[place] = made, enter(replace(made, duplicate_reason="other_paper"))
            for place in cancelled:
                made, invoice = invoices[place]
                invoice.cancel("For a moment")
                if as_new:
                    enter(replace(made, duplicate_reason="other_paper"))
                else:
                    restore(invoice, "other_paper")
            standing = [(day, amount) for day, amount, is_void in history(item) if not is_void]
            return standing, cost(item)

        places = list(range(len(told)))
        expected = outcome(places, [], False)
        assert expected[1] is not None
        mixed, some = random.sample(places, len(places)), random.sample(places, (len(places) + 1) // 2)
        assert outcome(mixed, [], False) == expected
        assert outcome(places, some, False) == expected
        assert outcome(mixed, some, True) == expected
