"""What tests of files share: sending some, and a bucket to keep them in."""

import dataclasses
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.browsing import Browser
from tests.jobs.conftest import run_job as run_job
from tests.jobs.conftest import waiting_jobs as waiting_jobs
from tests.media.fake_bucket import FakeBucket


@pytest.fixture
def library(world: Any) -> str:
    """The address of the library of Pelmenya's bot, below the chain's."""
    return f"bots/{world.pelmenya.bot_id}/media"


@pytest.fixture
def upload(library: str) -> Callable[..., TestResponse]:
    """``upload(browser, ("menu.png", PNG), …, key="menu")`` sends the form of new files."""

    def send(browser: Browser, *files: tuple[str, bytes], **fields: str) -> TestResponse:
        sent = [(io.BytesIO(data), name) for name, data in files]
        return browser.post(browser.account(f"{library}/new"), {"files": sent, **fields})

    return send


@pytest.fixture
def bucket(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBucket]:
    """The portal keeps new files in this bucket meanwhile."""
    fake = FakeBucket()
    settings = dataclasses.replace(app.config["PORTAL"], media_bucket=fake.settings)
    monkeypatch.setitem(app.config, "PORTAL", settings)
    app.extensions.pop("media_bucket", None)
    yield fake
    app.extensions.pop("media_bucket", None)
    fake.close()
