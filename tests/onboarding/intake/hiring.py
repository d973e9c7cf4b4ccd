"""A chat in which answers are given, and the worker that takes them into the record."""

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from portal.onboarding.intake.jobs import take_answers
from tests.fakes import DEMO as DEMO_NUMBERS
from tests.messaging.conftest import Stepper
from tests.world import Chain

S = "getinn_ops"
DEMO = Path(__file__).parents[3] / "portal" / "development" / "demo" / "staff_onboarding.json"
# What the older platform's scenarios look like: buttons whose values are codes, a day without a year, then a menu.
OLDER = {
    "ask_first": {"text": "Name?", "variable": "first_name"},
    "ask_last": {"text": "Last name?", "variable": "last_name"},
    "ask_position": {"text": "Position?", "variable": "position"},
    "ask_project": {"text": "Where?", "variable": "project"},
    "ask_shift": {"text": "First shift?", "variable": "first_shift_datetime"},
    "ask_citizenship": {"text": "Citizenship?", "variable": "citizenship"},
    "ask_confirmed": {"text": "All right?", "variable": "data_confirmed"},
}
OLDER_RULE = {
    "trigger": {"variable": "data_confirmed", "equals": "yes"},
    "fields": {
        "name": ["first_name", "last_name"],
        "position": "position",
        "restaurant": "project",
        "first_shift_at": "first_shift_datetime",
        "citizenship": "citizenship",
    },
}
DEMO_RULE = {
    "trigger": {"variable": "confirmation", "equals": "confirmed"},
    "fields": {
        "name": ["full_name"], "position": "position", "phone": "phone", "email": "email", "birthday": "birthday",
        "uniform_size": "uniform_size",
    },
    "documents": {"medical_exam": "medical_book_photo"},
    "consent": "rules_accepted",
}  # fmt: skip
ANNA = (
    "/start", "Анна Смирнова", "cook", "8 900 123-45-67", "anna@example.ru", "25.04.1998", "44", "yes", None, "agreed",
    "confirmed",
)  # fmt: skip
IVAN = ("/start", "Ivan", "Petrov", "food-guide", "pyatnitskaya", "10.08 10:00", "rf", "yes")


def older_steps() -> dict[str, Any]:
    """A step for each question, the way back on "no", and the menu in the end."""
    names, steps = list(OLDER), {}
    for name, following in itertools.pairwise([*names, "menu"]):
        asked = OLDER[name]
        expected = {"type": "text", "variable": asked["variable"]}
        steps[name] = {"message": {"text": asked["text"]}, "expected_input": expected, "next_step": following}
    again = {"if": "data_confirmed == 'no'", "then": names[0]}
    steps[names[-1]]["next_step"] = {"type": "conditional", "conditions": [again], "else": "menu"}
    steps["menu"] = {
        "message": {"text": "Menu"},
        "buttons": [{"text": "Rules", "value": "rules"}],
        "expected_input": {"type": "button", "variable": "menu"},
        "next_step": "menu",
    }
    return steps


