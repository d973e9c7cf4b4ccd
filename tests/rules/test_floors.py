"""Every import runs down: the order of the floors, and that no circle of imports exists, in whatever form.

Imports within functions and those for type checkers alone count like all others.
"""

from graphlib import CycleError, TopologicalSorter

from tests.rules.source import import_graph

# From the ground up. A room stands on the rooms before it. The longest name that fits a module is its room.
GROUND = (
    "config", "portal.db", "portal.http", "portal.extensions", "portal.access", "portal.tenancy",
    "portal.deployment", "portal.telemetry", "portal.attacks", "portal.jobs",
    "portal.web", "portal.mail", "portal.audit", "portal.notices",
)  # fmt: skip
# Models, verbs, processes and jobs.
ROOMS = (
    "portal.accounts.slugs", "portal.accounts.models", "portal.importing", "portal.restaurants", "portal.stores",
    "portal.equipment", "portal.users", "portal.auth", "portal.accounts", "portal.legal_entities",
    # The bytes of files are kept alike, whoever's file it is.
    "portal.media.content_types", "portal.media.names", "portal.media.bucket", "portal.media.files",
    "portal.suppliers", "portal.catalogue", "portal.documents", "portal.invoices", "portal.reconciliations",
    # Whatever hangs on a supplier goes along when it is merged with another.
    "portal.suppliers.merging",
    "portal.iiko.client", "portal.integrations", "portal.iiko", "portal.iiko.seats", "portal.iiko.sync",
    "portal.iiko.kinds",
    # What is said, before anybody says it; then the rows of messages, which know no room above them.
    "portal.messaging.kinds", "portal.messaging.news", "portal.messaging.events", "portal.messaging.event_rows",
    "portal.messaging.failures", "portal.messengers", "portal.messaging.messages", "portal.messaging.papers",
    "portal.messaging.chat_aliases", "portal.messaging.inbound_updates", "portal.bots", "portal.scenarios",
    "portal.media", "portal.channels", "portal.conversations", "portal.messaging", "portal.staff",
    "portal.staff.papers", "portal.onboarding.messages",
    "portal.onboarding", "portal.onboarding.intake", "portal.messaging.sending", "portal.messaging.receiving",
    "portal.messaging.worker", "portal.privacy",
)  # fmt: skip
# What serves a page stands above every model: a restaurant's page shows its stores, a bot's page its channels.
# An employee's page shows the part of every room, so it stands above them.
PAGES = (
    "portal.tenancy",
    "portal.web",
    "portal.audit",
    "portal.records",
    # The pages of restaurants, stores and legal entities show iiko's side of them.
    "portal.iiko",
    *(room for room in ROOMS if room not in ("portal.staff", "portal.iiko")),
    # The page of an employee shows a part of each room that knows of them.
    "portal.staff",
    "portal.attacks",
    "portal.notices",
    "portal.supply",
    "portal.overview",
)
ROOF = (
    "portal.errors", "portal.sitemap", "portal.doctor", "portal.safety", "portal.labels", "portal.housekeeping",
    "portal.worker", "portal.serving", "portal.cli", "portal", "portal.development",
)  # fmt: skip
PAGE_MODULES = {"routes", "forms", "listing", "page"}
PAGE_ENDINGS = ("_routes", "_page")
PAGE_ROOMS = (
    "portal.records",
    "portal.overview",
    "portal.supply",
    "portal.conversations.lab",
    "portal.conversations.dead_letters",
)
FLOORS = [*GROUND, *ROOMS, *(f"pages of {room}" for room in PAGES), *ROOF]


def floor_of(module):
    rooms = [room for room in (*GROUND, *ROOMS, *PAGES, *ROOF) if f"{module}.".startswith(f"{room}.")]
    if not rooms:
        raise LookupError(f"{module} stands on no floor: name its room in tests/rules/test_floors.py")
    room = max(rooms, key=len)
    if room in PAGES and (serves_pages(module) or room not in (*GROUND, *ROOMS)):
        return FLOORS.index(f"pages of {room}")
    return FLOORS.index(room)


def serves_pages(module):
    name = module.rpartition(".")[2]
    is_page = name in PAGE_MODULES or name.endswith(PAGE_ENDINGS)
    return (is_page and not module.startswith(("portal.web.", "portal.scenarios.flow"))) or module.startswith(
        PAGE_ROOMS
    )


def test_every_import_runs_down_the_floors():
    graph = import_graph()
    upward = [
        f"{module} ({FLOORS[floor_of(module)]}) imports {imported} ({FLOORS[floor_of(imported)]})"
        for module, imports in sorted(graph.items())
        for imported in sorted(imports)
        if floor_of(imported) > floor_of(module)
    ]
    assert upward == []


def test_no_imports_run_in_a_circle():
    try:
        TopologicalSorter(import_graph()).prepare()
    except CycleError as circle:
        raise AssertionError(" → ".join(reversed(circle.args[1]))) from None
