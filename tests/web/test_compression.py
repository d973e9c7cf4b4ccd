"""Pages are compressed on the way, in what the browser takes."""

import gzip

import brotli
import pytest


@pytest.fixture
def page(app):
    def ask(accepted):
        return app.test_client().get("/login", base_url="https://localhost", headers={"Accept-Encoding": accepted})

    return ask


@pytest.mark.parametrize("accepted", ["br", "gzip, deflate, br, zstd", "gzip;q=0.5, br;q=1"])
def test_a_browser_that_takes_brotli_gets_it(page, accepted):
    answer = page(accepted)
    assert answer.headers["Content-Encoding"] == "br"
    assert b"</html>" in brotli.decompress(answer.data)
    assert int(answer.headers["Content-Length"]) == len(answer.data)


@pytest.mark.parametrize("accepted", ["gzip", "gzip, br;q=0", "gzip, br;q=0.5"])
def test_one_that_likes_gzip_better_gets_that(page, accepted):
    answer = page(accepted)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"</html>" in gzip.decompress(answer.data)


@pytest.mark.parametrize("accepted", ["", "identity", "identity;q=1, br;q=0.5", "nonsense"])
def test_others_get_the_page_as_it_is(page, accepted):
    answer = page(accepted)
    assert "Content-Encoding" not in answer.headers
    assert b"</html>" in answer.data


@pytest.mark.parametrize("accepted", ["br", "gzip", ""])
def test_caches_are_told_that_the_answer_depends_on_it(page, accepted):
    assert "Accept-Encoding" in page(accepted).headers["Vary"]
