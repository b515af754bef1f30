"""What items refer to (categories, modifier lists, options) changes without them: the items that are to be read again
because of it. A picture that was replaced under its id, and a unit, are left to the sweep: Square can't be asked whose
they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from ...moments import write_moment
from ...pagers import body_cursor
from ...passes import Part
from .api import Api, at, rows
from .catalog import CatalogReader
from .values import Row, data_of, parent_of

# What changes, and where the id of what items refer to stands in it; "" is its own.
_KINDS = {
    "CATEGORY": "",
    "MODIFIER_LIST": "",
    "MODIFIER": "modifier_list_id",
    "ITEM_OPTION": "",
    "ITEM_OPTION_VAL": "item_option_id",
}
_DATA = {"MODIFIER": "modifier", "ITEM_OPTION_VAL": "item_option_value"}
_MANY = 50


class ReferenceReader:
    """Reads for one connection."""

    def __init__(self, api: Api, catalog: CatalogReader):
        self._api = api
        self._catalog = catalog

    def parts(self, since: datetime | None, limit: int) -> Iterator[Part]:
        """The parts of a pass that read the items of what has changed since then; none where everything is read."""
        changed = self._changed(since) if since else {}
        for ids in _batches(self._with_children(changed.get("CATEGORY", set()))):
            yield self._part(f"categories {ids[0]}", self._of_categories, ids, limit)
        for ids in _batches(changed.get("MODIFIER_LIST", set()) | changed.get("MODIFIER", set())):
            query = {"items_for_modifier_list_query": {"modifier_list_ids": ids}}
            yield self._part(f"modifiers {ids[0]}", self._of_query, query, limit)
        # Of several options Square gives the items that have all of them.
        for key in sorted(changed.get("ITEM_OPTION", set()) | changed.get("ITEM_OPTION_VAL", set())):
            query = {"items_for_item_options_query": {"item_option_ids": [key]}}
            yield self._part(f"options {key}", self._of_query, query, limit)

    def _part(self, name: str, ask: Callable[[str, Any, int], Row], what: Any, limit: int) -> Part:
        return Part(
            name=name,
            fetch=lambda position, started: ask(position, what, limit),
            following=body_cursor("cursor"),
            read=self._catalog.page,
        )

    def _changed(self, since: datetime) -> dict[str, set[str]]:
        """Ids of what items refer to, by the type of what has changed of it."""
        body = {"object_types": list(_KINDS), "begin_time": write_moment(since)}
        found: dict[str, set[str]] = {}
        for row in self._api.every(
            lambda position: self._api.ask("v2/catalog/search", at(position, body), "objects", "latest_time"), "objects"
        ):
            kind = row["type"]
            key = data_of(row, _DATA[kind]).get(_KINDS[kind]) if _KINDS[kind] else row["id"]
            if key:
                found.setdefault(kind, set()).add(key)
        return found

    def _with_children(self, keys: set[str]) -> set[str]:
        """Categories with all below them: their names are part of the path of those."""
        if not keys:
            return keys
        parents = {row["id"]: parent_of(data_of(row, "category")) for row in self._catalog.all("CATEGORY")}
        found: set[str] = set()
        fresh = set(keys)
        while fresh:
            found |= fresh
            fresh = {key for key, parent in parents.items() if parent in fresh} - found
        return found

    def _of_categories(self, position: str, ids: list[str], limit: int) -> Row:
        body = {"category_ids": ids, "archived_state": "ARCHIVED_STATE_ALL", "limit": min(limit, 100)}
        answer = self._api.ask("v2/catalog/search-catalog-items", at(position, body), "items", "matched_variation_ids")
        return {**answer, "objects": rows(answer, "items")}

    def _of_query(self, position: str, query: Row, limit: int) -> Row:
        body = {"object_types": ["ITEM"], "query": query, "limit": limit}
        return self._api.ask("v2/catalog/search", at(position, body), "objects", "latest_time")


def _batches(keys: set[str]) -> Iterator[list[str]]:
    ordered = sorted(keys)
    for first in range(0, len(ordered), _MANY):
        yield ordered[first : first + _MANY]
