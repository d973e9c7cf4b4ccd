"""Who works in the chains of the cast: two people, their papers, a checklist, questions and what they are told."""

import hashlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.world import Chain

Row = tuple[str, dict[str, Any]]
PHONES = {"zqpelmenya": "+7900111000{}", "zqvareniki": "+7900222000{}"}


def staff_rows(chain: "Chain", now: datetime) -> Iterator[Row]:
    """One employee of the first restaurant, one of that of the assigned manager, and what belongs to them."""
    for table, number, values in (
        *_set_up(chain),
        ("bot_file", 2, _file_of_paper(chain)),
        *_people(chain, now),
        *_checklists(chain, now),
        *_intake(chain, now),
    ):
        yield table, {"id": chain.id_of(table, number), "account_id": chain.account_id} | values


def _set_up(chain: "Chain") -> Iterator[tuple[str, int, dict[str, Any]]]:
    yield "staff_position", 1, {"code": f"{chain.marker}-cook", "name": f"{chain.marker} cook", "is_kitchen": True}
    yield "restaurant_code", 1, {"restaurant_id": chain.restaurant_id, "code": f"{chain.marker}-main"}
    kinds = ((1, "exam", True), (2, "contract", False))
    for number, code, is_health in kinds:
        named = {"code": f"{chain.marker}-{code}", "name": f"{chain.marker} {code}"}
        yield "document_type", number, named | {"is_health": is_health, "months_valid": 12, "remind_days": [30, 7]}
    template = {"template_id": chain.id_of("onboarding_template")}
    yield "onboarding_template", 1, {"name": f"{chain.marker} checklist"}
    told = f"{chain.marker} {{{{step}}}}"
    step = {"position": 1, "code": f"{chain.marker}-step", "name": f"{chain.marker} step", "message_when_done": told}
    yield "onboarding_template_step", 1, template | step
    yield "day_off", 1, {"day": date(2026, 5, 9), "name": f"{chain.marker} day"}
    rule = {"trigger": {"variable": f"{chain.marker}_confirmed"}, "fields": {"name": [f"{chain.marker}_name"]}}
    rule["documents"] = {f"{chain.marker}-exam": f"{chain.marker}_photo"}
    yield "bot_intake_rule", 1, {"bot_id": chain.bot_id} | rule


def _file_of_paper(chain: "Chain") -> dict[str, Any]:
    """The photo of a paper, which is no other file's."""
    photo = f"{chain.marker} photo of a paper".encode()
    kind = {"size": len(photo), "content_type": "image/png", "storage": "database"}
    return kind | {"sha256": hashlib.sha256(photo).digest(), "data": photo}


def _people(chain: "Chain", now: datetime) -> Iterator[tuple[str, int, dict[str, Any]]]:
    for number, restaurant_id in ((1, chain.restaurant_id), (2, chain.assigned_restaurant_id)):
        member = {
            "restaurant_id": restaurant_id,
            "name": f"{chain.marker} employee {number}",
            "phone": PHONES.get(chain.marker, "+7900333000{}").format(number),
            "email": f"employee{number}@{chain.marker}.example",
            "birthday": date(1998, 4, 25),
            "citizenship": f"{chain.marker} citizen",
            "emergency_contact": f"{chain.marker} mother",
            "position_id": chain.id_of("staff_position"),
            "status": "active",
        }
        yield "staff_member", number, member
        of_member = {"staff_member_id": chain.id_of("staff_member", number)}
        yield "staff_field", number, of_member | {
            "field": "citizenship", "value": f"{chain.marker} citizen", "source": "chat", "is_current": True,
            "message_id": chain.message_id,
        }  # fmt: skip
        paper = {"document_type_id": chain.id_of("document_type", number), "number_tail": "1234", "state": "accepted"}
        paper |= {"file_id": chain.id_of("bot_file", 2)} if number == 1 else {}
        yield "staff_document", number, of_member | paper | {"expires_on": (now + timedelta(days=20)).date()}
        reminder = {"staff_document_id": chain.id_of("staff_document", number), "days_before": 30}
        yield "document_reminder", number, reminder
    chat = {"platform": "telegram", "platform_chat_id": f"{chain.marker}-chat", "bot_id": chain.bot_id}
    of_first = {"staff_member_id": chain.id_of("staff_member"), "dialog_id": chain.dialog_id}
    yield "staff_chat", 1, of_first | chat


def _checklists(chain: "Chain", now: datetime) -> Iterator[tuple[str, int, dict[str, Any]]]:
    for number in (1, 2):
        engagement = {
            "staff_member_id": chain.id_of("staff_member", number),
            "name": f"{chain.marker} employee {number}",
            "position": f"{chain.marker} cook",
            "start_date": (now + timedelta(days=3)).date(),
            "first_shift_at": now + timedelta(days=3),
            "hired_on": now.date(),
            "template_id": chain.id_of("onboarding_template"),
        }
        yield "staff_onboarding", number, engagement
        step = {"code": f"{chain.marker}-step", "name": f"{chain.marker} step", "ordinal": 1, "who": "manager"}
        due = {"due_date": (now - timedelta(days=2)).date(), "notes": f"{chain.marker} note of a step"}
        yield "onboarding_step", number, step | due | {"staff_onboarding_id": chain.id_of("staff_onboarding", number)}


def _intake(chain: "Chain", now: datetime) -> Iterator[tuple[str, int, dict[str, Any]]]:
    member = {"staff_member_id": chain.id_of("staff_member")}
    said = {"dialog_id": chain.dialog_id, "bot_id": chain.bot_id, "trigger_message_id": chain.message_id}
    yield "staff_intake", 1, member | said | {"outcome": "created", "details": {"name": f"{chain.marker} employee 1"}}
    question = {"kind": "restaurant", "details": {"value": f"{chain.marker} luna"}}
    yield "staff_question", 1, member | question | {"intake_id": chain.id_of("staff_intake")}
    told = {"kind": "done", "text": f"{chain.marker} told", "due_at": now, "state": "waiting"}
    yield "staff_message", 1, member | told
