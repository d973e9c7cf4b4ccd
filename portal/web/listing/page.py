"""One page of a list as the templates see it."""

from collections.abc import Iterator
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _

from portal.web.language import choose_locale
from portal.web.listing.declaration import COUNT_CAP, Listing, capped_count
from portal.web.listing.request import ListRequest, write_cursor
from portal.web.listing.table import Table


class ListWords:
    """What the toolbar of a list says in one language: made once, used by every page."""

    def __init__(self, listing: Listing) -> None:
        self.search_label = str(listing.search_label)
        self.title, self.add_label = str(listing.entity.words.plural), str(listing.entity.words.add)
        self.sorts = [(("-" if each.descending else "") + each.key, str(each.label)) for each in listing.sorts]
        self.labels = {each.key: str(each.label) for each in listing.filters}
        # Other choices are known when the page is made.
        self.choices = {
            each.key: [(value, str(label)) for value, label in each.choices]
            for each in listing.filters
            if not callable(each.choices)
        }
        # Whether the table's heads ask for every order: a choice of it is missed only where no heads are shown.
        shown = {each.key for each in listing.table if each.in_table}
        self.has_sorted_heads = not shown or all(
            (each.shown_by or str(each.column.key)) in shown for each in listing.sorts
        )


class FilterState:
    """A filter with its present value, for the toolbar."""

    def __init__(self, declared: Any, value: str, words: ListWords) -> None:
        self.key, self.label, self.value = declared.key, words.labels[declared.key], value
        self.choices = words.choices.get(declared.key) or declared.offered()
        self.kind = getattr(declared, "kind", "choice")
        # Whether rows are left out where nothing was chosen, as the archived ones are.
        self.hides = declared.conditions.get("") is not None


class Page:
    """Rows, and the addresses of every other view of the same list."""

    def __init__(
        self,
        listing: Listing,
        wanted: ListRequest,
        rows: list[Any],
        path: str,
        *,
        total: int,
        more: bool,
        parent: Any = None,
        is_common: bool = False,
    ) -> None:
        self.rows, self.path, self.total, self.parent = rows, path, total, parent
        self.dom_id = listing.name
        words = _words_of(listing, choose_locale())
        self.title, self.add_label = words.title, words.add_label
        self.search, self.search_label = wanted.search, words.search_label
        self.sorts, self.has_sorted_heads = words.sorts, words.has_sorted_heads
        self.filters = [FilterState(each, wanted.filters[each.key], words) for each in listing.filters]
        self._listing, self._wanted, self._more = listing, wanted, more
        self._is_common = is_common

    def each(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """The rows as tuples of the named cells, to be unpacked by a template's loop.

        Jinja looks an attribute up far slower than a name, and a page has hundreds of cells.
        """
        return map(attrgetter(*names), self.rows)

    def chosen(self, key: str) -> str:
        """The present value of a filter; nothing where the list has none of that key."""
        return str(self._wanted.filters.get(key, ""))

    @property
    def listing(self) -> Listing:
        """What was declared of the list."""
        return self._listing

    @cached_property
    def table(self) -> Table:
        """The table of a list that declares its columns."""
        return _table_of(self._listing, choose_locale())

    @property
    def sort(self) -> str:
        """The present order."""
        return ("-" if self._wanted.descending else "") + self._wanted.sort.key

    @property
    def count_label(self) -> str:
        """How many rows match, exactly up to the cap; of a common word, how many rows hold it."""
        if self._is_common:
            return str(_("%(count)s hold what you search for", count=capped_count(COUNT_CAP)))
        return self._listing.count_text(self.total)

    @cached_property
    def is_filtered(self) -> bool:
        """Whether a search or a filter narrows the list."""
        return bool(self.search or any(self._wanted.filters.values()))

    @cached_property
    def first_url(self) -> str | None:
        """The first page, where this is another."""
        return self._url() if self._has_previous else None

    @cached_property
    def previous_url(self) -> str | None:
        """The page before this one."""
        return self._url(before=self._place(0)) if self._has_previous else None

    @cached_property
    def next_url(self) -> str | None:
        """The page after this one."""
        return self._url(after=self._place(-1)) if self._has_next else None

    @cached_property
    def last_url(self) -> str | None:
        """The last page, where this is another."""
        return self._url(page="last") if self._has_next else None

    @property
    def export_url(self) -> str | None:
        """All that the filters show, as a file."""
        return self._url(base=f"{self.path}/export") if self._listing.exports else None

    @property
    def query(self) -> str:
        """What the list is narrowed by, as pages of its rows carry it on."""
        return self._url(base="?").partition("?")[2].lstrip("?")

    @property
    def reset_url(self) -> str | None:
        """The list without search and filters."""
        return self.path if self.is_filtered else None

    def url_with(self, key: str, value: str) -> str:
        """The list with one of its filters at a value."""
        return self._url(**{key: value})

    def url_without(self, key: str) -> str:
        """The list without one of its filters."""
        return self._url(**{key: ""})

    def sort_url(self, key: str) -> str:
        """The list in the order of ``key``; a second time turned round."""
        current = self._wanted.sort.key == key
        declared = self._listing.sort(key)
        descending = not self._wanted.descending if current else bool(declared and declared.descending)
        return self._url(sort=("-" if descending else "") + key)

    def sort_state(self, key: str) -> str | None:
        """``aria-sort`` of a column."""
        if self._wanted.sort.key != key:
            return None
        return "descending" if self._wanted.descending else "ascending"

    @property
    def _reads_backward(self) -> bool:
        cursor = self._wanted.cursor
        return cursor.backward if cursor else self._wanted.from_end

    @property
    def _has_next(self) -> bool:
        if self._reads_backward:
            return self._wanted.cursor is not None and bool(self.rows)
        return self._more

    @property
    def _has_previous(self) -> bool:
        return self._more if self._reads_backward else self._wanted.cursor is not None

    def _place(self, index: int) -> str:
        row = self.rows[index]
        return write_cursor(self._wanted.sort, row.sort_value, row.id)

    def _url(self, base: str | None = None, **changes: str) -> str:
        query = {"q": self.search, **self._wanted.filters, "sort": self.sort, **changes}
        if query["sort"] == self._default_sort:
            del query["sort"]
        packed = urlencode({key: value for key, value in query.items() if value})
        return (base or self.path) + (f"?{packed}" if packed else "")

    @property
    def _default_sort(self) -> str:
        first = self._listing.sorts[0]
        return ("-" if first.descending else "") + first.key


@lru_cache(maxsize=200)
def _words_of(listing: Listing, locale: str) -> ListWords:
    """The words of a list in the language of the request, which ``locale`` names."""
    return ListWords(listing)


@lru_cache(maxsize=200)
def _table_of(listing: Listing, locale: str) -> Table:
    """The table of a list in the language of the request, which ``locale`` names."""
    sorts = {sort.shown_by or str(sort.column.key): sort.key for sort in listing.sorts}
    return Table(listing.entity, listing.table, list(listing.columns), sorts)
