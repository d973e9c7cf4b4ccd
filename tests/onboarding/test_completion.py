import pytest

from portal.onboarding.completion import Completion


@pytest.mark.parametrize(("done", "needed", "percent"), [(1, 5, 20), (2, 6, 33), (199, 200, 99), (0, 0, None)])
def test_a_percentage_is_never_rounded_up(done, needed, percent):
    assert Completion(done, needed).percent == percent


def test_nothing_required_is_not_all_done():
    assert not Completion(0, 0).is_full
