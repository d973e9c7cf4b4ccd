"""The overview page."""

from flask import Blueprint, render_template
from flask_babel import lazy_gettext as _l

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.channels.status import in_order
from portal.conversations.models import called
from portal.conversations.transcript import snippet
from portal.integrations.models import STATUS_LABELS
from portal.messengers.registry import PLATFORMS
from portal.overview.overview import Overview
from portal.overview.receiving import shown_of_receiving
from portal.staff.today_page import shown_cells
from portal.web.listing.declaration import format_count
from portal.web.navigation import section

overview = Blueprint("overview", __name__)
section(overview, _l("Overview"), "overview", Permission.OVERVIEW_SEE)


@overview.get("/")
@requires(Permission.OVERVIEW_SEE)
def index() -> str:
    """How the chain stands."""
    return render_template(
        "overview/index.html",
        overview=Overview(),
        platforms=PLATFORMS,
        standings=in_order,
        snippet=snippet,
        status_labels=STATUS_LABELS,
        format_count=format_count,
        called=called,
        staff_cells=shown_cells(),
        shown_of_receiving=shown_of_receiving,
    )
