"""The kinds of iiko's rows, one module each; ``KINDS`` are all of them in the order in which they are written."""

from portal.iiko.kinds.departments import DEPARTMENTS
from portal.iiko.kinds.incoming_invoices import INCOMING_INVOICES
from portal.iiko.kinds.legal_entities import LEGAL_ENTITIES
from portal.iiko.kinds.products import PRODUCTS
from portal.iiko.kinds.stores import STORES
from portal.iiko.kinds.suppliers import SUPPLIERS
from portal.iiko.kinds.units import UNITS
from portal.iiko.sync.kinds import KINDS

__all__ = [
    "DEPARTMENTS", "INCOMING_INVOICES", "KINDS", "LEGAL_ENTITIES", "PRODUCTS", "STORES", "SUPPLIERS", "UNITS",
]  # fmt: skip
