"""The sections of the portal that a person may enter."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from flask import Blueprint, Flask, current_app, g, request, url_for
from flask_babel import get_locale
from markupsafe import Markup

from portal.access.permissions import Permission
from portal.access.viewer import current_account, grants
from portal.db.records import entity_of_table
from portal.db.words import Label

# Beside "More".
BOTTOM_PLACES = 4


@dataclass(frozen=True, eq=False)
class Section:
    """One entry of the navigation, and the permission that shows it. Told from others by being itself: labels that
    are translated when they are shown are slow to compare.
    """

    path: str
    label: Label
    icon: str
    permission: Permission


@dataclass(frozen=True)
class Item:
    """A section as the templates see it."""

    label: str
    url: str
    icon: str
    is_current: bool
    # Its place among those that people come for every day.
    rank: int


class Bars(NamedTuple):
    """The navigation as it is printed: beside a wide page, and at the bottom of a phone's."""

    sidebar: Markup
    bottombar: Markup


@dataclass(frozen=True)
class Navigation:
    """All of them; those that stand in a phone's bar, in the same order; and the others, which go behind "More"."""

    sections: list[Item]
    bottom: list[Item]
    others: list[Item]

    @property
    def bars(self) -> Bars:
        """What the layout prints, in the language of the request: the labels are in it already."""
        return self._print() if current_app.jinja_env.auto_reload else self._printed

    @cached_property
    def _printed(self) -> Bars:
        return self._print()

    def _print(self) -> Bars:
        printing: Any = current_app.jinja_env.get_template("layouts/_navigation.html").module
        return Bars(printing.sidebar(self), printing.bottombar(self))


def section(blueprint: Blueprint, label: Label, icon: str, permission: Permission) -> None:
    """Let a blueprint of account pages stand in the navigation, in its place among the others of the sitemap."""
    path = (blueprint.url_prefix or "").removeprefix("/")
    blueprint.section = Section(path, label, icon, permission)  # type: ignore[attr-defined]


def stand_in(blueprint: Blueprint) -> None:
    """Let the page belong to the section of ``blueprint``, whatever its address says."""
    g.section = blueprint.section.path  # type: ignore[attr-defined]


def belong_to(path: str) -> Callable[[], None]:
    """What lets the pages of a blueprint belong to the section at ``path``, before each request of theirs."""

    def note_section() -> None:
        g.section = path

    return note_section


def install(app: Flask, blueprints: Iterable[Blueprint], everyday: Iterable[Blueprint]) -> None:
    """The navigation, in the order of the sitemap; where there is little room, what is done every day comes first."""
    app.extensions["sections"] = tuple(each.section for each in blueprints if hasattr(each, "section"))
    app.extensions["everyday"] = tuple(each.section.path for each in everyday)  # type: ignore[attr-defined]


def navigation() -> Navigation:
    """The sections that the person may enter; none outside an account."""
    account = current_account()
    home = f"/accounts/{account.slug if account else ''}/"
    rest = request.path.removeprefix(home).partition("/")[0] if request.path.startswith(home) else None
    rest = g.get("section", rest)
    language = str(get_locale() or "")
    sections, everyday = current_app.extensions["sections"], current_app.extensions["everyday"]
    # Anybody may ask for anything below a chain; what is kept is kept for sections alone.
    rest = rest if any(rest == each.path for each in sections) else None
    return _navigation(sections, everyday, grants(), home, rest, language)


@lru_cache(maxsize=512)
def _navigation(
    sections: tuple[Section, ...],
    everyday: tuple[str, ...],
    allowed: frozenset[Permission],
    home: str,
    rest: str | None,
    language: str,
) -> Navigation:
    """That of one account, in the language of the request, which ``language`` names; alike for many pages."""
    ranks = {path: rank for rank, path in enumerate(everyday)}
    items = [
        Item(str(each.label), home + each.path, each.icon, rest == each.path, ranks.get(each.path, len(ranks)))
        for each in sections
        if each.permission in allowed
    ]
    chosen = sorted(items, key=lambda item: item.rank)[:BOTTOM_PLACES]
    return Navigation(items, [each for each in items if each in chosen], [each for each in items if each not in chosen])


NO_ROW = UUID(int=0)


def page_of(table: str, row_id: UUID | None) -> str | None:
    """The page of a row in the account of the request; ``None`` where its kind has none."""
    base = page_base(table)
    return f"{base}{row_id}" if base and row_id else None


def page_base(table: str) -> str | None:
    """What stands before the id in the address of a row's page: lists put a thousand ids behind it."""
    entity = entity_of_table(table)
    if entity is None or entity.words.page is None:
        return None
    endpoint = f"account.{entity.words.page}"
    [rule] = current_app.url_map.iter_rules(endpoint)
    [parameter] = rule.arguments - {"account_slug"}
    values: dict[str, Any] = {parameter: NO_ROW}
    return url_for(endpoint, **values).removesuffix(str(NO_ROW))
