"""A statement that is read, compared, decided on, completed and settled by the next one."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.db.base import db
from portal.db.states import MoveRefused
from portal.invoices.models import Invoice
from portal.reconciliations.completing import complete
from portal.reconciliations.deciding import RowDecision
from portal.reconciliations.models import Reconciliation, ReconciliationItem, ReconciliationMatch
from portal.reconciliations.opening import StatementRefused, begin_comparison
from portal.reconciliations.queries import live_matches, number_keys
from portal.reconciliations.running import FOUND, StatementComparison
from portal.tenancy.scope import resume_scope
from tests.reconciliations.books import HEADINGS, JUNE, Books, delivery, item, payment, standing

FOURTH = date(2026, 5, 4)
ADDED = (
    "INSERT INTO getinn_ops.reconciliation_item (account_id, reconciliation_id, position, amount, currency, status)"
    " SELECT account_id, id, 9, 1, 'RUB', 'matched' FROM getinn_ops.reconciliation WHERE id = %(statement)s"
)


@pytest.fixture
def books(world, superuser_sql, scoped):
    with scoped(world.pelmenya.account_id):
        yield Books(superuser_sql, world.pelmenya)


def named(*ids):
    return db.session.scalars(select(Invoice).where(Invoice.id.in_(ids))).all()


def test_the_keys_of_numbers_are_those_of_invoices(books):
    told = number_keys(["УТ-000123", "123", "б/н", ""], [FOURTH, FOURTH, None, None])
    assert told == [("YT123", "123"), ("123", "123"), ("", ""), ("", "")]


def test_rows_are_matched_missing_or_different_and_money_is_not_compared(books):
    books.invoice("УТ-000123", FOURTH, "15600.00")
    books.invoice("УТ-000124", FOURTH, "900.00")
    books.invoice("77", date(2026, 5, 10), "300.00")
    books.invoice("78", FOURTH, "1.00", status="draft")
    books.invoice("79", FOURTH, "1.00", status="cancelled")
    statement = books.open(
        delivery("УТ-000123", FOURTH, "15600.00"),
        delivery("УТ-124", FOURTH, "1800.00"),
        delivery("999", date(2026, 5, 20), "70.00"),
        payment(FOURTH, "40000.00"),
    )
    assert standing(statement) == [
        ("УТ-000123", "matched"),
        ("УТ-124", "amount_mismatch"),
        ("999", "missing_in_restaurant"),
        ("45", "not_compared"),
        ("77", "missing_in_supplier"),
    ]
    assert (str(statement.status), statement.progress) == ("compared", 100)
    assert item(statement, "УТ-124").details["score"]["difference"] == "900.00"
    assert sorted(each.amount for each in live_matches(statement)) == [Decimal("900.00"), Decimal("15600.00")]


def test_a_paper_over_two_stores_is_one_row(books):
    books.invoice("15", FOURTH, "10000.00")
    books.invoice("15", FOURTH, "5600.00", store=2, reason="second part of the same paper")
    statement = books.open(delivery("15", FOURTH, "15600.00"))
    assert standing(statement) == [("15", "matched")]
    assert len(live_matches(statement)) == 2


def test_a_statement_of_one_restaurant_is_compared_with_its_invoices_alone(books):
    books.invoice("15", FOURTH, "10000.00")
    books.invoice("16", FOURTH, "5600.00", store=2)
    statement = books.open(delivery("16", FOURTH, "5600.00"), restaurant_id=books.chain.assigned_restaurant_id)
    assert standing(statement) == [("16", "matched")]


def test_invoices_of_another_currency_are_left_alone(books):
    books.invoice("15", FOURTH, "100.00", currency="USD")
    assert standing(books.open(delivery("15", FOURTH, "100.00"))) == [("15", "missing_in_restaurant")]


def test_a_statement_in_two_currencies_is_refused(books):
    with pytest.raises(StatementRefused, match="EUR, USD"):
        books.open(["", "", "100", "", "USD"], ["", "", "100", "", "EUR"], headings=[*HEADINGS, "Валюта"])


def test_a_suggestion_is_accepted_and_taken_back_and_no_other_row_moves(books):
    first, second = books.invoice("А-1", FOURTH, "500.00"), books.invoice("А-2", FOURTH, "500.00")
    statement = books.open(["04.05.2026", "Продажа", "500.00", ""], delivery("999", date(2026, 5, 20), "70.00"))
    assert standing(statement) == [
        ("", "suggested"), ("999", "missing_in_restaurant"),
        ("А-1", "missing_in_supplier"), ("А-2", "missing_in_supplier"),
    ]  # fmt: skip
    before = item(statement, "999").updated_at
    row = item(statement, "")
    RowDecision(row).assign(named(first))
    assert standing(statement) == [("", "matched"), ("999", "missing_in_restaurant"), ("А-2", "missing_in_supplier")]
    RowDecision(row).undo()
    assert standing(statement)[0] == ("", "suggested")
    assert [each.invoice_id for each in live_matches(statement)] == []
    RowDecision(row).assign(named(second))
    assert standing(statement)[-1] == ("А-1", "missing_in_supplier")
    assert item(statement, "999").updated_at == before


def test_a_row_is_split_over_several_invoices(books):
    parts = [books.invoice(f"П-{amount}", FOURTH, f"{amount}.00") for amount in (4200, 5400, 6000)]
    books.invoice("П-3100", FOURTH, "3100.00")
    statement = books.open(delivery("900", FOURTH, "15600.00"))
    row = item(statement, "900")
    assert (str(row.status), len(row.details["proposals"][0]["invoices"])) == ("suggested", 3)
    RowDecision(row).assign(named(*parts))
    assert standing(statement) == [("900", "matched"), ("П-3100", "missing_in_supplier")]
    RowDecision(row).assign(named(*parts[:2]))
    assert str(row.status) == "amount_mismatch"
    assert row.details["apart"] == "6000.00"


def test_two_rows_of_one_invoice_stand_by_their_sum(books):
    whole = books.invoice("900", date(2026, 5, 20), "1000.00")
    statement = books.open(["04.05.2026", "Продажа", "400.00", ""], ["05.05.2026", "Продажа", "600.00", ""])
    one, two = (each for each in db.session.scalars(
        select(ReconciliationItem).where(
            ReconciliationItem.reconciliation_id == statement.id, ReconciliationItem.invoice_id.is_(None)
        ).order_by(ReconciliationItem.position)
    ))  # fmt: skip
    RowDecision(one).assign(named(whole))
    assert (str(one.status), one.details["apart"]) == ("amount_mismatch", "-600.00")
    RowDecision(two).assign(named(whole))
    assert (str(one.status), str(two.status)) == ("matched", "matched")
    RowDecision(two).undo()
    assert (str(one.status), str(two.status)) == ("amount_mismatch", "missing_in_restaurant")


def test_an_invoice_that_is_another_row_already_is_refused(books):
    paper = books.invoice("15", FOURTH, "100.00")
    statement = books.open(delivery("15", FOURTH, "100.00"), delivery("99", date(2026, 5, 20), "70.00"))
    with pytest.raises(MoveRefused, match="another row"):
        RowDecision(item(statement, "99")).assign(named(paper))


def test_an_invoice_that_came_to_less_since_it_was_matched_has_nothing_left(books, superuser_sql):
    paper = books.invoice("15", FOURTH, "100.00")
    statement = books.open(delivery("15", FOURTH, "100.00"), delivery("99", date(2026, 5, 20), "70.00"))
    db.session.commit()
    superuser_sql(
        "WITH line AS (UPDATE getinn_ops.invoice_item SET line_total = 60 WHERE invoice_id = %(id)s)"
        " UPDATE getinn_ops.invoice SET total_amount = 60 WHERE id = %(id)s",
        {"id": paper},
    )
    other = books.invoice("16", FOURTH, "10.00")
    with pytest.raises(MoveRefused, match="another row"):
        RowDecision(item(statement, "99")).assign(named(paper, other))


def test_the_database_lets_no_invoice_be_more_than_it_is(books):
    paper = books.invoice("15", FOURTH, "100.00")
    statement = books.open(delivery("15", FOURTH, "100.00"), delivery("99", date(2026, 5, 20), "70.00"))
    db.session.add(ReconciliationMatch(
        reconciliation_item_id=item(statement, "99").id, invoice_id=paper, amount=Decimal("0.01")
    ))  # fmt: skip
    with pytest.raises(IntegrityError, match=r"rows of a statement are 100\.01 of"):
        db.session.commit()


def test_comparing_anew_finds_what_came_meanwhile_and_keeps_what_was_decided(books):
    kept = books.invoice("А-1", FOURTH, "500.00")
    books.invoice("А-2", FOURTH, "500.00")
    statement = books.open(["04.05.2026", "Продажа", "500.00", ""], delivery("999", FOURTH, "70.00"))
    RowDecision(item(statement, "")).assign(named(kept))
    books.invoice("999", FOURTH, "70.00")
    begin_comparison(statement)
    assert standing(statement) == [("", "matched"), ("999", "matched"), ("А-2", "missing_in_supplier")]


def test_of_two_comparisons_of_one_statement_the_later_one_is_written(books, superuser_sql):
    statement = books.open(delivery("15", FOURTH, "100.00"))
    db.session.commit()

    def begin_another(percent):
        if percent == FOUND:
            db.session.commit()
            resume_scope()
            superuser_sql("UPDATE getinn_ops.reconciliation SET started_at = now() WHERE id = %s", [statement.id])

    books.invoice("15", FOURTH, "100.00")
    StatementComparison(statement, begin_another).run()
    db.session.commit()
    resume_scope()
    assert standing(statement) == [("15", "missing_in_restaurant")]
    StatementComparison(statement).run()
    assert standing(statement) == [("15", "matched")]


def test_a_completed_statement_never_changes(books, superuser_sql):
    books.invoice("15", FOURTH, "100.00")
    statement = books.open(delivery("15", FOURTH, "100.00"))
    row = item(statement, "15")
    complete(statement)
    db.session.commit()
    told = {"id": row.id, "statement": statement.id}
    for change in (
        "UPDATE getinn_ops.reconciliation_item SET amount = 1 WHERE id = %(id)s",
        "DELETE FROM getinn_ops.reconciliation_item WHERE id = %(id)s",
        "UPDATE getinn_ops.reconciliation_match SET undone_at = now() WHERE reconciliation_item_id = %(id)s",
        "DELETE FROM getinn_ops.reconciliation_match WHERE reconciliation_item_id = %(id)s",
        "UPDATE getinn_ops.reconciliation SET status = 'compared' WHERE id = %(statement)s",
        "UPDATE getinn_ops.reconciliation SET closing = 1 WHERE id = %(statement)s",
        "DELETE FROM getinn_ops.reconciliation WHERE id = %(statement)s",
        ADDED,
    ):
        with pytest.raises(Exception, match="never changes"):
            superuser_sql(change, told)


def test_nobody_decides_on_a_row_of_a_completed_statement(books):
    paper = books.invoice("15", FOURTH, "100.00")
    statement = books.open(delivery("15", FOURTH, "100.00"))
    complete(statement)
    with pytest.raises(MoveRefused, match="never change"):
        RowDecision(item(statement, "15")).assign(named(paper))
    with pytest.raises(MoveRefused, match="never change"):
        complete(statement)


def test_suggestions_wait_for_a_word_before_a_statement_is_completed(books):
    books.invoice("А-1", FOURTH, "500.00")
    statement = books.open(["04.05.2026", "Продажа", "500.00", ""])
    with pytest.raises(MoveRefused, match="suggestions"):
        complete(statement)
    complete(statement, with_suggestions=True)
    assert statement.is_completed


def test_what_was_lacking_in_may_and_stands_in_junes_statement_came_with_junes(books):
    books.invoice("31", date(2026, 5, 31), "100.00")
    may = books.open()
    may = books.open(delivery("1", FOURTH, "5.00"))
    assert ("31", "missing_in_supplier") in standing(may)
    complete(may)
    june = books.open(delivery("31", date(2026, 6, 1), "100.00"), period=JUNE)
    assert standing(june) == [("31", "matched")]
    complete(june)
    row = item(may, "31")
    db.session.refresh(row)
    assert (str(row.status), row.resolved_in_id) == ("missing_in_supplier", june.id)


def test_an_invoice_of_june_that_a_row_of_may_is_settles_it_and_lacks_in_no_statement(books):
    may = books.open(delivery("130", date(2026, 5, 30), "700.00"))
    complete(may)
    books.invoice("130", date(2026, 6, 2), "700.00")
    june = books.open(delivery("2", date(2026, 6, 5), "9.00"), period=JUNE)
    assert standing(june) == [("2", "missing_in_restaurant"), ("130", "matched")]
    complete(june)
    row = item(may, "130")
    db.session.refresh(row)
    assert (str(row.status), row.resolved_in_id) == ("missing_in_restaurant", june.id)


def test_what_a_completed_statement_of_another_time_has_matched_is_no_candidate(books):
    books.invoice("15", date(2026, 5, 30), "100.00")
    complete(books.open(delivery("15", date(2026, 5, 30), "100.00")))
    june = books.open(delivery("15", date(2026, 6, 2), "100.00"), period=JUNE)
    assert standing(june) == [("15", "missing_in_restaurant")]


def test_the_same_statement_compared_anew_finds_the_same(books):
    books.invoice("15", FOURTH, "100.00")
    complete(books.open(delivery("15", FOURTH, "100.00")))
    assert standing(books.open(delivery("15", FOURTH, "100.00"))) == [("15", "matched")]


def test_balances_are_what_we_owe_in_whichever_books_they_stand(books):
    theirs = books.open(
        ["Сальдо начальное", "", "12 000,00", ""], delivery("1", FOURTH, "48750.50"), payment(FOURTH, "40000.00"),
        ["Сальдо конечное", "", "20 750,50", ""],
    )  # fmt: skip
    assert (theirs.opening, theirs.closing, theirs.details.get("gap")) == (12000, Decimal("20750.50"), None)
    ours = books.open(
        ["Сальдо начальное", "", "", "12 000,00"], ["04.05.2026", "Поступление товаров 1", "", "100"],
        ["Сальдо конечное", "", "", "12 200,00"],
    )  # fmt: skip
    assert (ours.opening, ours.closing, ours.details["gap"]) == (12000, 12200, "100.00")


def test_what_is_unclear_is_asked_and_nothing_is_compared_meanwhile(books):
    statement = books.open(["04.05.2026", "Операция 1", "100", ""])
    assert (str(statement.status), standing(statement)) == ("pending", [])


def test_statements_belong_to_their_account(books, scoped, world):
    statement_id = books.open(delivery("1", FOURTH, "5.00")).id
    db.session.commit()
    with scoped(world.vareniki.account_id):
        assert db.session.scalars(select(Reconciliation).where(Reconciliation.id == statement_id)).all() == []
