"""The peers' own environment, so that the portal's holds nothing of theirs."""

import subprocess
import venv
from importlib.metadata import version
from pathlib import Path

from bench.serving import ROOT

HOME = ROOT / "instance" / "peers"
OWN = Path(__file__).with_name("requirements.txt")
# In the versions that the portal runs on: no peer is slower for an older library.
SHARED = (
    "blinker", "click", "Flask", "Flask-SQLAlchemy", "granian", "greenlet", "itsdangerous", "Jinja2", "MarkupSafe",
    "psycopg", "psycopg-binary", "SQLAlchemy", "typing_extensions", "tzdata", "Werkzeug", "WTForms",
)  # fmt: skip


def requirements() -> str:
    """Every package of the environment with its version."""
    return OWN.read_text("utf-8") + "".join(f"{name}=={version(name)}\n" for name in SHARED)


def python() -> str:
    """The environment's interpreter; the environment is made anew where it is not what it should be."""
    program, record = HOME / "bin" / "python", HOME / "requirements.txt"
    if not record.exists() or record.read_text("utf-8") != requirements():
        venv.create(HOME, clear=True, with_pip=True)
        wanted = HOME / "wanted.txt"
        wanted.write_text(requirements(), "utf-8")
        # Nothing comes along that is not named above; the check says what is missing.
        subprocess.run([program, "-m", "pip", "install", "--quiet", "--no-deps", "-r", wanted], check=True)
        subprocess.run([program, "-m", "pip", "check"], check=True)
        wanted.rename(record)
    return str(program)


def packages() -> Path:
    """Where its packages stand."""
    return next(HOME.glob("lib/python*/site-packages"))
