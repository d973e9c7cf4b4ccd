"""Which row of a statement is which of our invoices, one to one."""

from decimal import Decimal

import pytest

from portal.reconciliations.matching.comparing import Bucket
from portal.reconciliations.matching.papers import Paper
from portal.reconciliations.matching.scores import score
from tests.reconciliations.papers import TOLERANCE, found, ids, may, own, row

OURS = ("15600.00", may(4), "YT123")

TABLE = [
    (("15600.00", may(4), "YT123"), 100, Bucket.MATCHED, "0.00"),
    (("15600.00", may(4), "123"), 80, Bucket.MATCHED, "0.00"),
    (("15600.00", may(13), "YT123"), 88, Bucket.MATCHED, "0.00"),
    (("15600.40", may(4), "YT123"), 90, Bucket.MATCHED, "0.40"),
    (("15600.00", may(6), "123"), 75, Bucket.MATCHED, "0.00"),
    (("16500.00", may(4), "YT123"), 70, Bucket.AMOUNT_MISMATCH, "900.00"),
    (("15600.00", may(30), "123"), 63, Bucket.SUGGESTED, "0.00"),
    (("15600.00", may(4), ""), 50, Bucket.SUGGESTED, "0.00"),
    (("15600.00", may(5), ""), 45, Bucket.SUGGESTED, "0.00"),
    (("15600.00", may(20, month=6), "999"), 30, Bucket.MISSING, "0.00"),
]


@pytest.mark.parametrize(("told", "points", "bucket", "difference"), TABLE)
def test_a_row_scores_what_number_amount_and_day_are_worth(told, points, bucket, difference):
    judged = score(row(*told), Paper.of([own(*OURS)]), TOLERANCE)
    assert (judged.total, judged.difference) == (points, Decimal(difference))
    finding = found([row(*told)], [own(*OURS)]).findings[0]
    assert finding.bucket is bucket
    assert finding.confidence == (Decimal(points) / 100 if bucket is not Bucket.MISSING else 0)


def test_a_match_leaves_nothing_lacking_and_a_suggestion_takes_nothing():
    assert found([row(*OURS)], [own(*OURS)]).lacking == []
    comparison = found([row("15600.00", may(5))], [own(*OURS)])
    assert [each.amount for each in comparison.lacking] == [Decimal("15600.00")]


def test_two_invoices_that_fit_as_well_are_either_of_two_and_none_is_taken():
    comparison = found([row("15600.00", may(4))], [own("15600.00", may(4), "A1"), own("15600.00", may(4), "A2")])
    finding = comparison.findings[0]
    assert (finding.bucket, finding.taken) == (Bucket.SUGGESTED, None)
    assert [ids(each.papers) for each in finding.proposals] == [["A1 15600.00 2026-05-04"], ["A2 15600.00 2026-05-04"]]
    assert len(comparison.lacking) == 2


def test_equal_scores_are_not_decided_however_high_they_are():
    finding = found([row("500.00", may(5), "12")], [own("500.00", may(4), "12"), own("500.00", may(6), "12")]).findings[
        0
    ]
    assert (finding.bucket, finding.score.total, len(finding.proposals)) == (Bucket.SUGGESTED, 95, 2)


def test_two_rows_that_fit_one_invoice_as_well_are_not_decided_either():
    rows = [row("500.00", may(3), "12", position=1), row("500.00", may(5), "12", position=2)]
    assert [each.bucket for each in found(rows, [own("500.00", may(4), "12")]).findings] == [Bucket.SUGGESTED] * 2


def test_the_best_pair_is_taken_first():
    """The row without a number would fit as well, had the other not been better."""
    rows = [row("500.00", may(4), position=1), row("500.00", may(4), "12", position=2)]
    findings = found(rows, [own("500.00", may(4), "12"), own("500.00", may(6), "13")]).findings
    assert [(each.bucket, each.score.total) for each in findings] == [(Bucket.SUGGESTED, 45), (Bucket.MATCHED, 100)]


def test_a_paper_over_two_stores_is_compared_by_its_sum():
    ours = [own("10000.00", may(4), "YT123", "one"), own("5600.00", may(4), "YT123", "two")]
    finding = found([row("15600.00", may(4), "YT123")], ours).findings[0]
    assert (finding.bucket, ids([finding.taken])) == (Bucket.MATCHED, ["one", "two"])


def test_a_number_that_the_statement_names_twice_is_two_papers_here_as_well():
    ours = [own("10000.00", may(4), "YT123", "one"), own("5600.00", may(4), "YT123", "two")]
    rows = [row("5600.00", may(4), "YT123", 1), row("10000.00", may(4), "YT123", 2)]
    assert [ids([each.taken]) for each in found(rows, ours).findings] == [["two"], ["one"]]


def test_a_row_that_stands_twice_in_the_statement_is_matched_once_and_named():
    rows = [row("500.00", may(4), "12", position=1), row("500.00", may(4), "12", position=2)]
    first, second = found(rows, [own("500.00", may(4), "12")]).findings
    assert (first.bucket, second.bucket, second.alike) == (Bucket.MATCHED, Bucket.MISSING, 1)


def test_a_delivery_is_never_compared_with_a_credit_note():
    comparison = found([row("100.00", may(4), "12")], [own("-100.00", may(4), "12")])
    assert comparison.findings[0].bucket is Bucket.MISSING
    returned = found([row("-100.00", may(4), "12")], [own("-100.00", may(4), "12")])
    assert returned.findings[0].bucket is Bucket.MATCHED


def test_one_number_with_another_amount_is_a_mismatch_within_a_month_alone():
    ours = own("100.00", may(4), "12")
    assert found([row("200.00", may(4, month=6), "12")], [ours]).findings[0].bucket is Bucket.AMOUNT_MISMATCH
    assert found([row("200.00", may(5, month=6), "12")], [ours]).findings[0].bucket is Bucket.SUGGESTED


def test_a_row_without_a_day_is_matched_by_number_and_amount():
    assert found([row("100.00", None, "12")], [own("100.00", may(4), "12")]).findings[0].bucket is Bucket.MATCHED


def test_the_tolerance_is_a_bound_that_belongs_to_it():
    ours = own("100.00", may(4), "12")
    assert found([row("101.00", may(4), "12")], [ours]).findings[0].bucket is Bucket.MATCHED
    assert found([row("101.01", may(4), "12")], [ours]).findings[0].bucket is Bucket.AMOUNT_MISMATCH
