"""One amount as the sum of several: which 2 to 6 of at most 25 come to it exactly.

The candidates are cut in two; the sums of all choices of one half are looked up among those of the other. A choice that
holds a smaller one which comes to the same is none of its own: an invoice and the credit note that takes it back add
nothing to a sum.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

MIN_PARTS, MAX_PARTS = 2, 6
MAX_CANDIDATES = 25
# So many choices that come to one amount are told apart; beyond them it is anyway not one alone.
MAX_FOUND = 200

Choice = frozenset[int]
# Choices of one half by how many parts they have: (sum, the places chosen as bits of a number).
Half = list[list[tuple[int, int]]]


@dataclass
class Effort:
    """How many choices may still be looked at: no statement takes all of a worker's time."""

    left: int = 6_000_000

    def allows(self, steps: int) -> bool:
        """Take so many of them; false where so many are not left."""
        if self.left < steps:
            return False
        self.left -= steps
        return True


def choices_for(amounts: Sequence[int], targets: Iterable[int], effort: Effort) -> dict[int, list[Choice]] | None:
    """The choices of places that come to each target, the smallest alone; ``None`` where that is too much work."""
    wanted = set(targets)
    middle = len(amounts) // 2
    first, second = _half(amounts, range(middle)), _half(amounts, range(middle, len(amounts)))
    looks_up = len(wanted) * _size(second) <= _all_pairs(first, second)
    if not effort.allows(len(wanted) * _size(second) if looks_up else _all_pairs(first, second)):
        return None
    found = _looked_up(first, second, wanted) if looks_up else _walked(first, second, wanted)
    # So many were found that there may be more: certainly not one alone.
    return {target: smallest(each) if len(each) < MAX_FOUND else each[:MIN_PARTS] for target, each in found.items()}


def smallest(choices: Iterable[Choice]) -> list[Choice]:
    """Those that hold no other one."""
    kept: list[Choice] = []
    for choice in sorted(choices, key=lambda each: (len(each), sorted(each))):
        if not any(other <= choice for other in kept):
            kept.append(choice)
    return kept


def _half(amounts: Sequence[int], places: range) -> Half:
    by_parts: Half = [[(0, 0)], *([] for _ in range(MAX_PARTS))]
    for place in places:
        amount, bit = amounts[place], 1 << place
        # From the most parts down: nothing is added to what this place has just made.
        for parts in range(MAX_PARTS, 0, -1):
            by_parts[parts] += [(total + amount, bits | bit) for total, bits in by_parts[parts - 1]]
    return by_parts


def _size(half: Half) -> int:
    return sum(map(len, half))


def _all_pairs(first: Half, second: Half) -> int:
    return sum(len(first[one]) * len(second[other]) for one, other in _sizes())


def _sizes() -> Iterator[tuple[int, int]]:
    """How many parts of each half make 2 to 6 together."""
    for total in range(MIN_PARTS, MAX_PARTS + 1):
        yield from ((one, total - one) for one in range(total + 1))


def _looked_up(first: Half, second: Half, wanted: set[int]) -> dict[int, list[Choice]]:
    """For a few targets: each sum of one half asks for the rest among those of the other."""
    by_sum: dict[int, list[int]] = defaultdict(list)
    for total, bits in (each for found in first for each in found):
        by_sum[total].append(bits)
    answer: dict[int, list[Choice]] = defaultdict(list)
    for target in wanted:
        for total, bits in (each for found in second for each in found):
            for other in by_sum.get(target - total, ()):
                _note(answer[target], bits | other)
    return answer


def _walked(first: Half, second: Half, wanted: set[int]) -> dict[int, list[Choice]]:
    """For many targets: every choice is made once, and its sum looked up among them."""
    answer: dict[int, list[Choice]] = defaultdict(list)
    for one, other in _sizes():
        rests = second[other]
        for total, bits in first[one]:
            for rest, added in [each for each in rests if each[0] + total in wanted]:
                _note(answer[total + rest], bits | added)
    return answer


def _note(found: list[Choice], bits: int) -> None:
    if MIN_PARTS <= bits.bit_count() <= MAX_PARTS and len(found) < MAX_FOUND:
        found.append(frozenset(place for place in range(bits.bit_length()) if bits >> place & 1))
