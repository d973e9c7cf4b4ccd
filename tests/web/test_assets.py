"""Static files: compressed on the way, and closed behind it."""

import gc

import pytest


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
def test_a_static_file_is_closed_once_it_is_sent(app, encoding):
    """A file that nobody closes warns when it is collected, and a warning fails the test."""
    answer = app.test_client().get("/static/css/base.css", headers={"Accept-Encoding": encoding})
    assert answer.status_code == 200
    assert answer.data
    answer.close()
    del answer
    gc.collect()
