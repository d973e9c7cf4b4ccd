"""Every rule of the url_map with every method it has, and addresses built from a chain's rows."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from portal.access.guards import Access, access_of
from portal.db.base import SCHEMA
from portal.media.outgoing import seal_token
from tests.conftest import SECRET_KEY
from tests.world import Chain
from tests.world_rows import TABLE_NUMBERS, link_secret

UNASKED_METHODS = frozenset({"HEAD", "OPTIONS"})
# Where the name of a parameter is not simply its table's with ``_id``.
TABLE_OF = {
    "bot": "bot_instance",
    "credential": "bot_platform_credential",
    "dialog": "bot_dialog_state",
    "event": "audit_event",
    "file": "bot_file",
    # What was entered together has no row of its own.
    "group": "stock_movement",
    "import": "import_batch",
    "integration": "account_integration_credentials",
    "item": "inventory_item",
    "item_price": "inventory_item_price_history",
    "measure_unit": "unit",
    "media": "bot_media",
    "order": "purchase_order",
    "position": "staff_position",
    "reset": "password_reset",
    "scenario": "bot_scenario",
    "session": "user_session",
    "into": "supplier",
    "other": "supplier",
    "step": "onboarding_step",
    "visit": "superuser_visit",
    # What a line of the audit log is about: any row will do.
    "entity": "restaurant",
}
# Where the first row of the table is another page's: by the blueprint that the address belongs to.
NUMBER_OF = {
    "store_imports": 2,
    "staff_member_imports": 3,
    "supplier_imports": 5,
    "inventory_item_imports": 6,
    "iiko_links.place": 2,
}
WORDS = {"extension": "png", "platform": "telegram", "integration_type": "iiko", "locale": "en"}
LINKS = {"invitation": "invitation", "password": "password_reset", "reset": "password_reset"}


class UnmappedError(AssertionError):
    """A parameter or field that the rule tests cannot fill in: tell ``tests/rules/site/targets.py`` what it is."""


@dataclass(frozen=True)
class Target:
    """One rule with one method."""

    rule: Rule
    method: str
    access: Access

    def __str__(self) -> str:
        return f"{self.method} {self.rule.rule}"

    @property
    def is_safe(self) -> bool:
        """Whether it only shows."""
        return self.method == "GET"

    @property
    def id_parameters(self) -> list[str]:
        """The parameters that name a row, the account's slug left out."""
        return [name for name in self.rule.arguments if kind_of(self.rule, name) == "uuid"]

    @property
    def slug_parameters(self) -> list[str]:
        """The parameters that name an account."""
        return [name for name in self.rule.arguments if kind_of(self.rule, name) == "slug"]

    def values(self, chain: Chain) -> dict[str, str]:
        """Every parameter as the chain would fill it in."""
        return {name: value_of(self.rule, name, chain) for name in self.rule.arguments}

    def path(self, values: Mapping[str, str]) -> str:
        """The address with those values, malformed ones included."""
        parts = []
        for is_dynamic, data in self.rule._trace:
            parts.append(values[data] if is_dynamic else data.lstrip("|"))
        return "".join(parts)


def targets(app: Flask) -> Iterator[Target]:
    """All of them; static files excepted."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.endpoint == "static":
            continue
        for method in sorted((rule.methods or set()) - UNASKED_METHODS):
            yield Target(rule, method, access_of(app, rule.endpoint))


def kind_of(rule: Rule, name: str) -> str:
    """``uuid``, ``slug``, ``word``, ``secret`` or another kind of parameter."""
    return type(rule._converters[name]).__name__.removesuffix("Converter").lower()


def value_of(rule: Rule, name: str, chain: Chain) -> str:
    """What a chain puts in the place of a parameter."""
    kinds: dict[str, Callable[[], str]] = {
        "slug": lambda: chain.slug,
        "uuid": lambda: id_named(name, chain, number_of(rule)),
        "word": lambda: WORDS[name],
        "secret": lambda: _link(rule, chain),
    }
    try:
        return kinds[kind_of(rule, name)]()
    except KeyError:
        raise UnmappedError(f"{rule.rule}: what is <{name}>?") from None


def number_of(rule: Rule) -> int:
    """Which of a chain's rows a page is about: its own in NUMBER_OF, or its blueprint's."""
    blueprint, page = rule.endpoint.split(".")[-2:]
    return NUMBER_OF.get(f"{blueprint}.{page}", NUMBER_OF.get(blueprint, 1))


def id_named(name: str, chain: Chain, number: int = 1) -> str:
    """The chain's id for a parameter or field such as ``store_id``."""
    noun = name.removesuffix("s").removesuffix("_id")
    table = TABLE_OF.get(noun, noun)
    if table not in TABLE_NUMBERS:
        raise UnmappedError(f"whose id is {name}?")
    return str(chain.id_of(table, number))


def _link(rule: Rule, chain: Chain) -> str:
    if rule.endpoint == "public_media.fetch":
        return seal_token(SECRET_KEY, chain.account_id, chain.file_id)
    for word, table in LINKS.items():
        if word in rule.endpoint:
            return link_secret(SECRET_KEY, table, chain.id_of(table))
    raise KeyError(rule.endpoint)


def tenant_tables(sql: Callable[..., list[Any]]) -> list[str]:
    """Every table with an ``account_id``, from the catalogue."""
    found = sql(
        "SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind IN ('r', 'p')"
        " AND a.attname = 'account_id' AND NOT a.attisdropped ORDER BY 1",
        [SCHEMA],
    )
    return [row.name for row in found]
