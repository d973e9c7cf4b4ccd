"""The list of an import's rows."""

from typing import Any

from flask_babel import lazy_gettext as _l

from portal.importing.models import ImportBatch, ImportRow
from portal.importing.verdicts import Outcome, Verdict
from portal.web.listing import Export, Filter, Listing, Parent, Sort

b = ImportBatch.__table__.c
r = ImportRow.__table__.c


def result(row: Any) -> Any:
    """What became of a row, else what would."""
    return Outcome.read(row.outcome).label if row.outcome else Verdict.read(row.verdict).label


REFUSED = tuple(each.value for each in Verdict if each.is_refused)

IMPORT_ROWS = Listing(
    name="import_rows",
    title=_l("Rows of an import"),
    entity=ImportRow,
    parent=Parent(ImportBatch, key=r.batch_id, columns={"id": b.id}),
    columns={
        "number": r.number,
        "label": r.label,
        "verdict": r.verdict,
        "entity_id": r.entity_id,
        "values": r["values"],
        "changes": r.changes,
        "problems": r.problems,
        "outcome": r.outcome,
    },
    sorts=[
        Sort("place", _l("Errors first"), r.place, parse=int),
        Sort("number", _l("As in the file"), r.number, parse=int),
    ],
    filters=[
        Filter(
            "show",
            _l("Show"),
            choices=[("", _l("All")), ("refused", _l("Not taken")), *Verdict.choices(), *Outcome.choices()],
            conditions={
                "": None,
                "refused": r.verdict.in_(REFUSED),
                **{verdict: r.verdict == verdict for verdict in Verdict.words()},
                **{outcome: r.outcome == outcome for outcome in Outcome.words()},
            },
        ),
    ],
    search=[r.label],
    search_label=_l("Search by name"),
    exports=[
        Export(_l("Row"), lambda row: row.number),
        Export(_l("Name"), lambda row: row.label),
        Export(_l("Result"), result),
        Export(_l("Reason"), lambda row: " ".join(text for _field, text in row.problems)),
    ],
)
