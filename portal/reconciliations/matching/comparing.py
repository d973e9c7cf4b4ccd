"""A statement's rows against our invoices: one finding a row, with its reasons, and the invoices that no row is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from portal.reconciliations.matching.pairs import Pairing, pair
from portal.reconciliations.matching.papers import OwnInvoice, Paper, Row, papers_of
from portal.reconciliations.matching.scores import Score
from portal.reconciliations.matching.splitting import Parts, Splits, Splitter
from portal.reconciliations.matching.sums import Effort


class Bucket(StrEnum):
    """What a row turned out to be."""

    MATCHED = "matched"
    AMOUNT_MISMATCH = "amount_mismatch"
    SUGGESTED = "suggested"
    MISSING = "missing"


@dataclass
class Proposal:
    """What a person may take: these papers, for these rows together (by position; mostly one)."""

    papers: list[Paper]
    rows: list[int]
    score: Score | None = None


@dataclass
class Finding:
    """A row with what it is.

    ``taken`` is the paper of a match or of a mismatch. ``proposals`` are what it may be: one can be taken as it is,
    of several a person says which. ``named`` are sums that come to its amount as well as others do. ``alike`` is the
    position of the row that says the very same and took the paper.
    """

    row: Row
    bucket: Bucket = Bucket.MISSING
    taken: Paper | None = None
    score: Score | None = None
    proposals: list[Proposal] = field(default_factory=list)
    named: list[list[Paper]] = field(default_factory=list)
    alike: int | None = None
    is_crowded: bool = False
    is_given_up: bool = False

    @property
    def is_open(self) -> bool:
        """Whether nothing explains it yet."""
        return self.bucket is Bucket.MISSING and self.alike is None

    @property
    def confidence(self) -> Decimal:
        """The points as a part of one; of a sum, which has none, 0."""
        return Decimal(self.score.total if self.score else 0) / 100


@dataclass
class Comparison:
    """Findings in the order of the rows, and our invoices that no row was found to be."""

    findings: list[Finding]
    lacking: list[OwnInvoice]


def compare(rows: Sequence[Row], invoices: Iterable[OwnInvoice], tolerance: Decimal) -> Comparison:
    """Every row with what it is. Neither order matters, but to tell rows apart that say the very same."""
    ordered = sorted(invoices, key=lambda each: (each.day, each.key, each.amount, str(each.id)))
    papers = papers_of(ordered, rows)
    pairing = pair(rows, papers, tolerance)
    findings = [_paired(place, row, papers, pairing) for place, row in enumerate(rows)]
    _tell_doubled(findings)
    _look_for_sums(findings, papers, pairing)
    found = {id(finding.taken) for finding in findings if finding.taken}
    return Comparison(findings, [each for paper in papers if id(paper) not in found for each in paper.invoices])


def _paired(place: int, row: Row, papers: Sequence[Paper], pairing: Pairing) -> Finding:
    """What a row is by its best paper."""
    if place in pairing.undecided:
        others = [Proposal([papers[other]], [row.position], pairing.scores[place, other])
                  for other in pairing.undecided[place]]  # fmt: skip
        return Finding(row, Bucket.SUGGESTED, score=others[0].score, proposals=others)
    if place not in pairing.taken:
        return Finding(row)
    paper, judged = papers[pairing.taken[place]], pairing.scores[place, pairing.taken[place]]
    if judged.is_match:
        return Finding(row, Bucket.MATCHED, paper, judged)
    if judged.is_mismatch:
        return Finding(row, Bucket.AMOUNT_MISMATCH, paper, judged)
    return Finding(row, Bucket.SUGGESTED, score=judged, proposals=[Proposal([paper], [row.position], judged)])


def _tell_doubled(findings: Iterable[Finding]) -> None:
    """A row of which the statement has another, that took the only paper: the supplier may have booked it twice."""
    takers = {(each.row.key, each.row.day, each.row.amount): each.row.position for each in findings if each.taken}
    for finding in findings:
        if finding.bucket is Bucket.MISSING and finding.row.key:
            finding.alike = takers.get((finding.row.key, finding.row.day, finding.row.amount))


class OpenEnds:
    """Rows without a match, and papers that are left.

    Those with one number and unequal amounts are among them: the number may stand for a part alone. They keep
    together: no other row or paper gets either of them.
    """

    def __init__(self, findings: Sequence[Finding], papers: Sequence[Paper], pairing: Pairing) -> None:
        self.paper_of = {place: pairing.taken[place] for place, each in enumerate(findings)
                         if each.bucket is Bucket.AMOUNT_MISMATCH}  # fmt: skip
        self.row_of = {paper: row for row, paper in self.paper_of.items()}
        self.rows = {place: each.row for place, each in enumerate(findings)
                     if place in self.paper_of or each.is_open}  # fmt: skip
        self.papers = {place: paper for place, paper in enumerate(papers)
                       if place in self.row_of or place not in pairing.busy_papers}  # fmt: skip

    def row_may_be(self, row: int, papers: Parts) -> bool:
        """Whether those papers may be that row."""
        return all(self.row_of.get(paper, row) == row for paper in papers) and (
            row not in self.paper_of or self.paper_of[row] in papers
        )

    def paper_may_be(self, paper: int, rows: Parts) -> bool:
        """Whether those rows may be that paper."""
        return all(self.paper_of.get(row, paper) == paper for row in rows) and (
            paper not in self.row_of or self.row_of[paper] in rows
        )


def _look_for_sums(findings: Sequence[Finding], papers: Sequence[Paper], pairing: Pairing) -> None:
    """Rows without a match as several papers; then papers that are left as several rows."""
    ends = OpenEnds(findings, papers, pairing)
    of_rows = Splitter(ends.rows, ends.papers, ends.row_may_be).split(Effort())
    _note_rows(of_rows, findings, papers)
    used = {part for parts in of_rows.proposed.values() for part in parts}
    left_rows = {place: row for place, row in ends.rows.items() if place not in of_rows.proposed}
    left_papers = {place: paper for place, paper in ends.papers.items() if place not in used}
    _note_papers(Splitter(left_papers, left_rows, ends.paper_may_be).split(Effort()), findings, papers)


def _note_rows(splits: Splits, findings: Sequence[Finding], papers: Sequence[Paper]) -> None:
    for place, parts in splits.proposed.items():
        _propose(findings[place], Proposal([papers[part] for part in parts], [findings[place].row.position]))
    for place, choices in splits.named.items():
        findings[place].named = [[papers[part] for part in parts] for parts in choices]
    for place in splits.crowded:
        findings[place].is_crowded = True
    for place in splits.given_up:
        findings[place].is_given_up = True


def _note_papers(splits: Splits, findings: Sequence[Finding], papers: Sequence[Paper]) -> None:
    for place, parts in splits.proposed.items():
        positions = [findings[part].row.position for part in parts]
        for part in parts:
            _propose(findings[part], Proposal([papers[place]], positions))


def _propose(finding: Finding, proposal: Proposal) -> None:
    """What a sum proposes; a row that has a paper by its number keeps it meanwhile."""
    finding.proposals = [proposal]
    if finding.bucket is Bucket.MISSING:
        finding.bucket = Bucket.SUGGESTED
