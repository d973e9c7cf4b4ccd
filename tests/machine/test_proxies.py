"""The sample files for nginx and Caddy, before a real portal: what passes, what is refused, who holds up whom."""

import contextlib
import re
import ssl
from urllib.parse import urlencode

import pytest

from tests.browsing import SESSION_COOKIE
from tests.machine.programs import PROCFILE, free_port, portal_environment, started
from tests.machine.proxying import HOST, RUNNING, Proxy
from tests.machine.upstream import Upstream
from tests.messaging.receiving.conftest import connect_platform, hook_of
from tests.world_rows import PASSWORD

__all__ = ["connect_platform", "hook_of"]
MEGABYTE = 1024 * 1024
# More than the portal has threads.
SLOW = 40


@pytest.fixture(scope="module")
def portal(server, database):
    """A web server as the Procfile starts it, with one process of eight threads."""
    port = free_port()
    environment = portal_environment(DATABASE_URL=server.url(), PORT=str(port))
    with started(["sh", "-c", f"exec {PROCFILE['web']}"], environment) as running:
        running.wait_until_ready(port)
        yield port


@pytest.fixture(scope="module", params=sorted(RUNNING))
def proxy(request, portal, tmp_path_factory):
    with RUNNING[request.param](tmp_path_factory.mktemp(request.param), [portal]) as running:
        yield running


def test_a_page_passes_with_all_its_headers(proxy):
    answer = proxy.ask("GET", "/login")
    assert answer.status == 200
    assert "default-src" in answer.headers["content-security-policy"]
    assert b"</html>" in answer.body


def test_whoever_comes_without_tls_is_sent_to_the_same_page_with_it(proxy):
    answer = Proxy("plain", proxy.plain_port, tls=False).ask("GET", "/login?next=/")
    assert answer.status in (301, 308)
    assert answer.headers["location"] == f"https://{HOST}/login?next=/"


def test_nginx_answers_the_authority_for_certificates_without_tls(proxy):
    if proxy.name == "caddy":
        return  # gets its certificates by itself
    answer = Proxy("plain", proxy.plain_port, tls=False).ask("GET", "/.well-known/acme-challenge/word")
    assert answer.status == 404


def test_static_files_pass_unchanged_and_stay_cacheable_for_ever(proxy, portal):
    page = proxy.ask("GET", "/login").body.decode()
    address, *_ = re.findall(r"/static/[^\"']+\.css[^\"']*", page)
    direct = Proxy("portal", portal, tls=False).ask("GET", address)
    answer = proxy.ask("GET", address)
    assert (answer.status, answer.body) == (200, direct.body)
    for name in ("cache-control", "content-type", "etag"):
        assert answer.headers.get(name) == direct.headers.get(name)
    assert "immutable" in answer.headers["cache-control"]


def test_a_delivery_of_three_megabytes_reaches_the_portal(proxy, world, hook_of):
    hook = hook_of(world.pelmenya, "whatsapp")
    told = hook.message(1)
    body = told + b" " * (3 * MEGABYTE - len(told))
    assert proxy.ask("POST", hook.path, body, hook.headers(body)).status == 200


@pytest.mark.parametrize(
    ("path", "fits", "exceeds"), [("profile", 3, 6), ("stores/imports", 11, 14), ("bots/{bot}/media/new", 60, 70)]
)
def test_what_is_too_large_is_refused_with_a_page_that_says_how_large(proxy, world, browse, path, fits, exceeds):
    chain = world.pelmenya
    address = f"/accounts/{chain.slug}/{path}" if "/" in path else f"/{path}"
    address = address.format(bot=chain.id_of("bot_instance"))
    form = {"Content-Type": "multipart/form-data; boundary=part", "Cookie": signed_in(browse(chain.owner))}
    # A form without its proof, which the portal reads to the end and refuses.
    passed = proxy.ask("POST", address, large_form(fits * MEGABYTE), form)
    assert (passed.status, b"out of date" in passed.body) == (400, True)
    # Announced and not sent: it is refused before.
    refused = proxy.ask("POST", address, b"", {**form, "Content-Length": str(exceeds * MEGABYTE)})
    assert refused.status == 413
    assert "up to 64 MB" in refused.body.decode()
    assert "до 64 МБ" in refused.body.decode()


def signed_in(browser):
    """The cookie of somebody who is signed in."""
    return f"{SESSION_COOKIE}={browser.client.get_cookie(SESSION_COOKIE, domain='localhost').value}"


def large_form(size):
    """A form with one file of that many bytes."""
    head = b'--part\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    return head + b"x" * size + b"\r\n--part--\r\n"


