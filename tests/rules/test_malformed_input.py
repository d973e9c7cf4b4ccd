"""Whatever is sent, wherever it is sent: an answer, never a fault of ours."""

from urllib.parse import quote_from_bytes, urlencode

import pytest

from tests.rules.malformed import QUERIES, VALUES, bodies
from tests.rules.site.listings import filter_keys
from tests.rules.site.targets import targets, value_of

UNASKED = {"/readyz"}
ALONE = {"NUL", "a lone surrogate", "bad UTF-8", "beyond a bigint", "a far date", "long"}


class Prober:
    """Somebody who may enter the most, on a database that is put back whenever it was written to."""

    def __init__(self, app, browse, world, database):
        self.app, self.browse, self.world, self.database = app, browse, world, database
        self.faults = []
        self.signed_in = {}
        self.settled = None

    def targets(self, *, safe):
        return [each for each in targets(self.app) if each.is_safe == safe and each.rule.rule not in UNASKED]

    def browser(self, target):
        person = self.world.superuser if target.access.superuser else self.world.pelmenya.owner
        # Looking changes nothing: one browser looks at all there is.
        if not target.is_safe and self.database.transactions() != self.settled:
            self.signed_in.clear()
            self.database.restore()
        if person not in self.signed_in:
            self.signed_in[person] = self.browse(person)
            self.settled = self.database.transactions()
        self.signed_in[person].forget_all_but_the_session()
        return self.signed_in[person]

    def path(self, target):
        return target.path(target.values(self.world.pelmenya))

    def ask(self, browser, target, told, **options):
        answer = browser.open(options.pop("path", None) or self.path(target), target.method, **options)
        if answer.status_code >= 500:
            self.faults.append(f"{target} with {told}: {answer.status_code}")


@pytest.fixture
def prober(app, browse, world, database):
    return Prober(app, browse, world, database)


def as_bytes(value):
    return value if isinstance(value, bytes) else value.encode()


@pytest.mark.parametrize("told", VALUES)
def test_no_malformed_field_of_a_form_is_a_fault(prober, offers, told):
    value = as_bytes(VALUES[told])
    for target in prober.targets(safe=False):
        browser = prober.browser(target)
        form = {name: as_bytes(text) for name, text in offers.form(target, prober.world.pelmenya).items()}
        # Together, and where it is worst each alone: the first refusal would hide the rest.
        # What chooses rows and what asks for one field's check are read by different views.
        probes = [dict.fromkeys(form, value), {"ids": value, "_validate": value}]
        if told in ALONE:
            probes += [{name: value} for name in form]
        for probe in probes:
            prober.ask(browser, target, f"{told} in {list(probe)}", **urlencoded(form | probe))
    assert prober.faults == []


def urlencoded(form):
    body = urlencode([(name.encode(), value) for name, value in form.items()]).encode()
    return {"data": body, "csrf": True, "content_type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(("told", "body", "content_type"), list(bodies()), ids=[told for told, *_ in bodies()])
def test_no_malformed_body_is_a_fault(prober, told, body, content_type):
    for target in prober.targets(safe=False):
        browser = prober.browser(target)
        prober.ask(browser, target, told, data=body, csrf=True, content_type=content_type)
    assert prober.faults == []


@pytest.mark.parametrize("told", VALUES)
def test_no_malformed_value_of_a_query_is_a_fault(prober, offers, told):
    value = quote_from_bytes(as_bytes(VALUES[told])[:4000])
    for target in prober.targets(safe=True):
        browser = prober.browser(target)
        names = {*offers.links(target, prober.world.pelmenya), "q", "next", "restaurant_id"}
        if target.rule.endpoint.endswith((".index", ".export")):
            names |= {*filter_keys(target.rule.endpoint), "sort", "after", "before", "page"}
        probes = [names, *([{name} for name in names] if told in ALONE else [])]
        for probe in probes:
            query = "&".join(f"{name}={value}" for name in sorted(probe))
            prober.ask(browser, target, f"{told} in {sorted(probe)}", query_string=query)
    assert prober.faults == []


@pytest.mark.parametrize("told", QUERIES)
def test_no_malformed_query_string_is_a_fault(prober, told):
    for target in prober.targets(safe=True):
        browser = prober.browser(target)
        for htmx in (False, True):
            prober.ask(browser, target, told, query_string=QUERIES[told], htmx=htmx)
    assert prober.faults == []


@pytest.mark.parametrize("value", ["%00", "%ff", "%ED%A0%80", "..%2f..", "%2e%2e", "x" * 5000, "", " ", "'", "\\"])
def test_no_malformed_address_is_a_fault(prober, value):
    for target in [*prober.targets(safe=True), *prober.targets(safe=False)]:
        browser = prober.browser(target)
        for name in target.rule.arguments:
            values = target.values(prober.world.pelmenya) | {name: value}
            prober.ask(browser, target, f"{value!r} as {name}", path=target.path(values), csrf=not target.is_safe)
    assert prober.faults == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "__Host-portal=\xff; __Host-locale=xx; __Host-tz=../../etc/passwd; __Host-theme=<script>"},
        {"Cookie": "__Host-form=nonsense; __Host-device=nonsense"},
        {"Cookie": "=;=;;;__Host-portal=" + "x" * 5000},
        # Each is read by somebody else, and none of them makes anybody answer early.
        {
            "Accept-Language": "ж" * 10 + ",*;q=nonsense, ru;q=1e400",
            "Range": "bytes=9999999999999999999-",
            "If-Modified-Since": "never",
            "If-None-Match": "\xff",
            "X-Forwarded-For": "'; DROP TABLE x",
            "X-Forwarded-Proto": "gopher",
            "Forwarded": "for=\xff",
            "User-Agent": "\xff\xfe\x80" * 300,
            "Accept-Encoding": "nonsense;q=x, br;q=-1",
        },
        {"HX-Request": "true", "HX-Current-URL": "http://[not an address"},
        {"HX-Request": "maybe", "HX-Target": "\xff", "HX-Current-URL": "//evil.example/\\x"},
        {"Referer": "http://[not an address"},
        {"Content-Length": "not a number"},
    ],
    ids=lambda headers: ", ".join(headers),
)
def test_no_malformed_header_is_a_fault(prober, headers):
    latin = {name: value.encode("utf-8").decode("latin-1") for name, value in headers.items()}
    for target in [*prober.targets(safe=True), *prober.targets(safe=False)]:
        for browser in (prober.browser(target), prober.browse()):
            prober.ask(browser, target, headers, headers=latin, csrf=not target.is_safe)
    assert prober.faults == []


def test_what_is_too_large_is_refused_with_its_own_page(prober):
    large = b"name=" + b"x" * (4 * 1024 * 1024 + 1)
    for target in prober.targets(safe=False):
        browser = prober.browser(target)
        answer = browser.open(
            prober.path(target), target.method, data=large, csrf=True, content_type="application/x-www-form-urlencoded"
        )
        assert answer.status_code in (302, 303, 403, 404, 413), target


def test_every_parameter_that_is_probed_can_be_filled_in(app, world):
    for target in targets(app):
        for name in target.rule.arguments:
            assert value_of(target.rule, name, world.pelmenya)
