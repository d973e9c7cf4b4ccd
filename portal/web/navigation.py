"""The sections of the portal that a person may enter."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, current_app, request, url_for

from portal.access.permissions import Permission
from portal.access.viewer import current_account, grants
from portal.db.records import entity_of_table
from portal.db.words import Label

# Beside "More".
BOTTOM_PLACES = 4


@dataclass(frozen=True)
class Section:
    """One entry of the navigation, and the permission that shows it."""

    path: str
    label: Label
    icon: str
    permission: Permission


@dataclass(frozen=True)
class Item:
    """A section as the templates see it."""

    label: Label
    url: str
    icon: str
    is_current: bool
    is_everyday: bool


def section(blueprint: Blueprint, label: Label, icon: str, permission: Permission) -> None:
    """Let a blueprint of account pages stand in the navigation, in its place among the others of the sitemap."""
    path = (blueprint.url_prefix or "").removeprefix("/")
    blueprint.section = Section(path, label, icon, permission)  # type: ignore[attr-defined]


def install(app: Flask, blueprints: Iterable[Blueprint], everyday: Iterable[Blueprint]) -> None:
    """The navigation, in the order of the sitemap; what is done every day comes first where there is little room."""
    app.extensions["sections"] = [each.section for each in blueprints if hasattr(each, "section")]
    app.extensions["everyday"] = {each.section.path for each in everyday}  # type: ignore[attr-defined]


def navigation() -> list[Item]:
    """The sections that the person may enter; none outside an account."""
    allowed = grants()
    account = current_account()
    home = f"/accounts/{account.slug if account else ''}/"
    rest = request.path.removeprefix(home).partition("/")[0] if request.path.startswith(home) else None
    everyday = current_app.extensions["everyday"]
    return [
        Item(each.label, home + each.path, each.icon, rest == each.path, each.path in everyday)
        for each in current_app.extensions["sections"]
        if each.permission in allowed
    ]


def bottom_places(items: list[Item]) -> list[Item]:
    """Those that stand in a phone's bar, in the order of the navigation; the others go behind "More"."""
    chosen = sorted(items, key=lambda item: not item.is_everyday)[:BOTTOM_PLACES]
    return [item for item in items if item in chosen]


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
