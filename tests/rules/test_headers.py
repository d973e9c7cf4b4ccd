"""What every answer carries: the policy, no caching of what is private, cookies that stay put, proof of forms."""

import re
from dataclasses import replace

import pytest

from portal import create_app
from portal.web.security import REVALIDATED_ENDPOINTS
from tests.browsing import BASE_URL
from tests.rules.site.targets import targets
from tests.rules.sweeping.asking import takes_a_bearers_secret

POLICY = {
    "default-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}


FROM_ELSEWHERE = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
HOSTS = {"portal.example": 200, "evil.example": 400, "portal.example.evil.example": 400}
# No browser sends these; a platform proves itself by its secret or signature.
PROVED_OTHERWISE = {"hooks.receive"}


def assert_guarded(answer, told):
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy.items() >= POLICY.items(), told
    assert "unsafe" not in answer.headers["Content-Security-Policy"], told
    assert answer.headers["Referrer-Policy"] in ("same-origin", "no-referrer"), told
    for name, value in ALWAYS.items():
        assert answer.headers.get(name) == value, f"{told}: {name}"
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")], told


def assert_says_what_it_is(answer, told):
    """Text tells its letters, and what looks like a page is one."""
    if answer.data and answer.mimetype.startswith("text/") and answer.mimetype not in ("text/css", "text/javascript"):
        assert answer.content_type.endswith("; charset=utf-8"), told
        assert (answer.mimetype == "text/html") == (answer.data.lstrip()[:1] == b"<"), told
        answer.data.decode("utf-8")


def everybody(browse, world):
    return [browse(), browse(world.pelmenya.owner), browse(world.superuser, visiting=world.pelmenya)]


def assert_kept_by_no_cache(answer, target):
    kept = target.rule.endpoint in REVALIDATED_ENDPOINTS and answer.status_code == 200
    assert answer.headers["Cache-Control"] == ("private, no-cache" if kept else "no-store"), target
    assert "HX-Request" in answer.headers["Vary"], target


def test_every_answer_is_guarded_whoever_asks(app, browse, world):
    for browser in everybody(browse, world):
        for target in targets(app):
            for htmx in (False, True):
                path = target.path(target.values(world.pelmenya))
                answer = browser.open(path, target.method, htmx=htmx, headers=FROM_ELSEWHERE)
                assert_guarded(answer, f"{browser.person} {target}")
                assert_says_what_it_is(answer, f"{browser.person} {target} {answer.content_type}")
                if browser.person is not None:
                    assert_kept_by_no_cache(answer, target)


def test_an_address_that_is_a_secret_is_told_to_nobody(app, browse, world):
    secret = [target for target in targets(app) if takes_a_bearers_secret(target)]
    assert secret
    for target in secret:
        answer = browse().open(target.path(target.values(world.pelmenya)), target.method)
        assert answer.headers["Referrer-Policy"] == "no-referrer", target
        # The cast's links are those that the portal itself would have made.
        assert answer.status_code == (200 if target.is_safe else 400), target


@pytest.mark.parametrize("path", ["/nowhere", "/static/nowhere.css", "/static/../config.py", "/static/portal.css/"])
def test_errors_are_guarded_too(browse, path):
    assert_guarded(browse().get(path), path)


@pytest.mark.parametrize("path", ["portal.css", "portal.js", "icons.svg", "fonts/onest-latin.woff2"])
def test_a_file_carries_what_means_something_for_files_and_no_more(browse, path):
    answer = browse().get(f"/static/{path}?v=1", headers={"Accept-Encoding": "br"})
    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Strict-Transport-Security" in answer.headers
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert not {"Content-Security-Policy", "Permissions-Policy", "Set-Cookie"} & set(answer.headers.keys())


@pytest.mark.parametrize(
    "path",
    [
        "/static/", "/static", "/static/css/", "/static/../config.py", "/static/%2e%2e/config.py",
        "/static/..%2fwsgi.py", "/.git/config", "/.git/HEAD", "/.env", "/config.py", "/instance/keys.env",
        "/requirements.txt", "/server-status", "/metrics", "/console", "/docs", "/swagger.json", "//static//css",
        f"/static/{'x' * 300}",
    ],
)  # fmt: skip
def test_nothing_is_served_but_pages_and_the_files_of_pages(browse, world, path):
    for browser in everybody(browse, world):
        answer = browser.get(path)
        assert answer.status_code in (404, 308), path
        assert "Index of" not in answer.text
        # One that only tidies the address leads to nothing either.
        if answer.status_code == 308:
            assert browser.get(answer.headers["Location"]).status_code == 404, path


def test_a_file_asked_for_by_its_hash_is_kept_for_ever_and_no_other(browse):
    page = browse().get("/login").text
    [hashed] = re.findall(r'href="(/static/portal\.css\?v=[0-9a-f]+)"', page) or [""]
    assert hashed
    assert browse().get(hashed).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "immutable" not in browse().get("/static/portal.css").headers["Cache-Control"]


def test_every_cookie_is_bound_to_host_path_and_tls(browse, world):
    owner = world.pelmenya.owner
    signing_in = browse().post("/login", {"email": owner.email, "password": owner.password})
    assert signing_in.status_code == 303
    speaking = browse().post("/language", {"locale": "ru"})
    choosing = browse(owner).post("/profile", {"full_name": "", "locale": "ru", "timezone": "", "theme": "dark"})
    leaving = browse(owner).post("/logout")
    answers = (signing_in, speaking, choosing, leaving)
    cookies = [cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie")]
    names = {cookie.partition("=")[0] for cookie in cookies}
    assert names >= {"__Host-portal", "__Host-form", "__Host-device", "__Host-locale", "__Host-theme"}
    for cookie in cookies:
        name, _, rest = cookie.partition("=")
        attributes = {part.strip().lower() for part in rest.split(";")[1:]}
        assert name.startswith("__Host-"), cookie
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= attributes, cookie
        assert not any(part.startswith("domain") for part in attributes), cookie


def test_signing_out_tells_the_browser_to_forget_what_it_kept(browse, world):
    browser = browse(world.pelmenya.owner)
    assert "Clear-Site-Data" not in browser.get("/profile").headers
    for htmx in (False, True):
        leaving = browse(world.pelmenya.owner).post("/logout", htmx=htmx)
        assert leaving.headers["Clear-Site-Data"] == '"cache"'


def test_a_name_that_is_not_the_portals_is_refused_and_guarded(config):
    app = create_app(replace(config, trusted_hosts=("portal.example",)))
    answers = {name: app.test_client().get("/login", base_url=f"https://{name}") for name in HOSTS}
    assert {name: answer.status_code for name, answer in answers.items()} == HOSTS
    for name, answer in answers.items():
        assert_guarded(answer, name)


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PATCH", "BREW"])
def test_a_method_that_nothing_uses_is_refused(app, browse, world, method):
    for path in ("/login", "/profile", "/healthz", f"/accounts/{world.pelmenya.slug}/restaurants"):
        answer = browse(world.pelmenya.owner).open(path, method)
        assert answer.status_code == 405, path
        assert_guarded(answer, path)


def test_a_form_without_its_proof_is_refused_on_every_unsafe_route(app, browse, world, database):
    for target in targets(app):
        if target.is_safe:
            continue
        browser = browse(world.superuser if target.access.superuser else world.pelmenya.owner)
        before = database.sql("SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS at")
        answer = browser.open(target.path(target.values(world.pelmenya)), target.method, data={"name": "x"})
        assert answer.status_code == (403 if target.rule.endpoint in PROVED_OTHERWISE else 400), target
        assert database.sql("SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS at") == before, target


def test_a_proof_from_another_browser_is_refused(app, browse, world):
    own, other = browse(world.pelmenya.owner), browse(world.pelmenya.manager)
    own.prove()
    answer = own.open(
        own.account("restaurants/archival"),
        "POST",
        data={"csrf_token": other.csrf_token, "ids": str(world.pelmenya.restaurant_id)},
    )
    assert answer.status_code == 400


def test_looking_changes_nothing(app, browse, world, database):
    """No GET writes, but an export and a look at a health paper, which leave their lines in the log."""
    for browser in everybody(browse, world):
        for target in targets(app):
            if not target.is_safe or target.rule.endpoint.endswith((".export", ".papers.show", ".papers.file")):
                continue
            path = target.path(target.values(world.pelmenya))
            before = database.sql("SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS at")
            browser.get(path)
            assert database.sql("SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS at") == before, target


def test_an_ended_session_is_told_to_htmx_by_a_header(browse, world):
    answer = browse().get("/accounts/pelmenya/restaurants", htmx=True, headers={"HX-Current-URL": f"{BASE_URL}/a?b=c"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login?next=/a?b%3Dc"
    assert answer.data == b""


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https://evil.example", "/\tx", "javascript:x"]
)
def test_signing_in_leads_nowhere_but_to_the_portal(browse, world, target):
    person = world.pelmenya.owner
    answer = browse().post("/login", {"email": person.email, "password": person.password, "next": target})
    assert answer.headers["Location"] == "/"
