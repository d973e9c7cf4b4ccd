"""Made-up conversations: a walk through a scenario that answers as guests do, and stops anywhere."""

import string
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from portal.development.demo.files import plan_of
from portal.scenarios.document.conditions import evaluate, parse_condition
from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.document.steps import ExpectedInput, Step

DAYS = 30
MAX_STEPS = 60
FINISHERS = 0.45
# In UTC, from a late breakfast to a late supper in Moscow.
WAKING_HOURS = (7, 8, 9, 9, 10, 10, 11, 12, 13, 14, 15, 15, 16, 16, 17, 17, 18, 19)


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation and where it stands; ``turns`` are the steps that were entered, each with its answer."""

    platform: str
    chat_id: str
    name: str
    turns: list[tuple[str, Any]]
    collected: dict[str, Any]
    started_at: datetime
    last_at: datetime

    @property
    def step_id(self) -> str:
        """The step where it stands."""
        return self.turns[-1][0]


class Conversations:
    """Conversations about one scenario, over the last days."""

    def __init__(self, document: ScenarioDocument, random: Random, now: datetime) -> None:
        self.document, self.random, self.now = document, random, now
        self.samples: dict[str, list[str]] = plan_of("samples.json")

    def some(self, count: int, platforms: list[str], days_ago: int = 0) -> Iterator[Talk]:
        """So many of the ``DAYS`` that ended ``days_ago``; most on the first platform, more late than early."""
        for _number in range(count):
            platform = platforms[0] if self.random.random() < 0.6 else self.random.choice(platforms)
            last_at = self.moment(self.now - timedelta(days=days_ago, minutes=3))
            started_at = last_at - timedelta(minutes=self.random.randint(2, 55))
            person = self.random.randrange(len(self.samples["full_name"]))
            turns, collected = self.walk(last_at, person)
            name = self.samples["full_name"][person]
            yield Talk(platform, self.chat_id(platform), name, turns, collected, started_at, last_at)

    def moment(self, latest: datetime) -> datetime:
        """A moment of the days before ``latest``, by day as people eat."""
        at = latest - timedelta(days=DAYS * self.random.random() ** 1.3)
        by_day = at.replace(hour=self.random.choice(WAKING_HOURS))
        return by_day if by_day <= latest else at

    def chat_id(self, platform: str) -> str:
        """A chat's id as the platform gives them out."""
        if platform == "telegram":
            return str(self.random.randint(200_000_000, 7_000_000_000))
        if platform == "whatsapp":
            return f"7900555{self.random.randint(0, 9999):04d}"
        signs = self.random.choices(string.ascii_letters + string.digits, k=22)
        return "".join(signs) + "=="

    def walk(self, at: datetime, person: int) -> tuple[list[tuple[str, Any]], dict[str, Any]]:
        """The steps that somebody was taken through by ``at``, and what they answered on the way."""
        patience = MAX_STEPS if self.random.random() < FINISHERS else self.random.randint(0, 8)
        variables: dict[str, Any] = {}
        turns: list[tuple[str, Any]] = []
        step = self.document.steps_by_id[self.document.start_step or ""]
        for _hop in range(MAX_STEPS):
            turns.append((step.id, None))
            if step.expected_input:
                if patience == 0:
                    break
                patience -= 1
                given = self.answer(step, step.expected_input, person, at)
                variables[step.expected_input.variable] = given
                turns[-1] = (step.id, given)
            following = next_step(self.document, step, variables)
            if following is None:
                break
            step = following
        return turns, variables

    def answer(self, step: Step, expected: ExpectedInput, person: int, at: datetime) -> Any:
        """What somebody answers at a step."""
        if step.buttons:
            values = [button.value for button in step.buttons]
            return self.random.choices(values, weights=[3, *[1] * (len(values) - 1)])[0]
        if expected.variable in ("full_name", "email"):
            return self.samples[expected.variable][person]
        kinds = {"number": self.number, "phone": self.phone, "file": self.file, "location": self.location}
        if expected.kind == "date":
            return self.date(expected, at)
        if expected.kind in kinds:
            return kinds[expected.kind](expected)
        return self.random.choice(self.samples.get(expected.variable) or self.samples["comment"])

    def number(self, expected: ExpectedInput) -> int:
        """A number between the limits, near the lower one."""
        least, most = expected.validation.get("min_value", 1), expected.validation.get("max_value", 100)
        return int(least + (most - least) * self.random.random() ** 2)

    def phone(self, expected: ExpectedInput) -> str:
        """A phone number that nobody has."""
        return f"+7900555{self.random.randint(0, 9999):04d}"

    def date(self, expected: ExpectedInput, at: datetime) -> str:
        """A birthday where only the past is allowed, else one of the next days."""
        if "max_date" in expected.validation:
            year, month, day = (self.random.randint(*span) for span in ((1975, 2006), (1, 12), (1, 28)))
            return f"{year}-{month:02d}-{day:02d}"
        return f"{at + timedelta(days=self.random.randint(0, 12)):%Y-%m-%d}"

    def file(self, expected: ExpectedInput) -> dict[str, Any]:
        """A photo that was sent."""
        number = self.random.randint(1000, 9999)
        return {"file_id": f"media/inbox/{number}.jpg", "mime_type": "image/jpeg", "size_kb": number // 8}

    def location(self, expected: ExpectedInput) -> dict[str, float]:
        """A place in Moscow."""
        return {
            "latitude": round(55.6 + self.random.random() / 4, 5),
            "longitude": round(37.4 + self.random.random() / 3, 5),
        }


def next_step(document: ScenarioDocument, step: Step, variables: dict[str, Any]) -> Step | None:
    """The step that follows, or ``None`` at the end."""
    for route in step.routes:
        if route.condition is None or evaluate(parse_condition(route.condition), variables):
            return document.steps_by_id.get(route.target or "")
    return None
