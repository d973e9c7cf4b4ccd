"""A package of intents, uploaded as a ZIP file."""

import html
import io
import json
import re
import zipfile

import pytest

PACKAGE = {"package_name": "Onboarding package", "version": "3.1", "deployment_order": ["kitchen"]}
KITCHEN = {"intent_id": "kitchen", "steps": {"knives": {"message": {"text": "Knives"}}}}


@pytest.fixture
def owner(world, browse):
    return browse(world.pelmenya.owner)


@pytest.fixture
def base(world, owner):
    return owner.account(f"bots/{world.pelmenya.bot_id}/scenarios")


def upload(**files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.json", text)
    return {"file": (io.BytesIO(content.getvalue()), "package.zip"), "source": ""}


def test_a_package_is_saved_as_one_version_and_drawn_with_all_its_steps(owner, base):
    answer = owner.post(f"{base}/new", upload(package=json.dumps(PACKAGE), kitchen=json.dumps(KITCHEN)))
    assert answer.status_code == 303
    page = owner.get(answer.location).text
    assert "Onboarding package" in page
    assert "kitchen/knives" in page
    source = owner.get(f"{answer.location}/source").text
    assert json.loads(source) == {"package": PACKAGE, "intents": [KITCHEN]}
    assert json.dumps(KITCHEN) in source


def test_checking_a_package_shows_its_text_and_its_problems(owner, base):
    files = upload(package=json.dumps(PACKAGE), bar=json.dumps({**KITCHEN, "intent_id": "bar"}))
    page = html.unescape(owner.post(f"{base}/new", {**files, "check": "1"}).text)
    assert "package.deployment_order[0]" in page
    assert re.search(r"<textarea[^>]*>[^<]*Onboarding package", page)


@pytest.mark.parametrize(
    ("files", "told"), [({"kitchen": "{}"}, "package.json"), ({"package": "{}", "a": "{"}, "a.json")]
)
def test_a_package_that_cannot_be_read_is_refused_by_file(owner, base, files, told):
    answer = owner.post(f"{base}/new", upload(**files))
    assert answer.status_code == 422
    assert told in answer.text


def test_a_zip_file_that_is_too_large_or_none_is_refused(owner, base):
    for content in (b"PK\x03\x04" + b"x" * 2_000_000, b"PK\x03\x04", b"PK\x03\x04\xff\xfe"):
        answer = owner.post(f"{base}/new", {"file": (io.BytesIO(content), "package.zip"), "source": ""})
        assert answer.status_code == 422
