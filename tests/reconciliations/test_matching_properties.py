"""What holds of every comparison, whatever a statement says and whatever we have."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as some

from portal.reconciliations.matching.comparing import Bucket, compare
from portal.reconciliations.matching.papers import OwnInvoice, Row
from tests.reconciliations.papers import TOLERANCE, digits

DAYS = some.integers(0, 45).map(lambda days: date(2026, 5, 1) + timedelta(days))
# Few values of each: what is alike must occur.
AMOUNTS = some.sampled_from([100, 100, 200, 300, 500, -100, -50]).map(Decimal)
KEYS = some.sampled_from(["", "1", "2", "A1", "B1", "A2"])
ROWS = some.lists(some.tuples(some.none() | DAYS, AMOUNTS, KEYS), max_size=9)
OURS = some.lists(some.tuples(DAYS, AMOUNTS, KEYS), max_size=9)


def made(told, ours):
    rows = [Row(place, day, amount, key, digits(key)) for place, (day, amount, key) in enumerate(told, 1)]
    return rows, [OwnInvoice(place, day, amount, key, digits(key)) for place, (day, amount, key) in enumerate(ours)]


def telling(finding):
    """What was found of a row, whichever of the papers that say the very same it is."""
    papers = lambda found: sorted((each.key, each.day, each.amount) for each in found)  # noqa: E731
    proposals = sorted(papers(each.papers) for each in finding.proposals)
    return finding.bucket, papers([finding.taken] if finding.taken else []), proposals


@given(ROWS, OURS)
@settings(max_examples=150, deadline=None)
def test_no_invoice_is_taken_twice_and_every_one_is_taken_or_lacking(told, ours):
    rows, invoices = made(told, ours)
    comparison = compare(rows, invoices, TOLERANCE)
    taken = [each.id for finding in comparison.findings if finding.taken for each in finding.taken.invoices]
    assert max(Counter(taken).values(), default=1) == 1
    assert sorted(taken + [each.id for each in comparison.lacking]) == [each.id for each in invoices]


@given(ROWS, OURS)
@settings(max_examples=150, deadline=None)
def test_what_is_matched_fits_and_what_is_proposed_adds_up(told, ours):
    rows, invoices = made(told, ours)
    findings = compare(rows, invoices, TOLERANCE).findings
    for finding in findings:
        if finding.bucket is Bucket.MATCHED:
            assert finding.score.total >= 75
            assert abs(finding.row.amount - finding.taken.amount) <= TOLERANCE
        for proposal in finding.proposals:
            if proposal.score is None:
                told_amounts = [findings[position - 1].row.amount for position in proposal.rows]
                assert sum(told_amounts) == sum(paper.amount for paper in proposal.papers)


@given(ROWS, OURS, some.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_of_rows_and_invoices_makes_no_difference(told, ours, draw):
    rows, invoices = made(told, ours)
    first = compare(rows, invoices, TOLERANCE)
    draw.shuffle(invoices)
    shuffled = draw.sample(rows, len(rows))
    second = compare([replace(row, position=place) for place, row in enumerate(shuffled, 1)], invoices, TOLERANCE)
    groups = [
        Counter(
            (finding.row.key, finding.row.day, finding.row.amount, str(telling(finding))) for finding in each.findings
        )
        for each in (first, second)
    ]
    assert groups[0] == groups[1]
    assert Counter(each.id for each in first.lacking) == Counter(each.id for each in second.lacking) or any(
        count > 1 for count in Counter((each.key, each.day, each.amount) for each in invoices).values()
    )