def test_a_part_of_a_page_gets_a_notice_and_swaps_nothing_else(proxy):
    refused = proxy.ask("POST", "/login", b"", {"Content-Length": str(6 * MEGABYTE), "HX-Request": "true"})
    assert (refused.status, refused.headers["hx-reswap"]) == (413, "none")
    assert refused.body.startswith(b"<hx-partial")


def test_nobody_can_forge_the_address_that_they_come_from(proxy, world, superuser_sql):
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    page = proxy.ask("GET", "/login", headers=forged)
    token, *_ = re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', page.body.decode())
    form = urlencode({"email": world.pelmenya.owner.email, "password": PASSWORD, "csrf_token": token}).encode()
    cookies = page.headers["set-cookie"].split(";")[0]
    headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded", "Referer": f"https://{HOST}/"}
    answer = proxy.ask("POST", "/login", form, headers | forged)
    assert answer.status in (302, 303)
    assert "evil" not in answer.headers["location"]
    rows = superuser_sql("SELECT host(ip_address) AS address FROM getinn_ops.user_session ORDER BY last_seen_at DESC")
    assert rows[0].address == "127.0.0.1"
    assert "203.0.113.9" not in [row.address for row in rows]


def test_forty_slow_bodies_keep_nobody_from_their_pages(proxy, world, browse):
    # A form of somebody who is signed in: the portal would read it on.
    head = (
        f"POST /profile HTTP/1.1\r\nHost: {HOST}\r\nCookie: {signed_in(browse(world.pelmenya.owner))}\r\n"
        "Content-Type: multipart/form-data; boundary=part\r\nContent-Length: 1000000\r\n\r\n"
    )
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(contextlib.closing(proxy.connect())) for _ in range(SLOW)]
        for connection in slow:
            connection.sendall(head.encode() + large_form(10_000)[:10_000])
        answered = [proxy.ask("GET", "/login").status for _ in range(20)]
        still_open = [connection for connection in slow if is_open(connection)]
    assert answered == [200] * 20
    assert len(still_open) == SLOW


def is_open(connection: ssl.SSLSocket) -> bool:
    """Whether the other side has neither closed it nor answered."""
    connection.settimeout(0)
    try:
        return bool(connection.recv(1)) and False
    except (ssl.SSLWantReadError, BlockingIOError):
        return True
    except OSError:
        return False


@pytest.fixture(params=sorted(RUNNING))
def before(request, tmp_path):
    """``before(port, port)`` starts the proxy before those two."""
    with contextlib.ExitStack() as stack:
        yield lambda *ports: stack.enter_context(RUNNING[request.param](tmp_path, ports))


def test_a_look_that_an_ending_process_did_not_answer_is_answered_by_another(before):
    with Upstream(answers=False) as ending, Upstream() as sound:
        proxy = before(ending.port, sound.port)
        answers = [proxy.ask("GET", f"/look/{number}").status for number in range(4)]
    assert answers == [200] * 4
    assert ending.heard


def test_what_was_sent_to_an_ending_process_is_never_sent_again(before):
    with Upstream(answers=False) as ending, Upstream() as sound:
        proxy = before(ending.port, sound.port)
        answers = {path: proxy.ask("POST", path, b"once").status for path in ("/do/1", "/do/2", "/do/3", "/do/4")}
    assert sorted(ending.heard + sound.heard) == sorted(answers)
    assert {path for path, status in answers.items() if status != 200} == set(ending.heard) != set()


def test_a_process_that_is_away_costs_nothing_that_was_sent(before):
    with Upstream() as sound:
        proxy = before(free_port(), sound.port)
        # Debian's Caddy keeps no body for a second try; later ones do.
        answers = [proxy.ask("POST", f"/do/{number}", b"").status for number in range(4)]
    assert answers == [200] * 4
    assert sound.heard == [f"/do/{number}" for number in range(4)]


def test_a_connection_that_was_kept_is_never_used_for_what_may_be_done_only_once(before):
    with Upstream(requests=1) as upstream:
        proxy = before(upstream.port, upstream.port)
        answers = [(proxy.ask("GET", "/look").status, proxy.ask("POST", "/do", b"once").status) for _ in range(4)]
    assert answers == [(200, 200)] * 4


def test_a_portal_that_is_away_is_a_page_that_says_so(before):
    proxy = before(free_port())
    answer = proxy.ask("GET", "/")
    assert answer.status in (502, 503)
    assert "Back in a moment" in answer.body.decode()
    assert "Вернёмся через минуту" in answer.body.decode()
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert proxy.ask("GET", "/proxy-pages/page.css").headers["content-type"].startswith("text/css")
