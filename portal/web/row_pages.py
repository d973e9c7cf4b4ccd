"""The address of a row's own page, from what its class declares."""

from typing import Any
from uuid import UUID

from flask import current_app, url_for

from portal.db.records import entity_of_table

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
