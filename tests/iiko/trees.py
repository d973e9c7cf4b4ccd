"""Answers of iiko's in its own bytes, for tests that read them."""

import io
from html import escape

from portal.iiko.client.answer import Answer


def item(iiko_id, kind, name="Name", parent=None, code=None, more=""):
    """One place of the tree."""
    told = {"id": iiko_id, "parentId": parent, "code": code, "name": name and escape(name), "type": kind}
    fields = "".join(f"<{key}>{value}</{key}>" for key, value in told.items() if value is not None)
    return f"<corporateItemDto>{fields}{more}</corporateItemDto>"


def company(iiko_id, name, parent=None, tax_id="7800000011"):
    """A legal entity with what must not be kept of it."""
    more = (
        f"<jurPersonAdditionalPropertiesDto><taxpayerId>{tax_id}</taxpayerId>"
        "<accountingReasonCode>780101001</accountingReasonCode><address>Secret street</address>"
        "<bank>Secret bank</bank></jurPersonAdditionalPropertiesDto>"
    )
    return item(iiko_id, "JURPERSON", name, parent, "J1", more)


def answer(*items, envelope="corporateItemDtoes"):
    """A whole answer."""
    body = f"<{envelope}>{''.join(items)}</{envelope}>".encode()
    return Answer(io.BytesIO(body), None, len(body))


def guid(number):
    """An id as iiko writes it."""
    return f"{number:08x}-0000-4000-8000-000000000000"
