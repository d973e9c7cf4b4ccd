"""Rows and invoices for the tests of matching: numbers in short, days of May 2026."""

from datetime import date
from decimal import Decimal

from portal.reconciliations.matching.comparing import compare
from portal.reconciliations.matching.papers import OwnInvoice, Row

TOLERANCE = Decimal("1.00")


def may(day, month=5):
    return date(2026, month, day)


def digits(key):
    return "".join(sign for sign in key if sign.isdigit() or sign == "/")


def row(amount, day, key="", position=1):
    return Row(position, day, Decimal(amount), key, digits(key))


def own(amount, day, key="", name=None):
    return OwnInvoice(name or f"{key} {amount} {day}", day, Decimal(amount), key, digits(key))


def found(rows, invoices):
    return compare(rows, invoices, TOLERANCE)


def ids(papers):
    return sorted(str(each) for paper in papers for each in paper.ids)
