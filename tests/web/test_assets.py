"""Static files: compressed on the way, and closed behind it."""

import gc

import pytest


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
def test_a_static_file_is_closed_once_it_is_sent(app, encoding):
    """A file that nobody closes warns when it is collected, and a warning fails the test."""
    answer = app.test_client().get("/static/portal.css", headers={"Accept-Encoding": encoding})
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding", "identity") == encoding
    assert answer.data
    answer.close()
    del answer
    gc.collect()


def test_a_bundle_says_what_its_files_say_without_comments(app):
    sent = app.test_client().get("/static/portal.css").text
    assert sent.startswith("@layer reset,base,components,modules,utilities;")
    assert "/*" not in sent
    assert ".table--list" in sent
    assert 'url("fonts/onest-latin.woff2' in sent
    script = app.test_client().get("/static/portal.js").text
    assert script.index("htmx=") < script.index("window.htmx?.initialize()")


@pytest.mark.parametrize("path", ["../config/__init__.py", "css/../../pyproject.toml", "css", "nothing.css"])
def test_nothing_but_files_of_the_folder_is_sent(app, path):
    assert app.test_client().get(f"/static/{path}").status_code == 404
