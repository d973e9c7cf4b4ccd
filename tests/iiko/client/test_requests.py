from datetime import date

import pytest

from portal.iiko.client import requests
from portal.iiko.client.requests import ApiRequest, NotAllowed

MADE = [each for each in vars(requests).values() if isinstance(each, ApiRequest)]
MADE += [
    requests.products_of(), requests.incoming_invoices(date(2026, 11, 1)),
    requests.assembly_charts(date(2026, 11, 1), date(2026, 11, 2)), requests.olap({"groupByRowFields": ["a"]}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "api/licence/clean"),
        ("POST", "api/licence/clean"),
        ("POST", "api/corporation/departments"),
        ("DELETE", "api/suppliers"),
        ("PUT", "api/employees"),
        ("POST", "api/documents/import/incomingInvoice"),
        ("GET", "api/auth"),
        ("GET", "api/../licence/clean"),
    ],
)
def test_a_question_that_writes_or_ends_the_work_of_others_cannot_be_made(method, path):
    with pytest.raises(NotAllowed):
        ApiRequest("x", method, path)


def test_no_secret_can_stand_in_an_address():
    for name in ("key", "pass", "login"):
        with pytest.raises(NotAllowed):
            ApiRequest("x", "GET", "api/suppliers", ((name, "1"),))


def test_each_question_has_the_time_and_the_size_of_its_kind():
    bounds = {each.name: (each.seconds, each.body_cap // requests.MIB) for each in MADE}
    assert bounds == {
        "info": (15, 1), "auth": (15, 1), "logout": (15, 1), "licence": (30, 1), "server_type": (30, 1),
        "departments": (30, 8), "stores": (30, 8), "suppliers": (60, 32), "employees": (60, 32),
        "products": (120, 128), "groups": (120, 128), "units": (30, 1), "columns": (30, 1), "invoices": (120, 64),
        "charts": (180, 128), "olap": (120, 64),
    }  # fmt: skip


def test_paths_of_version_two_ask_for_json_and_the_others_never_do():
    for each in MADE:
        if "/v2/" in each.path:
            assert each.accept == "application/json", each.name
        else:
            assert "json" not in each.accept, each.name


def test_products_and_recipes_say_which_right_they_need():
    assert {each.name for each in MADE if each.right} == {"products", "groups", "charts"}
    assert {each.right for each in MADE} == {None, "B_EN"}


def test_deleted_units_are_not_asked_for():
    assert ("includeDeleted", "false") in requests.UNITS.query


def test_invoices_are_asked_for_by_day_and_never_over_more_than_a_month():
    day = date(2026, 11, 1)
    assert requests.incoming_invoices(day).query == (("from", "2026-11-01"), ("to", "2026-11-01"))
    requests.incoming_invoices(day, date(2026, 11, 30))
    for last in (date(2026, 10, 31), date(2026, 12, 31)):
        with pytest.raises(NotAllowed):
            requests.incoming_invoices(day, last)


def test_a_report_has_at_most_seven_fields_and_never_a_summary():
    report = {"groupByRowFields": ["a", "b", "c"], "aggregateFields": ["d", "e", "f", "g"], "buildSummary": True}
    assert requests.olap(report).json["buildSummary"] is False
    with pytest.raises(NotAllowed):
        requests.olap({**report, "aggregateFields": [*report["aggregateFields"], "h"]})
