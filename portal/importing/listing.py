"""The list of an import's rows."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.importing.models import ImportBatch, ImportRow
from portal.importing.verdicts import OUTCOME_LABELS, VERDICT_LABELS, Verdict
from portal.web.listing import Export, Filter, Listing, Parent, Sort
from portal.web.listing.declaration import capped_count

b = ImportBatch.__table__.c
r = ImportRow.__table__.c


def count_label(count: int, capped: bool) -> str:
    """How many rows match."""
    if capped:
        return str(_l("%(count)s rows", count=capped_count(count)))
    return ngettext("%(num)s row", "%(num)s rows", count)


def result(row: Any) -> Any:
    """What became of a row, else what would."""
    return OUTCOME_LABELS[row.outcome] if row.outcome else VERDICT_LABELS[row.verdict]


REFUSED = tuple(each.value for each in Verdict if each.is_refused)

IMPORT_ROWS = Listing(
    name="import_rows",
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
            choices=[("", _l("All")), ("refused", _l("Not taken")), *VERDICT_LABELS.items(), *OUTCOME_LABELS.items()],
            conditions={
                "": None,
                "refused": r.verdict.in_(REFUSED),
                **{verdict.value: r.verdict == verdict.value for verdict in VERDICT_LABELS},
                **{outcome.value: r.outcome == outcome.value for outcome in OUTCOME_LABELS},
            },
        ),
    ],
    search=[r.label],
    search_label=_l("Search by name"),
    count_label=count_label,
    exports=[
        Export(_l("Row"), lambda row: row.number),
        Export(_l("Name"), lambda row: row.label),
        Export(_l("Result"), result),
        Export(_l("Reason"), lambda row: " ".join(text for _field, text in row.problems)),
    ],
)
