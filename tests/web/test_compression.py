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


REFUSALS = {
    "br;q=0": "br", "br; q=0.000, *": "br", "*;q=0.5, br;q=0": "br", "BR;q=0, *": "br", "identity;q=0.1, br;q=0": "br",
    "gzip;q=0": "gzip", "gzip;q=0, *;q=0.1": "gzip", "br, *;q=0": "gzip zstd", "*;q=0": "br gzip zstd",
    "br;q=0, gzip;q=0, *": "br gzip", "br;q=0, gzip;q=0, zstd;q=0, deflate;q=0, *": "br gzip zstd deflate",
}  # fmt: skip


@pytest.mark.parametrize("path", ["/login", "/static/js/portal.js", "/no/such/page"])
@pytest.mark.parametrize(("accepted", "refused"), REFUSALS.items())
def test_nobody_gets_what_they_refuse(app, path, accepted, refused):
    answer = app.test_client().get(path, base_url="https://localhost", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") not in refused.split()
    assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize("path", ["/login", "/static/js/portal.js"])
@pytest.mark.parametrize("accepted", ["*, br;q=0", "gzip;q=0.3, br; q=0"])
def test_who_refuses_brotli_gets_the_other_one(app, path, accepted):
    answer = app.test_client().get(path, base_url="https://localhost", headers={"Accept-Encoding": accepted})
    assert answer.headers["Content-Encoding"] in ("gzip", "zstd")


@pytest.mark.parametrize("accepted", ["br", "gzip", ""])
def test_caches_are_told_that_the_answer_depends_on_it(page, accepted):
    assert "Accept-Encoding" in page(accepted).headers["Vary"]
