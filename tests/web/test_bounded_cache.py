"""Memory for what takes long to make, shared by the accounts."""

from uuid import UUID

import pytest

from portal.web.bounded_cache import BoundedCache

A, B = UUID(int=1), UUID(int=2)


@pytest.fixture
def cache():
    return BoundedCache(max_bytes=100, max_account_bytes=60)


def test_what_was_kept_is_given_back_to_its_own_account_alone(cache):
    cache.put(A, "page", "of a", 10)
    assert (cache.get(A, "page"), cache.get(B, "page")) == ("of a", None)


def test_an_account_that_fills_the_memory_throws_out_its_own(cache):
    cache.put(B, "page", "of b", 40)
    for number in range(50):
        cache.put(A, number, "of a", 20)
    assert cache.get(B, "page") == "of b"
    assert [number for number in range(50) if cache.get(A, number)] == [47, 48, 49]
    assert cache.size == 100


def test_what_was_used_longest_ago_goes_first(cache):
    for key in "abc":
        cache.put(A, key, key, 20)
    cache.get(A, "a")
    cache.put(A, "d", "d", 20)
    assert [key for key in "abcd" if cache.get(A, key)] == ["a", "c", "d"]


def test_the_memory_is_bounded_over_all_accounts(cache):
    for number in range(30):
        cache.put(UUID(int=number), "page", "x", 30)
    assert cache.size <= 100


def test_what_is_larger_than_an_accounts_share_is_not_kept(cache):
    cache.put(A, "small", "s", 10)
    cache.put(A, "large", "l", 61)
    assert (cache.get(A, "small"), cache.get(A, "large")) == ("s", None)


def test_what_is_kept_again_counts_once(cache):
    cache.put(A, "page", "old", 50)
    cache.put(A, "page", "new", 30)
    assert (cache.get(A, "page"), cache.size) == ("new", 30)
