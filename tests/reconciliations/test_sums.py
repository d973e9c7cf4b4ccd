"""One amount as the sum of several, both ways, and never a guess."""

import random
from decimal import Decimal
from itertools import combinations

import pytest

from portal.reconciliations.matching.comparing import Bucket
from portal.reconciliations.matching.sums import MAX_PARTS, Effort, choices_for, smallest
from tests.reconciliations.papers import found, ids, may, own, row


def of(*amounts, day=4):
    return [own(amount, may(day), f"N{place}", amount) for place, amount in enumerate(amounts)]


def test_a_row_is_proposed_as_the_only_three_that_come_to_it():
    finding = found([row("15600.00", may(4))], of("4200.00", "5400.00", "6000.00", "3100.00")).findings[0]
    assert (finding.bucket, finding.taken) == (Bucket.SUGGESTED, None)
    assert [ids(each.papers) for each in finding.proposals] == [["4200.00", "5400.00", "6000.00"]]


def test_two_sums_that_come_to_it_are_named_and_none_is_proposed():
    finding = found([row("10000.00", may(4))], of("4000.00", "6000.00", "3000.00", "7000.00")).findings[0]
    assert (finding.bucket, finding.proposals) == (Bucket.MISSING, [])
    assert sorted(map(ids, finding.named)) == [["3000.00", "7000.00"], ["4000.00", "6000.00"]]


def test_a_credit_note_counts_with_its_minus():
    finding = found([row("90.00", may(4))], of("100.00", "-10.00")).findings[0]
    assert [ids(each.papers) for each in finding.proposals] == [["-10.00", "100.00"]]


def test_a_credit_note_that_takes_an_invoice_back_makes_no_second_sum():
    finding = found([row("300.00", may(4))], of("100.00", "200.00", "55.00", "-55.00")).findings[0]
    assert [ids(each.papers) for each in finding.proposals] == [["100.00", "200.00"]]


def test_a_sum_is_exact_to_the_kopeck():
    assert found([row("15600.01", may(4))], of("4200.00", "5400.00", "6000.00")).findings[0].proposals == []


def test_a_sum_looks_ten_days_around_and_no_further():
    assert found([row("300.00", may(14))], of("100.00", "200.00", day=4)).findings[0].proposals
    assert not found([row("300.00", may(15))], of("100.00", "200.00", day=4)).findings[0].proposals


def test_seven_invoices_are_too_many_for_one_row():
    six = of(*(f"{100 + 2**place}.00" for place in range(6)))
    assert found([row("663.00", may(4))], six).findings[0].proposals
    seven = of(*(f"{100 + 2**place}.00" for place in range(7)))
    assert not found([row("827.00", may(4))], seven).findings[0].proposals


def test_one_invoice_is_proposed_as_the_rows_that_come_to_it():
    rows = [
        row(amount, may(4), position=place)
        for place, amount in enumerate(["4200.00", "5400.00", "6000.00", "31.00"], 1)
    ]
    findings = found(rows, [own("15600.00", may(4), "YT123")]).findings
    assert [each.bucket for each in findings] == [Bucket.SUGGESTED] * 3 + [Bucket.MISSING]
    assert [each.rows for each in findings[0].proposals] == [[1, 2, 3]]


def test_an_invoice_that_two_rows_want_is_proposed_to_neither():
    rows = [row("300.00", may(4), position=1), row("500.00", may(4), position=2)]
    findings = found(rows, of("100.00", "200.00", "400.00")).findings
    assert [(each.bucket, len(each.named)) for each in findings] == [(Bucket.MISSING, 1)] * 2


def test_a_number_that_stands_for_a_part_keeps_its_invoice_and_gets_the_sum_proposed():
    ours = [own("10000.00", may(4), "YT1"), own("5600.00", may(4), "YT2")]
    finding = found([row("15600.00", may(4), "YT1")], ours).findings[0]
    assert (finding.bucket, finding.score.difference) == (Bucket.AMOUNT_MISMATCH, Decimal("5600.00"))
    assert len(ids(finding.proposals[0].papers)) == 2


def test_an_invoice_with_a_row_of_its_number_is_no_part_of_another_row():
    rows = [row("700.00", may(4), "X1", position=1), row("600.00", may(4), position=2)]
    findings = found(rows, [own("500.00", may(4), "X1"), own("100.00", may(4), "X2")]).findings
    assert [(each.bucket, each.proposals) for each in findings] == [(Bucket.AMOUNT_MISMATCH, []), (Bucket.MISSING, [])]


def test_more_than_twenty_five_candidates_are_said_to_be_more():
    finding = found([row("1.00", may(4))], of(*(f"{place}.50" for place in range(100, 130)))).findings[0]
    assert finding.is_crowded


def by_force(amounts, target):
    every = (
        frozenset(each)
        for parts in range(2, MAX_PARTS + 1)
        for each in combinations(range(len(amounts)), parts)
        if sum(amounts[place] for place in each) == target
    )
    return smallest(every)


@pytest.mark.parametrize("seed", range(40))
def test_looking_up_and_walking_find_what_trying_all_finds(seed):
    draw = random.Random(seed)
    amounts = [draw.choice([-1, 1, 1, 1]) * draw.randint(1, 60) for _ in range(draw.randint(2, 10))]
    targets = {draw.randint(-20, 200) for _ in range(draw.choice([1, 400]))}
    found = choices_for(amounts, targets, Effort())
    for target in targets:
        expected = by_force(amounts, target)
        got = found.get(target, [])
        assert (len(got) > 1) == (len(expected) > 1), (amounts, target)
        assert len(expected) > 1 or got == expected, (amounts, target)


def test_what_would_be_too_much_work_is_not_begun():
    assert choices_for([1, 2, 3], [6], Effort(left=3)) is None
