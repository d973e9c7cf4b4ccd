"""What is kept of a finding beside its row: why it is what it is, what it may be, in ids and numbers."""

from collections.abc import Mapping
from typing import Any

from portal.reconciliations.layout.books import Entry
from portal.reconciliations.matching.comparing import Bucket, Finding, Proposal
from portal.reconciliations.matching.papers import Row
from portal.reconciliations.matching.scores import Score
from portal.reconciliations.models import RowStatus

MAX_NAMED = 5
STATUS = {
    Bucket.MATCHED: RowStatus.MATCHED,
    Bucket.AMOUNT_MISMATCH: RowStatus.AMOUNT_MISMATCH,
    Bucket.SUGGESTED: RowStatus.SUGGESTED,
    Bucket.MISSING: RowStatus.MISSING_HERE,
}


def told_entry(entry: Entry, contract: str) -> dict[str, Any]:
    """Where a row stands in the file, and what it says there."""
    told = {"row": entry.row_number, "text": entry.text[:300], "contract": contract[:200]}
    return {name: value for name, value in told.items() if value}


def told_finding(finding: Finding) -> dict[str, Any]:
    """The reasons of a finding."""
    told: Mapping[str, Any] = {
        "score": told_score(finding.score, finding.row) if finding.score else None,
        "several": len(finding.taken.invoices) if finding.taken and len(finding.taken.invoices) > 1 else None,
        "proposals": [_told_proposal(each, finding.row) for each in finding.proposals[:MAX_NAMED]],
        "named": [[str(each) for paper in papers for each in paper.ids] for papers in finding.named[:MAX_NAMED]],
        "alike": finding.alike,
        "is_crowded": finding.is_crowded and bool(finding.proposals or finding.named),
        "is_given_up": finding.is_given_up,
    }
    return {name: value for name, value in told.items() if value}


def told_score(score: Score, row: Row) -> dict[str, Any]:
    """Points and what they were given for; ``None`` for the number of a row that has none."""
    return {
        "number": score.number if row.key else None,
        "amount": score.amount,
        "day": score.day,
        "difference": str(score.difference),
        "days": score.days,
    }


def _told_proposal(proposal: Proposal, row: Row) -> dict[str, Any]:
    told = {"invoices": [str(each) for paper in proposal.papers for each in paper.ids], "rows": proposal.rows}
    return told if proposal.score is None else {**told, "score": told_score(proposal.score, row)}
