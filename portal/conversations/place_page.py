"""Where a conversation stands in the chain's list that it was opened from: the way back, who comes before and after."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import request, url_for

from portal.access.redirects import MAX_PATH, path_at
from portal.conversations.listing import CONVERSATIONS
from portal.conversations.models import BotDialogState
from portal.web.listing.neighbours import read_neighbours

# The key under which a conversation's address carries the list's own search and filters.
KEY = "list"
MAX_KEYS = 20


def told_list(args: Mapping[str, str]) -> str | None:
    """The list's query as an address tells it; ``None`` where it comes from no list."""
    told = args.get(KEY)
    return None if told is None else told[:MAX_PATH]


def list_of_referrer() -> str | None:
    """The same for the page that a form was sent from."""
    here = path_at(request.host, request.referrer)
    return told_list(dict(_pairs(urlsplit(here).query))) if here else None


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query[:MAX_PATH], keep_blank_values=True, max_num_fields=MAX_KEYS)
    except ValueError:
        return []


class ListPlace:
    """The place of one conversation in the chain's list."""

    def __init__(self, told: str, conversation: BotDialogState) -> None:
        self.args, self.conversation = dict(_pairs(told)), conversation
        self.told = urlencode(self.args)

    @property
    def list_url(self) -> str:
        """The list as it was left."""
        return url_for("account.conversations.index") + (f"?{self.told}" if self.told else "")

    @property
    def previous_url(self) -> str | None:
        """The conversation that stands before."""
        return self._url(self._neighbours[0])

    @property
    def next_url(self) -> str | None:
        """The conversation that stands after."""
        return self._url(self._neighbours[1])

    @cached_property
    def _neighbours(self) -> tuple[Any, Any]:
        row = self.conversation
        return read_neighbours(CONVERSATIONS, self.args, row.last_interaction_at.replace(tzinfo=None), row.id)

    def _url(self, row: Any) -> str | None:
        if row is None:
            return None
        return url_for("account.bot_conversations.show", bot_id=row.bot_id, dialog_id=row.id, list=self.told)
