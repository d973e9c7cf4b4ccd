"""Every kind of exception says in words what its numbers are."""

import pytest
from flask_babel import force_locale

from portal.catalogue.price_findings import ABOVE_AGREED, DRIFT, SHOCK, SHRUNK
from portal.invoices.models import InvoiceException
from portal.invoices.words import ExceptionKind

RISE = {
    "from": "200", "to": "230", "percent": "15", "since": "2026-05-04", "unit": "kg", "currency": "RUB",
}  # fmt: skip
MATCH = {
    "ordered": "10", "accepted": "9", "invoiced": "10", "part": "1", "price": "95", "price_ordered": "91",
    "unit": "kg", "currency": "RUB",
}  # fmt: skip
EVIDENCE = {
    "arithmetic": {"what": "total", "stated": "1192.00", "ours": "1092.00", "currency": "RUB"},
    "vat": {"stated": "210.00", "ours": "175.00", "rate": "20", "fits": "on_top", "currency": "RUB"},
    "unit_missing": {"unit": "box", "base": "kg"},
    "duplicate": {
        "rule": "R1", "number": "A-1", "day": "2026-05-04", "total": "900.00", "currency": "RUB",
    },
    "over_billed": {"invoiced": "10.92", "accepted": "10", "unit": "kg", "currency": "RUB"},
    "not_ordered": MATCH,
    "not_received": MATCH,
    "over_delivered": MATCH,
    "price_above_order": MATCH,
    "price_shock": RISE,
    "price_drift": RISE,
    "pack_shrunk": RISE | {"from_size": "0.91", "to_size": "0.85", "pack": "pack"},
    "above_agreed": {"agreed": "90", "paid": "91", "percent": "1.11", "unit": "pack", "currency": "RUB"},
}  # fmt: skip
TOLD = {
    "arithmetic": "The paper says RUB 1,192.00 in all, its lines make RUB 1,092.00.",
    "vat": "VAT of RUB 210.00 was put on top of an amount that holds it: RUB 175.00 is in it.",
    "unit_missing": "No conversion leads from box to kg, so nobody knows what one kg costs.",
    "duplicate": "It may be the same paper as A-1 of 4 May 2026 over RUB 900.00.",
    "over_billed": "10.92 kg are billed, 10 were taken in.",
    "not_ordered": "Nobody ordered it: 9 kg came at RUB 95.00.",
    "not_received": "1 kg are billed at RUB 95.00, none came.",
    "over_delivered": "10 kg were ordered, 9 came in all.",
    "price_above_order": "One kg: RUB 95.00 instead of the RUB 91.00 of the order.",
    "price_shock": "One kg: from RUB 200.00 on 4 May 2026 to RUB 230.00, 15 % more.",
    "price_drift": "One kg: from RUB 200.00 on 4 May 2026 to RUB 230.00, 15 % more.",
    "pack_shrunk": "One pack held 0.91 kg and holds 0.85 now: 15 % more for as much.",
    "above_agreed": "One pack: RUB 91.00 instead of the agreed RUB 90.00, 1.11 % more.",
}


def plain(text):
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize("kind", list(ExceptionKind), ids=str)
def test_every_kind_says_its_numbers(app, kind):
    with app.test_request_context():
        assert plain(kind.sentence(EVIDENCE[kind])) == TOLD[kind]


@pytest.mark.parametrize("kind", list(ExceptionKind), ids=str)
def test_every_kind_says_them_in_russian(app, kind):
    with app.test_request_context(), force_locale("ru"):
        told = kind.sentence(EVIDENCE[kind])
        assert "%(" not in told
        assert any("а" <= letter <= "я" for letter in told)
        assert told != TOLD[kind]


@pytest.mark.parametrize("kind", list(ExceptionKind), ids=str)
def test_evidence_of_another_hand_is_told_without_what_it_lacks(app, kind):
    with app.test_request_context():
        assert "—" in kind.sentence({})
        assert kind.sentence({"stated": "much", "from": None, "since": None, "what": "line"})


def test_what_another_writer_found_is_called_as_it_calls_it():
    exception = InvoiceException(kind=InvoiceException.__table__.c.kind.type.process_result_value("odd", None))
    assert exception.sentence == "odd"


def test_what_prices_find_is_a_kind():
    assert {SHOCK, DRIFT, SHRUNK, ABOVE_AGREED} <= set(ExceptionKind.words())
