"""The site's table of contents: every blueprint, in the order of the navigation."""

from flask import Flask

from portal.access.guards import public
from portal.accounts.routes import accounts
from portal.accounts.settings_routes import settings
from portal.accounts.visit_routes import visits
from portal.attacks.routes import attack_counts
from portal.audit.routes import audit
from portal.auth.confirmation_routes import confirmation
from portal.auth.factor_routes import factors
from portal.auth.joining_routes import invitations as joining
from portal.auth.profile_routes import language, profile
from portal.auth.protection_routes import protection
from portal.auth.routes import auth, passwords
from portal.bots.routes import bots
from portal.catalogue.import_routes import item_imports
from portal.catalogue.name_routes import supplier_items
from portal.catalogue.price_routes import prices
from portal.catalogue.routes import items
from portal.catalogue.settings_routes import supply_settings
from portal.catalogue.unit_routes import conversions, units
from portal.channels.credential_routes import platform_credentials
from portal.channels.events import BotPlatformEvent  # noqa: F401
from portal.channels.routes import bot_platforms
from portal.conversations.activity import DialogActivity  # noqa: F401
from portal.conversations.dead_letters.routes import undelivered, unprocessed
from portal.conversations.lab.routes import lab
from portal.conversations.routes import bot_conversations, conversations
from portal.conversations.test_message_routes import test_messages
from portal.conversations.transcript_routes import transcript
from portal.deliveries.routes import deliveries
from portal.deliveries.standing_routes import delivery_standing
from portal.documents.routes import documents
from portal.equipment.routes import equipment
from portal.iiko.kinds import KINDS  # noqa: F401
from portal.iiko.link_routes import iiko_links
from portal.iiko.run_routes import iiko_runs
from portal.iiko.seats.models import IikoSession  # noqa: F401
from portal.iiko.server_routes import iiko_servers
from portal.integrations.routes import integrations
from portal.inventory.count_routes import stocktakes
from portal.inventory.entry_routes import transfers, write_offs
from portal.inventory.movement_routes import movements
from portal.inventory.routes import stock
from portal.invoices.exception_routes import exceptions
from portal.invoices.files.application_routes import invoice_file_work
from portal.invoices.files.routes import invoice_files
from portal.invoices.jobs import take_in_conversions  # noqa: F401
from portal.invoices.notices import EXCEPTIONS_WAIT  # noqa: F401
from portal.invoices.routes import invoices
from portal.invoices.standing_routes import invoice_standing
from portal.legal_entities.routes import legal_entities
from portal.media.file_routes import bot_files, public_media
from portal.media.routes import media
from portal.messaging.inbound_updates import InboundUpdate  # noqa: F401
from portal.messaging.messages import BotMessage  # noqa: F401
from portal.messaging.receiving.webhooks import hooks
from portal.notices.choice_routes import notice_choices
from portal.notices.models import Notice  # noqa: F401
from portal.notices.routes import notices
from portal.onboarding.checklist_routes import checklist
from portal.onboarding.day_off_routes import days_off
from portal.onboarding.intake.question_routes import questions
from portal.onboarding.intake.rule_routes import intake_rules
from portal.onboarding.messages.message_routes import staff_messages
from portal.onboarding.models import StaffOnboarding  # noqa: F401
from portal.onboarding.step_routes import steps
from portal.onboarding.template_routes import checklists
from portal.overview.routes import overview
from portal.privacy.employee_routes import employees
from portal.privacy.guest_routes import guests
from portal.privacy.retention_routes import retention
from portal.purchase_orders.routes import purchase_orders
from portal.purchase_orders.standing_routes import order_standing
from portal.purchase_orders.telling import tell_of_late_orders  # noqa: F401
from portal.reconciliations.comparison_routes import comparisons
from portal.reconciliations.routes import reconciliations
from portal.reconciliations.row_routes import statement_rows
from portal.restaurants.import_routes import restaurant_imports
from portal.restaurants.routes import restaurants
from portal.scenarios.publication_routes import publication
from portal.scenarios.routes import scenarios
from portal.staff.choice_routes import staff_choice
from portal.staff.import_routes import staff_imports
from portal.staff.papers.kind_routes import paper_kinds
from portal.staff.papers.notices import PAPERS_END  # noqa: F401
from portal.staff.papers.routes import papers
from portal.staff.position_routes import codes, positions
from portal.staff.routes import staff
from portal.stores.import_routes import store_imports
from portal.stores.routes import stores
from portal.suppliers.import_routes import supplier_imports
from portal.suppliers.merge_routes import supplier_merges
from portal.suppliers.routes import suppliers
from portal.supply.routes import supply
from portal.tenancy.blueprint import account_pages
from portal.users.invitation_routes import invitations
from portal.users.rescue_routes import rescue
from portal.users.routes import users
from portal.web import navigation
from portal.web.health_routes import health

OUTSIDE = (
    health, public_media, auth, factors, passwords, joining, profile, protection, confirmation, notice_choices,
    language, accounts, visits, attack_counts, hooks,
)  # fmt: skip
# Reached by the tabs of supply, and part of its section.
OF_SUPPLY = (
    invoices, invoice_files, invoice_file_work, exceptions, invoice_standing, reconciliations, comparisons,
    statement_rows, suppliers, supplier_imports, supplier_merges, documents, items, item_imports, supplier_items,
    units, conversions, prices, supply_settings, stock, movements, write_offs, transfers, stocktakes,
    purchase_orders, order_standing,
    deliveries, delivery_standing,
)  # fmt: skip
# In the order of the navigation, where those stand that declare a section.
WITHIN_ACCOUNT = (
    overview,
    notices,
    restaurants,
    restaurant_imports,
    stores,
    store_imports,
    legal_entities,
    equipment,
    staff,
    staff_imports,
    staff_choice,
    positions,
    codes,
    paper_kinds,
    papers,
    checklist,
    steps,
    staff_messages,
    employees,
    checklists,
    days_off,
    supply,
    *OF_SUPPLY,
    bots,
    bot_platforms,
    platform_credentials,
    test_messages,
    intake_rules,
    scenarios,
    publication,
    lab,
    media,
    bot_files,
    bot_conversations,
    transcript,
    guests,
    undelivered,
    unprocessed,
    conversations,
    questions,
    users,
    rescue,
    invitations,
    integrations,
    iiko_servers,
    iiko_runs,
    iiko_links,
    audit,
    settings,
    retention,
)

# What people come for every day, in the order in which they get the four places of a phone's bar. Who starts today is
# one press from the overview, too.
EVERYDAY = (overview, restaurants, bots, conversations, staff)

# Here and not below: a second app in the same process takes the family as it is.
for blueprint in OF_SUPPLY:
    blueprint.before_request(navigation.belong_to("supply"))
for blueprint in WITHIN_ACCOUNT:
    account_pages.register_blueprint(blueprint)


def install(app: Flask) -> None:
    """Register every blueprint."""
    for blueprint in (*OUTSIDE, account_pages):
        app.register_blueprint(blueprint)
    navigation.install(app, WITHIN_ACCOUNT, EVERYDAY)
    public(app.view_functions["static"])
