"""Lists: declared once, read by one Core statement, shown a page at a time, exported as CSV."""

from portal.web.listing.declaration import Export, Filter, IdFilter, Listing, Parent, Sort, ValueFilter
from portal.web.listing.export import export_csv
from portal.web.listing.page import Page
from portal.web.listing.reading import read_page

__all__ = [
    "Export",
    "Filter",
    "IdFilter",
    "Listing",
    "Page",
    "Parent",
    "Sort",
    "ValueFilter",
    "export_csv",
    "read_page",
]
