"""What tests of the intake share."""

import json

import pytest

from tests.jobs.conftest import run_job  # noqa: F401
from tests.messaging.conftest import messenger, switch_on, traffic  # noqa: F401
from tests.onboarding.intake.hiring import DEMO, DEMO_RULE, OLDER_RULE, Hiring, older_steps


@pytest.fixture
def hiring(traffic, run_job, world) -> Hiring:  # noqa: F811
    """Pelmenya's bot, which takes answers into the record."""
    return Hiring(traffic, run_job, world.pelmenya)


@pytest.fixture
def older(hiring) -> Hiring:
    """That bot with a scenario of the older platform's kind."""
    hiring.traffic.publish(older_steps())
    hiring.declare(OLDER_RULE)
    hiring.knows(position="food-guide", code="pyatnitskaya")
    return hiring


@pytest.fixture
def demo(hiring) -> Hiring:
    """That bot with the scenario of the demo."""
    document = json.loads(DEMO.read_text("utf-8"))
    hiring.traffic.publish(document["steps"], document["start_step"])
    hiring.declare(DEMO_RULE)
    hiring.knows(position="cook")
    hiring.kind()
    return hiring
