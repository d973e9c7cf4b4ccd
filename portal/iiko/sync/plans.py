"""A kind compared as a whole, or documents compared day by day: what is to be done, and what is known of it then."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select

from portal.db.base import db
from portal.iiko.models import IikoRun
from portal.iiko.sync.comparing import Comparison, Known, Linked, Planned
from portal.iiko.sync.kinds import Evidence, Kind, ReadRow, RowStream, Unreadable
from portal.iiko.sync.known import known_of, with_rows
from portal.iiko.sync.models import IikoLink, Word
from portal.iiko.sync.reasons import Reason

# Between a document's id and that of the store whose lines a part of it holds.
PART = ":"


class WholePlan:
    """All rows of a kind at once; ``counts`` and the others tell of it once ``run`` has ended."""

    def __init__(self, run: IikoRun, kind: Kind, stream: RowStream) -> None:
        self.comparison, self.stream = Comparison(kind, known_of(run, kind)), stream

    def run(self) -> Iterator[Planned]:
        """What is to be done with each row."""
        return self.comparison.run(self.stream)

    @property
    def counts(self) -> Counter[str]:
        """How many rows of each word."""
        return self.comparison.counts

    @property
    def rows(self) -> int:
        """How many were read."""
        return len(self.comparison.rows) + len(self.comparison.nameless)

    @property
    def has_nameless(self) -> bool:
        """Whether a row had no id, so that nobody can say which are missing."""
        return bool(self.comparison.nameless)

    @property
    def evidence(self) -> Evidence:
        """What a judge of the whole answer looks at."""
        return self.comparison.evidence


class PeriodPlan:
    """Documents of some days, those of one answer in memory at a time; of all others nothing is known or said."""

    def __init__(self, run: IikoRun, kind: Kind, stream: RowStream) -> None:
        self.run_row, self.kind, self.stream = run, kind, stream
        self.counts: Counter[str] = Counter()
        self.rows, self.has_nameless = 0, False
        self._seen: set[str] = set()
        self._taken = self._gone = self._linked = 0

    def run(self) -> Iterator[Planned]:
        """What is to be done with each document, then those that the days lack."""
        known = known_of(self.run_row, self.kind, ())
        for group in self.stream.groups:
            yield from self._group(known, group)
        if not self.has_nameless:
            yield from self._lacking(known)

    def _group(self, known: Known, group: Iterable[ReadRow | Unreadable]) -> Iterator[Planned]:
        rows = list(self._first_words(group))
        comparison = Comparison(self.kind, with_rows(known, self.run_row, self.kind, [row.iiko_id for row in rows]))
        yield from comparison.run(rows)
        self.counts += comparison.counts
        self.rows += len(comparison.rows) + len(comparison.nameless)
        self.has_nameless = self.has_nameless or bool(comparison.nameless)
        self._seen |= comparison.rows.keys()
        self._taken += comparison.evidence.taken

    def _first_words(self, group: Iterable[ReadRow | Unreadable]) -> Iterator[ReadRow | Unreadable]:
        """A document that was moved to another day between two questions came twice: the next run sees where it is."""
        return (row for row in group if row.iiko_id not in self._seen)

    def _lacking(self, known: Known) -> Iterator[Planned]:
        """What is linked and was received in those days, and did not come."""
        linked = self._linked_ids()
        self._linked = len(linked)
        lacking = [iiko_id for iiko_id in linked if iiko_id not in self._seen]
        # Of a paper that is there, and has no lines for that store any more, the part goes with them.
        emptied = [iiko_id for iiko_id in lacking if iiko_id.partition(PART)[0] in self._seen]
        about = with_rows(known, self.run_row, self.kind, lacking)
        for iiko_id in set(lacking) - set(emptied):
            if (link := about.links.get(iiko_id)) is not None:
                self._gone += 1
                self.counts[Word.MISSING] += 1
                values, name = dict(link.values), about.ours[link.entity_id].name
                yield Planned(Word.MISSING, iiko_id, name, link.entity_id, Reason.GONE, iiko_values=values)
        yield from self._emptied(about, {part: about.links[part] for part in emptied if part in about.links})

    def _emptied(self, about: Known, links: Mapping[str, Linked]) -> Iterator[Planned]:
        comparison = Comparison(self.kind, replace(about, links=links))
        yield from comparison.run(
            ReadRow(part, about.ours[link.entity_id].name, self.kind.emptied) for part, link in links.items()
        )
        self.counts += comparison.counts

    def _linked_ids(self) -> Sequence[str]:
        if self.stream.days is None:
            return ()
        query = select(IikoLink.iiko_id).where(
            IikoLink.connection_id == self.run_row.connection_id,
            IikoLink.kind == self.kind.key,
            IikoLink.day.between(*self.stream.days),
        )
        return db.session.scalars(query.order_by(IikoLink.iiko_id)).all()

    @property
    def evidence(self) -> Evidence:
        """What a judge of the days looks at."""
        return Evidence(taken=self._taken, linked=self._linked, gone=self._gone)
