"""What a paper's amounts should be, to the kopeck."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.db.amounts import rounded
from portal.invoices.arithmetic import (
    fits,
    is_rate_of,
    judge_line,
    judge_total,
    line_amounts,
    share,
    vat_on_top,
    vat_within,
)
from portal.invoices.paper import PaperLine

D = Decimal
money = st.decimals(min_value=-1_000_000, max_value=1_000_000, places=2)
rates = st.sampled_from([None, D(0), D(5), D(7), D(10), D(20), D(22)])


def line(quantity, price, total, *, discount="0", rate=None, vat="0"):
    return PaperLine(
        description="",
        quantity=D(quantity),
        unit_id=None,
        unit_price=D(price),
        line_total=D(total),
        discount=D(discount),
        vat_rate=None if rate is None else D(rate),
        vat_amount=D(vat),
    )


@pytest.mark.parametrize(
    ("rate", "vat", "net"),
    [("22", "180.33", "819.67"), ("20", "166.67", "833.33"), ("10", "90.91", "909.09"), ("7", "65.42", "934.58"),
     ("5", "47.62", "952.38")],
)  # fmt: skip
def test_a_thousand_with_vat_in_it(rate, vat, net):
    assert vat_within(D("1000.00"), D(rate)) == D(vat)
    assert line_amounts(D(1), D("1000.00"), vat_rate=D(rate)).net == D(net)


def test_vat_on_top_comes_to_the_same_thousand():
    assert vat_on_top(D("819.67"), D(22)) == D("180.33")
    assert line_amounts(D(1), D("819.67"), vat_rate=D(22), prices_include_vat=False).total == D("1000.00")


def test_without_vat_and_zero_per_cent_both_hold_none():
    assert vat_within(D("150.00"), None) == vat_within(D("150.00"), D(0)) == D("0.00")
    assert vat_on_top(D("150.00"), None) == vat_on_top(D("150.00"), D(0)) == D("0.00")


def test_three_lines_are_rounded_one_by_one_and_a_paper_that_rounds_once_is_accepted():
    lines = [line_amounts(D(1), D("33.33"), vat_rate=D(22), prices_include_vat=False)] * 3
    assert sum(each.vat for each in lines) == D("21.99")
    assert vat_on_top(D("99.99"), D(22)) == D("22.00")
    assert judge_total(D("99.99") + D("22.00"), [each.total for each in lines]) is None


def test_a_total_that_rounds_otherwise_is_accepted_and_one_beyond_that_is_not():
    lines = [line_amounts(D(1), D(net), vat_rate=D(19), prices_include_vat=False) for net in ("707.02", "66.39")]
    assert [each.vat for each in lines] == [D("134.33"), D("12.61")]
    totals = [each.total for each in lines]
    assert sum(totals) == D("920.35")
    assert judge_total(D("920.36"), totals) is None
    doubt = judge_total(D("920.38"), totals)
    assert (doubt.kind, doubt.money) == ("arithmetic", D("0.03"))
    assert doubt.evidence == {"what": "total", "stated": "920.38", "ours": "920.35"}


def test_a_discount_is_rounded_before_vat_is_put_on_top():
    gross = D("348.35") * 16
    amounts = line_amounts(D(16), D("348.35"), share(gross, D(4)), D(22), prices_include_vat=False)
    assert (amounts.net, amounts.vat, amounts.total) == (D("5350.66"), D("1177.15"), D("6527.81"))
    assert rounded(gross * D("0.96") * D("1.22")) == D("6527.80")


def test_a_paper_of_several_rates_holds_the_vat_of_its_lines():
    lines = [("480.00", D(10)), ("610.00", D(22)), ("150.00", None)]
    vat = [vat_within(D(total), rate) for total, rate in lines]
    assert vat == [D("43.64"), D("110.00"), D("0.00")]
    assert sum(vat) == D("153.64")
    assert sum(D(total) for total, rate in lines) == D("1240.00")


def test_vat_that_was_put_on_top_of_what_holds_it_is_doubted_with_both_numbers():
    (doubt,) = judge_line(line(1, "1050.00", "1050.00", rate=20, vat="210.00"))
    assert (doubt.kind, doubt.money) == ("vat", D("35.00"))
    assert doubt.evidence == {"stated": "210.00", "ours": "175.00", "amount": "1050.00", "rate": "20", "fits": "on_top"}


@pytest.mark.parametrize(("exact", "kopecks"), [("0.125", "0.13"), ("2.675", "2.68"), ("1.005", "1.01")])
def test_halves_are_rounded_away_from_zero(exact, kopecks):
    assert line_amounts(D(1), D(exact)).total == D(kopecks)
    assert line_amounts(D(-1), D(exact)).total == -D(kopecks)


@pytest.mark.parametrize(
    ("quantity", "price", "total"),
    [("2.315", "189.90", "439.62"), ("0.44", "76.59", "33.70"), ("0.85", "150.71", "128.10"),
     ("0.375", "1249.99", "468.75")],
)  # fmt: skip
def test_what_was_weighed_is_rounded_once(quantity, price, total):
    assert line_amounts(D(quantity), D(price)).total == D(total)
    assert judge_line(line(quantity, price, total)) == []


def test_a_price_stands_for_all_that_is_rounded_to_it():
    # 1000 × 81.965 to 1000 × 81.975, and a kopeck.
    assert fits(D(1000), D("81.97"), D(0), D("81975.01"))
    assert not fits(D(1000), D("81.97"), D(0), D("81975.02"))
    assert fits(D(1000), D("81.97"), D(0), D("81964.99"))
    assert not fits(D(1000), D("81.97"), D(0), D("81964.98"))


def test_a_price_without_kopecks_stands_for_itself_to_the_kopeck():
    assert fits(D(10), D(82), D(0), D("820.06"))
    assert not fits(D(10), D(82), D(0), D("825.00"))
    # As the database gives it back, with zeros that nobody wrote.
    assert fits(D(10), D("82.0000"), D(0), D("820.06"))
    assert not fits(D(10), D("81.9712"), D(0), D("819.75"))


def test_a_credit_note_fits_as_its_invoice_does():
    assert fits(D("-2.315"), D("189.90"), D(0), D("-439.62"))
    assert judge_line(line("-1", "1000.00", "-1000.00", rate=22, vat="-180.33")) == []


def test_a_line_that_does_not_come_out_is_doubted_with_both_numbers():
    (doubt,) = judge_line(line(3, "100.00", "310.00"))
    assert (doubt.kind, doubt.money) == ("arithmetic", D("10.00"))
    assert doubt.evidence == {"what": "line", "stated": "310.00", "ours": "300.00"}


def test_prices_without_vat_are_compared_with_the_amount_without_it():
    assert judge_line(line(1, "819.67", "1000.00", rate=22, vat="180.33"), prices_include_vat=False) == []
    (doubt,) = judge_line(line(1, "819.67", "1000.00", rate=22, vat="180.33"), prices_include_vat=True)
    assert doubt.kind == "arithmetic"
    (doubt,) = judge_line(line(1, "869.67", "1000.00", rate=22, vat="130.33"), prices_include_vat=False)
    assert (doubt.kind, doubt.evidence["ours"]) == ("vat", "191.33")


def test_a_kopeck_of_vat_is_rounding_and_two_are_a_doubt():
    one = line(1, "1000.00", "1000.00", rate=22, vat="180.34")
    assert judge_line(one) == []
    assert [doubt.kind for doubt in judge_line(replace(one, vat_amount=D("180.35")))] == ["vat"]


def test_vat_on_a_line_that_says_it_has_none_is_a_doubt():
    (doubt,) = judge_line(line(1, "150.00", "150.00", rate=None, vat="15.00"))
    assert (doubt.evidence["ours"], doubt.evidence["rate"]) == ("0.00", None)


def test_a_price_for_a_packing_is_no_doubt_and_a_discount_that_was_not_taken_off_is():
    packed = line("10.92", "91.00", "1092.00")
    assert judge_line(packed, is_priced_apart=True) == []
    assert [doubt.kind for doubt in judge_line(packed)] == ["arithmetic"]
    (doubt,) = judge_line(replace(packed, discount=D("50.00")), is_priced_apart=True)
    assert (doubt.kind, doubt.money) == ("arithmetic", D("50.00"))
    assert doubt.evidence == {"what": "discount", "stated": "1092.00", "ours": "1042.00"}


@pytest.mark.parametrize(
    ("rate", "day", "is_of_it"),
    [("20", date(2025, 12, 31), True), ("20", date(2026, 1, 1), False), ("22", date(2025, 12, 31), False),
     ("22", date(2026, 1, 1), True), ("10", date(2026, 1, 1), True)],
)  # fmt: skip
def test_a_rate_is_judged_by_the_day_of_shipment(rate, day, is_of_it):
    assert is_rate_of(D(rate), day) is is_of_it


def test_no_rate_is_of_every_day():
    assert is_rate_of(None, date(2026, 1, 1))


@given(money, rates)
def test_net_and_vat_make_the_whole_to_the_kopeck(total, rate):
    amounts = line_amounts(D(1), total, vat_rate=rate)
    assert amounts.net + amounts.vat == amounts.total == total
    assert abs(vat_on_top(amounts.net, rate) - amounts.vat) <= D("0.01")


@given(st.decimals(-1000, 1000, places=4).filter(bool), st.decimals(0, 10_000, places=4), rates, st.booleans())
def test_what_we_work_out_ourselves_is_never_doubted(quantity, price, rate, prices_include_vat):
    amounts = line_amounts(quantity, price, vat_rate=rate, prices_include_vat=prices_include_vat)
    ours = line(quantity, price, amounts.total, rate=rate, vat=amounts.vat)
    assert judge_line(ours, prices_include_vat=prices_include_vat) == []
