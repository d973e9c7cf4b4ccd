"""What the pages themselves offer: every form with its fields, every address with its query keys."""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from portal.web.line_merging import NOTHING
from tests.browsing import BASE_URL, Browser
from tests.rules.site.targets import Target, targets
from tests.world import Chain

# By the kind of the control, or by a word in its name.
FILLERS = {
    "email": "somebody@filled.example",
    "tel": "+7 495 765-43-21",
    "phone": "+7 495 765-43-21",
    "url": "https://filled.example",
    "number": "1",
    "date": "2026-01-31",
    "token": "987654321:filled-in-token-filled-in-token-00",
    "password": "a password of the filled kind 7",
    "source": json.dumps({"name": "filled", "version": "1", "steps": {"a": {"message": {"text": "filled in"}}}}),
}
URL_ATTRIBUTES = ("href", "hx-get", "action", "hx-post", "hx-delete")


@dataclass
class Field:
    """One control of a form with what it may hold."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)

    @property
    def filled(self) -> str:
        """What a person could send."""
        if self.chosen and self.chosen[0]:
            return self.chosen[0]
        offered = [value for value in self.values if value]
        return offered[-1] if offered else self._filler

    @property
    def _filler(self) -> str:
        named = (filler for word, filler in FILLERS.items() if word in self.name or word == self.kind)
        return next(named, "filled in")


@dataclass
class Form:
    """One form of a page."""

    action: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)


class PageReader(HTMLParser):
    """Reads the forms and addresses of one page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.addresses: list[str] = []
        self._by_id: dict[str, Form] = {}
        self._open: Form | None = None
        self._outside: list[tuple[str, Field]] = []
        self._select: Field | None = None
        self._text: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.addresses += [told[name] for name in URL_ATTRIBUTES if told.get(name)]
        if tag == "form":
            self._open = Form(told.get("action", ""), told.get("method", "get").upper())
            self.forms.append(self._open)
            self._by_id[told.get("id", "")] = self._open
        elif tag == "option" and self._select is not None:
            self._select.values.append(told.get("value", ""))
            if "selected" in told:
                self._select.chosen.append(told.get("value", ""))
        elif tag in ("input", "select", "textarea", "button") and told.get("name"):
            self._take(tag, told)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._text = None

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            # The line break after the tag belongs to the markup, not to the text.
            told = "".join([*self._text.chosen, data])
            self._text.chosen = [told.removeprefix("\r\n").removeprefix("\n")]

    def close(self) -> None:
        super().close()
        for form_id, control in self._outside:
            if form_id in self._by_id:
                _merge(self._by_id[form_id].fields, control)

    def _take(self, tag: str, told: dict[str, str]) -> None:
        control = Field(told["name"], told.get("type", "text") if tag == "input" else tag)
        if control.kind in ("checkbox", "radio") and "checked" not in told:
            control.values.append(told.get("value", "on"))
        elif "value" in told:
            control.values.append(told["value"])
            control.chosen.append(told["value"])
        if tag == "select":
            self._select = control
        if tag == "textarea":
            self._text = control
        if "form" in told:
            self._outside.append((told["form"], control))
        elif self._open is not None:
            _merge(self._open.fields, control)


@dataclass
class Offers:
    """What all pages of one chain offer together."""

    chain: Chain
    fields: dict[tuple[str, str], dict[str, Field]] = field(default_factory=lambda: defaultdict(dict))
    query: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    pages: dict[str, str] = field(default_factory=dict)

    def form(self, target: Target, chain: Chain) -> dict[str, str]:
        """A form as a person of a chain could send it to a target."""
        found = self.fields.get((target.rule.endpoint, target.method), {})
        return {
            name: self._sent(name, each.filled, chain)
            for name, each in found.items()
            if name not in ("csrf_token", "_method")
            and each.kind != "file"
            # Digests of what the pages' own chain has stored: another one would seem to have changed meanwhile.
            and (name != "_read" or chain == self.chain)
        }

    def _sent(self, name: str, value: str, chain: Chain) -> str:
        """A value; of lines that another chain has nothing was read, for their digests are those of other ids."""
        is_foreign_stamp = name.endswith("-stamp") and chain != self.chain
        return NOTHING if is_foreign_stamp else self._translated(value, chain)

    def links(self, target: Target, chain: Chain) -> dict[str, str]:
        """The query keys that pages of a chain use with a target, each with a value."""
        found = self.query[target.rule.endpoint]
        return {name: self._translated(value, chain) for name, value in found.items()}

    def _translated(self, value: str, chain: Chain) -> str:
        return value.replace(self.chain.marker, chain.marker).replace(self.chain.prefix, chain.prefix)


_READ: dict[Chain, Offers] = {}


def offers_of(app: Flask, browsers: Callable[[], list[Browser]], chain: Chain) -> Offers:
    """What was read of the chain's pages once in this process: the cast is the same for every test."""
    if chain not in _READ:
        _READ[chain] = read_offers(app, browsers(), chain)
    return _READ[chain]


def read_offers(app: Flask, browsers: list[Browser], chain: Chain) -> Offers:
    """Visit every page with the chain's ids, as each of those people, and note what it offers."""
    offers = Offers(chain)
    for browser in browsers:
        for target in targets(app):
            if target.is_safe:
                path = target.path(target.values(chain))
                answer = browser.get(path)
                if answer.status_code == 200 and answer.mimetype == "text/html":
                    offers.pages.setdefault(path, answer.text)
                    _note(app, offers, path, answer.text)
    return offers


def _note(app: Flask, offers: Offers, path: str, html: str) -> None:
    reader = PageReader()
    reader.feed(html)
    reader.close()
    for form in reader.forms:
        method = form.fields["_method"].filled.upper() if "_method" in form.fields else form.method
        endpoint = endpoint_of(app, urljoin(path, form.action or path), method)
        if endpoint is None:
            continue
        if method == "GET":
            offers.query[endpoint] |= {name: control.filled for name, control in form.fields.items()}
        for control in form.fields.values():
            _merge(offers.fields[endpoint, method], control)
    for address in reader.addresses:
        endpoint = endpoint_of(app, urljoin(path, address), "GET")
        if endpoint is not None:
            told = parse_qs(urlsplit(address).query, keep_blank_values=True)
            offers.query[endpoint] |= {name: values[0] for name, values in told.items()}


def endpoint_of(app: Flask, url: str, method: str) -> str | None:
    """The endpoint that answers an address of the portal, if one does."""
    parts = urlsplit(url)
    if parts.netloc and not BASE_URL.endswith(parts.netloc):
        return None
    try:
        return str(app.url_map.bind("localhost", url_scheme="https").match(parts.path, method)[0])
    except (HTTPException, RequestRedirect):
        return None


def _merge(fields: dict[str, Field], control: Field) -> None:
    known = fields.setdefault(control.name, control)
    if known is not control:
        known.values += control.values
        known.chosen += control.chosen
