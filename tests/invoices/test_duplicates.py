"""The same invoice twice: the numbers as the database reads them, and the sixteen cases."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy import select

from migrations.functions import function_text
from portal.audit.models import AuditEvent
from portal.db.base import SCHEMA, db
from portal.documents.models import Document, InvoiceDocument
from portal.invoices import entering
from portal.invoices.duplicates import DuplicateFound, find_duplicates, find_duplicates_of_all
from portal.invoices.entering import enter
from portal.invoices.queries import number_keys, taken_numbers
from portal.invoices.words import InvoiceStatus
from portal.tenancy.scope import enter_account

MAY = date(2026, 5, 4)
NOVEMBER = date(2026, 11, 4)


# Number, and on a paper of 2026 its key and its core.
NUMBERS = [
    ("УТ-000123", "YT123", "123"),
    ("YT-123", "YT123", "123"),
    ("ут 123 ", "YT123", "123"),
    ("№ 0012 от 04.05.2026", "12", "12"),
    ("0012 от 4 мая 2026 г.", "12", "12"),
    ("12 от 2026-05-04 10:00", "12", "12"),
    ("123/1", "123/1", "123/1"),
    ("123-1", "123/1", "123/1"),
    ("1231", "1231", "1231"),
    ("СЧЕТ-ФАКТУРА № 000456", "456", "456"),
    ("Счёт-фактура N 456", "456", "456"),
    ("УПД No.456", "456", "456"),
    ("ТОРГ-12 № 77", "77", "77"),
    ("ТОРГ-123", "TOPГ123", "123"),
    ("Накладная 0007", "7", "7"),
    ("Invoice 0007", "7", "7"),
    ("А-15", "A15", "15"),
    ("A-15", "A15", "15"),
    ("Б-15", "Б15", "15"),
    ("INV-0012", "INV12", "12"),
    ("INV-2026-0012", "INV2026/12", "12"),
    ("INV-2025-0012", "INV2025/12", "2025/12"),
    ("2026", "2026", "2026"),
    ("NOV-12", "NOV12", "12"),
    ("1\u200b2\u00ad3", "123", "123"),
    ("１２", "12", "12"),
    ("000", "0", "0"),
    ("1A2", "1A2", "1/2"),
    ("ОТ-15/3", "OT15/3", "15/3"),
    ("б/н", "", ""),
    ("Бн", "", ""),
    ("без номера", "", ""),
    ("№ б/н", "", ""),
    ("n/a", "", ""),
    ("-", "", ""),
    ("", "", ""),
    ("№ от 04.05.2026", "", ""),
]


def test_what_of_a_number_tells_one_paper_from_another(inside):
    found = number_keys([(number, MAY) for number, _key, _core in NUMBERS])
    assert dict(zip(NUMBERS, found, strict=True)) == {row: row[1:] for row in NUMBERS}


def test_keys_are_the_same_whatever_locale_the_database_has(server, connect):
    with psycopg.connect(server.superuser_url().replace("+psycopg", ""), autocommit=True) as superuser:
        superuser.execute(
            "CREATE DATABASE of_other_locale OWNER getinn TEMPLATE template0"
            " ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
        )
    with connect("of_other_locale") as connection:
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        for name in ("invoice_number_key", "invoice_number_core"):
            connection.execute(function_text(name))
        query = f"SELECT {SCHEMA}.invoice_number_key(%(n)s), {SCHEMA}.invoice_number_core(%(n)s, %(day)s)"
        for number, key, core in NUMBERS:
            assert connection.execute(query, {"n": number, "day": MAY}).fetchone() == (key, core)


def test_keys_of_many_numbers_come_in_their_order(inside):
    numbers = [(f"УТ-{number:06}", MAY) for number in range(300, 0, -1)]
    assert number_keys(numbers) == [(f"YT{number}", str(number)) for number in range(300, 0, -1)]
    assert number_keys([]) == []


def card_with_the_same_tax_id(chain):
    return {"supplier_id": chain.id_of("supplier", 2)}


def other_supplier(chain):
    return {"supplier_id": chain.id_of("supplier", 3)}


def other_store(chain):
    return {"store_id": chain.assigned_store_id}


# First and second paper: number and what else is different; the rule, ``None`` for nothing.
CASES = [
    (1, ("УТ-000123", {}), ("YT-123", {}), "R1"),
    (2, ("УТ-000123", {}), ("ут 123 ", {"day": date(2026, 2, 4)}), "R1"),
    (3, ("№ 0012 от 04.05.2026", {}), ("12", {}), "R1"),
    (4, ("123/1", {}), ("123-1", {}), "R1"),
    (5, ("СЧЕТ-ФАКТУРА № 000456", {}), ("456", {}), "R1"),
    (6, ("А-15", {}), ("A-15", {"day": NOVEMBER, "total": "1400.00"}), "R1"),
    (7, ("INV-0012", {}), ("12", {}), "R3"),
    (8, ("INV-2026-0012", {}), ("12", {}), "R3"),
    (9, ("15", {}), ("15", card_with_the_same_tax_id), "R2"),
    (10, ("77", {"day": date(2025, 3, 2)}), ("77", {"day": date(2026, 3, 2)}), "R4"),
    (11, ("5", {"day": date(2025, 12, 30)}), ("5", {"day": date(2026, 1, 2)}), "R4"),
    (12, ("501", {"total": "3200.00"}), ("502", {"total": "3200.00"}), "R5"),
    (13, ("501", {"total": "3200.00"}), ("502", {"total": "3200.00"} , other_store), None),
    # Of one day, store and total R5 would ask.
    (14, ("123/1", {}), ("1231", {"total": "901.00"}), None),
    (14, ("123/1", {}), ("123", {"day": date(2026, 2, 3)}), None),
    (15, ("77", {"day": date(2025, 2, 2)}), ("77", {"total": "1250.00"}), None),
    (16, ("INV-0012", {}), ("12", {"total": "950.00"}), None),
    (16, ("А-15", {}), ("Б-15", {"total": "1400.00"}), None),
    (16, ("15", {}), ("15", other_supplier), None),
    (16, ("15", {}), ("15", {"kind": "credit_note", "total": "-900.00"}), None),
]  # fmt: skip


def changes_of(told, chain):
    found = {}
    for each in told:
        found |= each(chain) if callable(each) else each
    return found


@pytest.mark.parametrize(("row", "first", "second", "rule"), CASES, ids=[str(case[:1]) for case in CASES])
def test_the_same_invoice_twice(entered, papers, world, row, first, second, rule):
    former = entered(first[0], **changes_of(first[1:], world.pelmenya))
    found = find_duplicates(papers.paper(second[0], **changes_of(second[1:], world.pelmenya)))
    assert [(each.rule.value, each.invoice, each.is_stop) for each in found] == (
        [(rule, former, rule == "R1")] if rule else []
    )
    assert find_duplicates(papers.paper(first[0], **changes_of(first[1:], world.pelmenya)), but=former) == []


def test_entering_it_again_takes_a_reason_which_stays_with_it(entered, papers):
    former = entered()
    with pytest.raises(DuplicateFound) as refused:
        entered("YT-123", total="400.00")
    assert refused.value.is_stop
    assert [each.invoice for each in refused.value.duplicates] == [former]
    assert "УТ-000123" in refused.value.duplicates[0].sentence
    second = entered("YT-123", total="400.00", duplicate_reason="second_part")
    assert second.duplicate_reason == "second_part"
    db.session.flush()
    told = db.session.scalars(select(AuditEvent.after).where(AuditEvent.entity_id == second.id)).one()
    assert told["duplicate_reason"] == "second_part"


def test_a_reason_that_was_not_needed_is_not_kept(entered):
    assert entered(duplicate_reason="correction").duplicate_reason is None
    with pytest.raises(DuplicateFound):
        entered()


def test_a_cancelled_invoice_does_not_count(entered, papers):
    entered().cancel("Entered by mistake")
    assert find_duplicates(papers.paper()) == []
    assert entered().status is InvoiceStatus.ACTIVE


def test_papers_without_a_number_are_asked_about_by_delivery_alone(entered, papers):
    entered("б/н")
    assert [each.rule.value for each in find_duplicates(papers.paper("без номера"))] == ["R5"]
    assert find_duplicates(papers.paper("б/н", total="901.00")) == []


def test_a_file_that_made_or_shows_an_invoice_is_known_again(entered, papers, world):
    chain = world.pelmenya
    made = entered("1", document_id=chain.id_of("document"), duplicate_reason="other_paper")
    again = papers.paper("2", total="5.00", document_id=chain.id_of("document", 2))
    rules = {each.invoice.id: each.rule.value for each in find_duplicates(again)}
    # The cast's two documents hold the same bytes, and are photos of its two invoices.
    assert rules == {made.id: "R6", chain.id_of("invoice", 1): "R6", chain.id_of("invoice", 2): "R6"}
    for photo in db.session.query(InvoiceDocument):
        db.session.delete(photo)
    db.session.get(Document, chain.id_of("document")).sha256 = "cd" * 32
    db.session.flush()
    assert find_duplicates(again) == []


def test_papers_that_are_entered_together_are_held_against_each_other(inside, papers):
    first, second, third = papers.paper("7"), papers.paper("№ 7", total="8.00"), papers.paper("8", total="9.00")
    found = find_duplicates_of_all([first, second, third])
    assert [[(each.rule.value, each.paper) for each in own] for own in found] == [[], [("R1", first)], []]


def test_one_file_may_hold_many_papers(inside, papers, world, superuser_sql):
    superuser_sql("DELETE FROM getinn_ops.invoice_document")
    document_id = world.pelmenya.id_of("document")
    several = [papers.paper(str(number), total=f"{number}.00", document_id=document_id) for number in (1, 2)]
    assert find_duplicates_of_all(several) == [[], []]


def test_whatever_is_asked_costs_the_same_for_one_and_for_hundreds(inside, papers, statements):
    def count(number):
        many = [papers.paper(f"A-{each}", total=f"{each}.00", day=MAY) for each in range(1, number + 1)]
        with statements() as counted:
            find_duplicates_of_all(many)
        return counted.total

    assert count(1) == count(200) <= 4


def test_a_double_in_a_restaurant_that_the_person_does_not_see_is_told_without_its_paper(
    app, world, papers, superuser_sql
):
    chain = world.pelmenya
    with app.app_context():
        enter_account(chain.account_id)
        enter(papers.paper())
        db.session.commit()
    elsewhere = papers.paper(store_id=chain.assigned_store_id)
    with app.app_context():
        enter_account(chain.account_id, (chain.assigned_restaurant_id,))
        assert find_duplicates(elsewhere) == []
        with pytest.raises(DuplicateFound) as refused:
            enter(elsewhere)
        (told,) = refused.value.duplicates
        assert (told.rule.value, told.is_stop, told.invoice) == ("R1", True, None)
        assert "123" not in told.sentence
        second = enter(replace(elsewhere, duplicate_reason="other_paper"))
        assert second.duplicate_reason == "other_paper"


def test_a_number_is_taken_while_it_stands_for_itself(entered, papers):
    first = entered("1")
    second = entered("№ 1", total="5.00", duplicate_reason="correction")
    one, other_kind = papers.paper("01"), papers.paper("01", kind="credit_note", total="-900.00")
    assert taken_numbers([one, other_kind, papers.paper("б/н")], but=[]) == [True, False, False]
    # What stands beside it for a reason keeps the number from nobody.
    assert taken_numbers([one], but=[first.id]) == [False]
    first.cancel("Not ours")
    db.session.flush()
    assert taken_numbers([one], but=[]) == [False]
    assert second.duplicate_reason == "correction"


def test_of_two_who_save_it_at_once_the_second_is_asked(app, world, papers, monkeypatch):
    """The other one commits between the question and the writing."""
    chain, asked = world.pelmenya, entering.find_duplicates_of_all

    def ask_before_the_other_commits(*args):
        found = asked(*args)
        monkeypatch.setattr(entering, "find_duplicates_of_all", asked)
        with app.app_context():
            enter_account(chain.account_id)
            enter(papers.paper("YT-123"))
            db.session.commit()
        return found

    monkeypatch.setattr(entering, "find_duplicates_of_all", ask_before_the_other_commits)
    with app.app_context():
        enter_account(chain.account_id)
        with pytest.raises(DuplicateFound) as refused:
            enter(papers.paper())
        assert [each.invoice.invoice_number for each in refused.value.duplicates] == ["YT-123"]
        db.session.rollback()
        enter_account(chain.account_id)
        assert enter(papers.paper(duplicate_reason="correction")).total_amount == Decimal("900.00")
