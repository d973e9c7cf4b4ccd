"""Measuring beside the peers: their environment is pinned, and figures of the same round are compared."""

import re
from argparse import Namespace

import pytest

from bench import comparison, pages
from bench.comparison import Contestant, Figure, heading, in_rounds, lines
from bench.observation import AROUND, SENT
from bench.peers import environment


def test_every_package_of_the_peers_is_pinned_once():
    lines = [line for line in environment.requirements().splitlines() if not line.startswith("#")]
    pins = [re.fullmatch(r"([A-Za-z0-9_.-]+)==([0-9][\w.]*)", line) for line in lines]
    assert None not in pins
    found = [pin[1].lower().replace("_", "-") for pin in pins]
    assert sorted(found) == sorted(set(found))
    assert {"django", "flask-admin", "granian", "gunicorn", "sqlalchemy"} <= set(found)


def test_the_environment_is_made_anew_only_where_a_version_differs(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(environment, "HOME", tmp_path)
    monkeypatch.setattr(environment.venv, "create", lambda home, **options: made.append(home))
    monkeypatch.setattr(environment.subprocess, "run", lambda command, check: None)
    assert environment.python() == environment.python()
    assert made == [tmp_path]
    monkeypatch.setattr(environment, "version", lambda name: "0.0")
    environment.python()
    assert made == [tmp_path, tmp_path]


def test_each_round_is_begun_by_another_contestant(monkeypatch):
    asked = []
    monkeypatch.setattr(comparison, "load", lambda port, requests, clients, seconds: (0.0, 0))
    monkeypatch.setattr(comparison, "_figure", lambda each, *rest: asked.append(each.name) or Figure(1.0, 1.0))
    contestants = [Contestant(name, Namespace(port=0), {"list": []}) for name in ("ours", "floor", "peer")]
    found = in_rounds("list", contestants, 1, Namespace(rounds=3, seconds=1))
    assert asked == ["ours", "floor", "peer", "floor", "peer", "ours", "peer", "ours", "floor"]
    assert {name: len(figures) for name, figures in found.items()} == {"ours": 3, "floor": 3, "peer": 3}


def test_a_ratio_is_of_one_round_and_the_middle_one_is_told():
    ours = [Figure(100, 10), Figure(10, 10), Figure(100, 10)]
    peer = [Figure(50, 20), Figure(20, 20), Figure(25, 30)]
    first, second = lines("list", {"ours": ours, "peer": peer})
    assert first.split() == ["list", "ours", "100", "10.00"]
    assert second.split() == ["list", "peer", "25", "2.00", "(0.50–4.00)", "20.00", "2.00"]
    assert "3 rounds of 2 s" in heading("granian", 16, Namespace(rounds=3, seconds=2.0))


def test_statements_are_counted_without_the_bounds_of_transactions_and_settings():
    log = (
        "2026 UTC [1] LOG:  statement: BEGIN\n"
        "2026 UTC [1] LOG:  execute <unnamed>: SELECT set_config('getinn.account_id', $1, true)\n"
        "2026 UTC [1] LOG:  execute _pg3_1: \n    SELECT name\n    FROM restaurant\n"
        "2026 UTC [1] DETAIL:  Parameters: $1 = 'x'\n"
        "2026 UTC [1] LOG:  statement: SELECT set_config('getinn.door', 'session', true), id FROM account\n"
        "2026 UTC [1] LOG:  statement: COMMIT\n"
    )
    counted = [text for text in SENT.findall(log) if not AROUND.match(text)]
    assert counted == ["", "SELECT set_config('getinn.door', 'session', true), id FROM account"]


@pytest.mark.parametrize(
    ("page", "answer", "faults"),
    [
        ("list of 50", "Blin a, Blin b", []),
        ("list of 50", "Blin a", ["no Blin b"]),
        ("list of 50", "Blin a, Blin b, Blin c", ["Blin c"]),
        ("search, a rare word", "Blin c", []),
        ("search, a rare word", "Blin a, Blin c", ["Blin a"]),
        ("edit form", "Blin c in Europe/Moscow", []),
        ("detail", "please sign in", ["no Blin c", "no Europe/Moscow"]),
    ],
)
def test_an_answer_with_the_wrong_rows_is_no_contest(page, answer, faults):
    about = pages.Asked(None, "Blin c", ("Blin a", "Blin b", "Blin c"), "user", "credential")
    assert about.faults(page, answer) == faults
