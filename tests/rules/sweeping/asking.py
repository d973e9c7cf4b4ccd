"""What is asked: pairs of requests that must answer alike, and requests whose answer is searched."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.rules.site.listings import cursors, filter_keys
from tests.rules.site.pages import Offers
from tests.rules.site.targets import Target, id_named, kind_of
from tests.rules.sweeping.actors import ABSENT, Actor
from tests.world import Chain

MALFORMED = ("not-an-id", "%00", "x" * 300)
# Fields that name rows wherever they are understood, forms and addresses alike.
ID_NAMES = (
    "restaurant_id", "store_id", "user_id", "bot_id", "scenario_id", "dialog_id", "media_id", "file_id",
    "integration_id",
)  # fmt: skip
LIST_ENDPOINTS = (".index", ".export")


@dataclass(frozen=True)
class Request:
    """One request, in words that a failure can repeat."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, Any] | None = None
    htmx: bool = False

    @property
    def cursors(self) -> list[str]:
        """The places asked for: their spelling hides the id inside."""
        return [self.query[name] for name in ("after", "before") if name in self.query]

    def __str__(self) -> str:
        told = f"{self.method} {self.path}"
        return told + (f" query {dict(self.query)}" if self.query else "") + (f" form {self.form}" if self.form else "")


@dataclass(frozen=True)
class Question:
    """A request; with ``twin``, one that names rows that do not exist and must be answered alike."""

    asked: Request
    foreign: Chain | None = None
    twin: Request | None = None


def questions(target: Target, actor: Actor, offers: Offers) -> Iterator[Question]:
    """All that one person asks of one target."""
    own = target.values(actor.home)
    form = None if target.is_safe else offers.form(target, actor.home)
    for htmx in (False, True) if actor.is_thorough else (False,):
        yield Question(Request(target.method, target.path(own), form=form, htmx=htmx))
    for name in target.rule.arguments:
        for malformed in MALFORMED if actor.is_thorough else MALFORMED[:1]:
            yield Question(Request(target.method, target.path(own | {name: malformed}), form=form))
    for foreign in actor.foreign:
        yield from _in_the_path(target, actor, own, form, foreign)
        if target.is_safe:
            yield from _in_the_query(target, actor, own, offers.links(target, actor.home), foreign)
        else:
            yield from _in_the_form(target, actor, own, form or {}, foreign)


def _in_the_path(
    target: Target, actor: Actor, own: dict[str, str], form: dict[str, Any] | None, foreign: Chain
) -> Iterator[Question]:
    theirs, nobodys = target.values(foreign), target.values(ABSENT)
    rows, slugs = target.id_parameters, target.slug_parameters
    choices = [rows + slugs]
    if actor.home is not foreign:
        choices += [[name] for name in rows] + [rows, slugs]
    for names in {tuple(names): names for names in choices if names}.values():
        yield Question(
            Request(target.method, target.path(own | {name: theirs[name] for name in names}), form=form),
            foreign,
            Request(target.method, target.path(own | {name: nobodys[name] for name in names}), form=form),
        )


def _in_the_query(
    target: Target, actor: Actor, own: dict[str, str], known: dict[str, str], foreign: Chain
) -> Iterator[Question]:
    path = target.path(own)
    alone = set(known)
    if target.rule.endpoint.endswith(LIST_ENDPOINTS):
        alone |= filter_keys(target.rule.endpoint) | {"q", "sort", "after", "before", "page"}
    theirs, nobodys = (
        {
            name: _query_values(target.rule.endpoint, name, known.get(name, ""), actor.home, chain)
            for name in sorted(alone | set(ID_NAMES))
        }
        for chain in (foreign, ABSENT)
    )
    first = ({name: values[0] for name, values in each.items()} for each in (theirs, nobodys))
    yield _pair(target, path, foreign, *first)
    if actor.is_thorough:
        # What stands around a list was looked at just now.
        is_list = target.rule.endpoint.endswith(".index")
        for name in sorted(alone):
            for their, nobodies in zip(theirs[name], nobodys[name], strict=True):
                yield _pair(target, path, foreign, {name: their}, {name: nobodies}, htmx=is_list)


def _pair(
    target: Target, path: str, foreign: Chain, theirs: dict[str, str], nobodys: dict[str, str], *, htmx: bool = False
) -> Question:
    asked, twin = (Request(target.method, path, query=query, htmx=htmx) for query in (theirs, nobodys))
    return Question(asked, foreign, twin)


def _query_values(endpoint: str, name: str, sample: str, home: Chain, chain: Chain) -> list[str]:
    if home.prefix in sample:
        return [sample.replace(home.prefix, chain.prefix)]
    if name in ("after", "before"):
        return list(cursors(endpoint, chain.restaurant_id))
    if name.endswith(("_id", "ids")) and name != "ids":
        return [id_named(name, chain)]
    return [chain.marker, str(chain.bot_id), chain.owner.email]


def _in_the_form(
    target: Target, actor: Actor, own: dict[str, str], form: dict[str, Any], foreign: Chain
) -> Iterator[Question]:
    path = target.path(own)
    named = [name for name, value in form.items() if actor.home.prefix in str(value)]
    for name in named:
        yield _form_pair(target, path, form, foreign, actor.home, [name])
    yield _form_pair(target, path, form, foreign, actor.home, [*named, *ID_NAMES, "ids"])


def _form_pair(
    target: Target, path: str, form: dict[str, Any], foreign: Chain, home: Chain, names: list[str]
) -> Question:
    theirs, nobodys = (
        form | {name: _field_value(name, str(form.get(name, "")), home, chain) for name in names}
        for chain in (foreign, ABSENT)
    )
    return Question(Request(target.method, path, form=theirs), foreign, Request(target.method, path, form=nobodys))


def _field_value(name: str, sample: str, home: Chain, chain: Chain) -> str:
    if home.prefix in sample:
        return sample.replace(home.prefix, chain.prefix)
    return str(chain.restaurant_id) if name == "ids" else id_named(name, chain)


def takes_a_bearers_secret(target: Target) -> bool:
    """Whether the address carries a secret that opens the page for whoever holds it."""
    return any(kind_of(target.rule, name) == "secret" for name in target.rule.arguments)