class Hiring:
    """A bot with a rule, the chats that are led with it, and what the worker does of them."""

    def __init__(self, traffic: Stepper, run_job: Callable[..., None], chain: Chain) -> None:
        self.traffic, self.run_job, self.chain, self.sql = traffic, run_job, chain, traffic.sql
        self.ids = itertools.count(1000)
        self.done = 0
        self.done = max((each.id for each in self.jobs()), default=0)
        traffic.chain = chain
        # A chain that has no template of its own begins with the portal's.
        traffic.sql(f"UPDATE {S}.onboarding_template SET is_active = false WHERE account_id = %s", [chain.account_id])

    def declare(self, rule: dict[str, Any], **more: Any) -> None:
        """The rule of the chain's bot."""
        told = {"documents": {}, "consent": None, "restaurant_id": None, "is_on": True} | rule | more
        self.sql(
            f"UPDATE {S}.bot_intake_rule SET trigger = %s, fields = %s, documents = %s, consent = %s,"
            " restaurant_id = %s, is_on = %s WHERE bot_id = %s",
            [
                *(json.dumps(told[key]) for key in ("trigger", "fields", "documents")),
                *(told[key] for key in ("consent", "restaurant_id", "is_on")),
                self.chain.bot_id,
            ],
        )

    def knows(self, position: str = "", code: str = "", zone: str | None = "Europe/Moscow") -> None:
        """Give the chain a position and a code of its first restaurant, whose clocks are a zone's."""
        own = self.chain
        if position:
            values = [own.account_id, position, f"{own.marker} {position}"]
            self.sql(f"INSERT INTO {S}.staff_position (account_id, code, name) VALUES (%s, %s, %s)", values)
        if code:
            values = [own.account_id, own.restaurant_id, code]
            self.sql(f"INSERT INTO {S}.restaurant_code (account_id, restaurant_id, code) VALUES (%s, %s, %s)", values)
        self.sql(f"UPDATE {S}.restaurant SET timezone = %s WHERE id = %s", [zone, own.restaurant_id])
        self.sql(f"UPDATE {S}.user SET timezone = %s WHERE id = %s", [zone, own.owner.id])

    def kind(self, code: str = "medical_exam") -> UUID:
        """A kind of papers."""
        kind_id = uuid4()
        values = [kind_id, self.chain.account_id, code, f"{self.chain.marker} {code}"]
        self.sql(f"INSERT INTO {S}.document_type (id, account_id, code, name) VALUES (%s, %s, %s, %s)", values)
        return kind_id

    def says(self, chat: str, *texts: str | None, day: str = "2026-08-03", twice: bool = False) -> None:
        """Let a person answer, one word after the other; ``None`` is a photo. The worker applies each."""
        for text in texts:
            # People take longer than tests: they send no thirty messages a minute.
            self.sql(f"UPDATE {S}.bot_dialog_state SET engine_state = engine_state - 'window'")
            payload = self.payload(chat, text, day)
            for _ in range(2 if twice else 1):
                self.traffic.delivers(payload, self.chain.telegram_id)
                self.traffic.drain()
            while self.traffic.dialog(chat).wake_at is not None:
                self.traffic.make_due()
                self.traffic.tick()

    def says_in_whatsapp(self, chat: str, *texts: str | None, credential_id: UUID) -> None:
        """The same on another platform."""
        for text in texts:
            number = next(self.ids)
            photo = {"type": "image", "image": {"id": str(number), "mime_type": "image/jpeg", "sha256": "aa"}}
            told = photo if text is None else {"type": "text", "text": {"body": text}}
            message = {"from": chat, "id": f"wamid.h{number}", "timestamp": "1785740400"} | told
            value = {
                "messaging_product": "whatsapp",
                "metadata": {"phone_number_id": DEMO_NUMBERS["whatsapp"]["phone_number_id"]},
                "contacts": [{"profile": {"name": "Ann"}, "wa_id": chat}],
                "messages": [message],
            }
            entry = [{"id": "1", "changes": [{"field": "messages", "value": value}]}]
            self.traffic.delivers({"object": "whatsapp_business_account", "entry": entry}, credential_id)
            self.traffic.drain()
            while self.traffic.dialog(chat).wake_at is not None:
                self.traffic.make_due()
                self.traffic.tick()

    def payload(self, chat: str, text: str | None, day: str) -> dict[str, Any]:
        """What the messenger delivers of it."""
        number = next(self.ids)
        at = int(datetime.fromisoformat(day).replace(hour=7, tzinfo=UTC).timestamp())
        person = {"id": int(chat), "first_name": "Ann", "is_bot": False}
        message = {"message_id": number, "date": at, "chat": {"id": int(chat), "type": "private"}, "from": person}
        photo = {"photo": [{"file_id": f"file-{number}", "file_unique_id": f"u-{number}", "width": 9, "height": 9}]}
        return {"update_id": number, "message": message | (photo if text is None else {"text": text})}

    def jobs(self) -> list[Any]:
        """What the transactions of the answers have asked for and nobody has done yet."""
        return self.sql(
            "SELECT id, args FROM getinn_ops_jobs.procrastinate_jobs WHERE task_name = 'take_answers'"
            " AND id > %s ORDER BY id",
            [self.done],
        )

    def work(self) -> int:
        """Run the jobs as the worker does; how many there were."""
        jobs = self.jobs()
        for each in jobs:
            self.done = each.id
            self.run_job(take_answers, **each.args)
        return len(jobs)

    def hires(self, chat: str, *texts: str | None, **options: Any) -> None:
        """A whole conversation, and what follows from it."""
        self.says(chat, *texts, **options)
        self.work()

    # What is there, beside the cast.

    def rows(self, table: str, where: str = "true", order: str = "created_at, id") -> list[Any]:
        """The rows of the chain that are not the cast's."""
        query = f"SELECT * FROM {S}.{table} WHERE account_id = %s AND id::text NOT LIKE %s AND {where} ORDER BY {order}"
        return self.sql(query, [self.chain.account_id, f"{self.chain.prefix}%"])

    def members(self) -> list[Any]:
        """Those who were hired."""
        return self.rows("staff_member")

    def questions(self, *, is_open: bool = True) -> list[Any]:
        """What is asked."""
        return self.rows("staff_question", "answered_at IS NULL" if is_open else "answered_at IS NOT NULL", "kind")

    def counts(self) -> dict[str, int]:
        """How many rows there are of each kind."""
        tables = (
            "staff_member", "staff_onboarding", "onboarding_step", "staff_chat", "staff_field", "staff_document",
            "staff_intake", "staff_question",
        )  # fmt: skip
        return {table: len(self.rows(table)) for table in tables}

    def sources(self) -> dict[str, str]:
        """By field the text of the message that gave the current value."""
        found = self.sql(
            f"SELECT f.field, m.text FROM {S}.staff_field f JOIN {S}.bot_message m ON m.id = f.message_id"
            " WHERE f.is_current AND f.account_id = %s AND f.id::text NOT LIKE %s",
            [self.chain.account_id, f"{self.chain.prefix}%"],
        )
        return {row.field: row.text for row in found}
