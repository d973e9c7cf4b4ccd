"""The kinds of iiko's rows, one module each; ``KINDS`` are all of them in the order in which they are written."""

from portal.iiko.kinds.departments import DEPARTMENTS
from portal.iiko.kinds.legal_entities import LEGAL_ENTITIES
from portal.iiko.kinds.stores import STORES
from portal.iiko.sync.kinds import KINDS

__all__ = ["DEPARTMENTS", "KINDS", "LEGAL_ENTITIES", "STORES"]
