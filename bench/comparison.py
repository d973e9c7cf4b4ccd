"""Contestants measured in turn, in the same rounds, so that what else the machine does meets them all alike."""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.client import load
from bench.serving import THREADS, Served

WARM_UP = 0.5  # seconds
COLUMNS = (
    f"{'page':<26}{'of':<14}{'requests/s':>11}{'ours/theirs':>13}{'(range)':>14}{'CPU ms':>8}{'CPU, theirs/ours':>18}"
)


@dataclass(frozen=True)
class Contestant:
    """One server, and the requests that each of its pages takes; a page of several is asked for in turn."""

    name: str
    served: Served
    pages: Mapping[str, list[bytes] | Callable[[], bytes]]


@dataclass(frozen=True)
class Figure:
    """What one contestant reached in one round: requests a second, and processor time of one in milliseconds."""

    rate: float
    cpu: float


Rounds = dict[str, list[Figure]]


def options(description: str | None) -> argparse.ArgumentParser:
    """The arguments that every comparison takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--clients", type=int, nargs="+", default=[16], help="at a time, one run for each number")
    parser.add_argument("--seconds", type=float, default=1.0, help="of one contestant in one round")
    parser.add_argument("--rounds", type=int, default=10)
    return parser


def in_rounds(page: str, contestants: Sequence[Contestant], clients: int, arguments: argparse.Namespace) -> Rounds:
    """One page of all contestants, round by round; another one begins each round."""
    for each in contestants:
        load(each.served.port, each.pages[page], clients, WARM_UP)
    found: Rounds = {each.name: [] for each in contestants}
    for number in range(arguments.rounds):
        first = number % len(contestants)
        for each in (*contestants[first:], *contestants[:first]):
            found[each.name].append(_figure(each, page, clients, arguments.seconds))
    return found


def _figure(contestant: Contestant, page: str, clients: int, seconds: float) -> Figure:
    before, started = contestant.served.cpu, time.perf_counter()
    rate, _ = load(contestant.served.port, contestant.pages[page], clients, seconds)
    requests = rate * (time.perf_counter() - started)
    return Figure(rate, (contestant.served.cpu - before) / requests * 1000)


def heading(server: str, clients: int, arguments: argparse.Namespace) -> str:
    """What the lines below it were measured with."""
    return (
        f"\n{server}, one process of {THREADS} threads each; {clients} clients, {arguments.rounds} rounds of"
        f" {arguments.seconds:g} s; the ratios are medians over the rounds\n{COLUMNS}"
    )


def lines(page: str, found: Rounds) -> Iterator[str]:
    """A line a contestant, ours first; a ratio above one says that ours is faster."""
    ours = found["ours"]
    for name, theirs in found.items():
        rate, cpu = (statistics.median(getattr(each, what) for each in theirs) for what in ("rate", "cpu"))
        line = f"{page:<26}{name:<14}{rate:>11.0f}"
        if theirs is ours:
            yield f"{line}{'':>27}{cpu:>8.2f}"
            continue
        ratios = sorted(us.rate / them.rate for us, them in zip(ours, theirs, strict=True))
        spread = f"({ratios[0]:.2f}–{ratios[-1]:.2f})"
        saved = statistics.median(them.cpu / us.cpu for us, them in zip(ours, theirs, strict=True))
        yield f"{line}{statistics.median(ratios):>13.2f}{spread:>14}{cpu:>8.2f}{saved:>18.2f}"
