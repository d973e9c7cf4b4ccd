"""Lists: declared once, read by one Core statement, shown a page at a time."""

from portal.web.listing.declaration import Export, Filter, IdFilter, Listing, Parent, Sort, ValueFilter
from portal.web.listing.filters import enum_filter
from portal.web.listing.page import Page
from portal.web.listing.reading import read_page
from portal.web.listing.records import record_list
from portal.web.listing.table import Column

__all__ = [
    "Column",
    "Export",
    "Filter",
    "IdFilter",
    "Listing",
    "Page",
    "Parent",
    "Sort",
    "ValueFilter",
    "enum_filter",
    "read_page",
    "record_list",
]
