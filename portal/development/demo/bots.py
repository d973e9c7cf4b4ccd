"""Bots of a demo chain with their platforms, scenarios and conversations."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import current_app

from portal.audit.models import Action
from portal.bots.models import BotInstance
from portal.channels.models import BotPlatformCredential
from portal.conversations.models import BotDialogState
from portal.db.base import db
from portal.db.sealing import place_of
from portal.development.demo.chain import DemoChain
from portal.development.demo.conversations import DAYS, Conversations, Talk
from portal.development.demo.files import text_of
from portal.development.demo.histories import TOLD, Histories
from portal.development.demo.library import add_library
from portal.messengers.registry import platform as adapter_of
from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.models import BotScenario

# How many conversations the days before held, for each of the latest days.
EARLIER = 0.8


def add_bots(chain: DemoChain) -> None:
    """Every bot of the plan."""
    histories = Histories(chain)
    for number, plan in enumerate(chain.plan["bots"]):
        created = chain.ago(days=104 - number * 21, spread=1)
        bot = chain.add(
            BotInstance,
            plan["name"],
            created,
            name=plan["name"],
            description=plan["description"],
            is_active=not plan.get("archived", False),
        )
        db.session.flush()
        told = {"name": bot.name, "description": bot.description}
        chain.tell(created, Action.CREATED, bot, bot.name, after=told)
        if not bot.is_active:
            chain.tell(chain.ago(days=26), Action.ARCHIVED, bot, bot.name)
        for place, platform in enumerate(plan["platforms"]):
            _add_platform(chain, bot, platform, 70 - number * 15 - place)
        add_library(chain, bot, plan.get("media", []))
        document = _add_scenarios(chain, bot, plan["scenarios"])
        db.session.flush()
        if document is not None:
            _add_conversations(chain, bot, document, plan, histories)


def _add_platform(chain: DemoChain, bot: BotInstance, plan: dict[str, Any], days: int) -> None:
    connected = chain.ago(days=days)
    adapter = adapter_of(plan["platform"])
    row = BotPlatformCredential.connect(bot, adapter)
    row.id = chain.id_of("platform", bot.name, plan["platform"])
    row.credentials = current_app.config["KEYRING"].seal(
        plan["credentials"], place_of(row), hinted=adapter.secret_fields, set_at=connected
    )
    row.is_active = plan["is_on"]
    row.webhook_url = f"https://portal.{chain.slug}.example{adapter.webhook_path(row.id)}"
    row.webhook_last_checked = chain.ago(days=0.02 if row.is_active else 12)
    row.created_at = connected
    row.updated_at = connected if row.is_active else chain.ago(days=12)
    db.session.add(row)
    label = f"{bot.name}: {row.label}"
    chain.tell(connected, Action.CREDENTIALS_SET, row, label, after={"identity": row.stored.handle})
    chain.tell(connected + timedelta(minutes=2), Action.ACTIVATED, row, label)
    if not row.is_active:
        chain.tell(row.updated_at, Action.DEACTIVATED, row, label)


def _add_scenarios(chain: DemoChain, bot: BotInstance, names: list[str]) -> ScenarioDocument | None:
    """The versions in their order, the last one live; what the live one says."""
    document = None
    for number, name in enumerate(names, start=1):
        document = ScenarioDocument.from_text(text_of(name))
        uploaded = chain.ago(days=62 - (number - 1) * 48 / max(1, len(names) - 1))
        published = uploaded + timedelta(minutes=17)
        is_live = number == len(names)
        row = BotScenario.from_document(document, bot)
        row.id = chain.id_of("scenario", bot.name, number)
        row.number, row.is_live, row.published_at = number, is_live, published
        row.author_id = chain.people["owner"].id
        row.created_at, row.updated_at = uploaded, published
        db.session.add(row)
        told = {"name": row.name, "version": row.version, "source": "…"}
        chain.tell(uploaded, Action.CREATED, row, row.name, after=told)
        before = {"number": number - 1 or None}
        chain.tell(published, Action.PUBLISHED, row, row.name, before=before, after={"number": number})
    return document


def _add_conversations(
    chain: DemoChain, bot: BotInstance, document: ScenarioDocument, plan: dict[str, Any], histories: Histories
) -> None:
    platforms = [each["platform"] for each in plan["platforms"] if each["is_on"]]
    made_up = Conversations(document, chain.random, chain.now)
    recent = list(made_up.some(plan["dialogs"], platforms))
    earlier = made_up.some(round(plan["dialogs"] * EARLIER), platforms, days_ago=DAYS)
    version = chain.id_of("scenario", bot.name, len(plan["scenarios"]))
    added = [(talk, _add_conversation(chain, bot, document, version, talk)) for talk in (*recent, *earlier)]
    db.session.flush()
    latest = sorted(added[: len(recent)], key=lambda each: each[0].last_at, reverse=True)[:TOLD]
    for place, (talk, conversation) in enumerate(latest):
        histories.tell(talk, conversation, document, place)


def _add_conversation(
    chain: DemoChain, bot: BotInstance, document: ScenarioDocument, version: UUID, talk: Talk
) -> BotDialogState:
    awaits = document.steps_by_id[talk.step_id].expected_input
    return chain.add(
        BotDialogState,
        f"{bot.name}/{talk.chat_id}",
        talk.started_at,
        bot_id=bot.id,
        platform=talk.platform,
        platform_chat_id=talk.chat_id,
        current_step=talk.step_id,
        collected_data=talk.collected,
        last_interaction_at=talk.last_at,
        last_inbound_at=talk.last_at,
        updated_at=talk.last_at,
        scenario_id=version,
        state="running" if awaits else "finished",
        turn=len(talk.turns),
        person={"name": talk.name},
    )
