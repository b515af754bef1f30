"""Square's inventory counts as `StockLevel` records, and counts sent to it. What is available is in state IN_STOCK."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from ... import records as rec
from ...answers import Pushed
from ...errors import NeedsFixing
from ...moments import read_moment, write_moment
from ...pages import parse_each
from .api import Api, at, rows
from .keys import short_key
from .values import Row, number

_STATE = "IN_STOCK"


class StockReader:
    """Reads for one connection. `places`: ids of its locations."""

    def __init__(self, api: Api, places: Callable[[], dict[str, str]]):
        self._api = api
        self._places = places

    def search(self, position: str, since: datetime | None, limit: int) -> dict[str, Any]:
        """Counts calculated since then."""
        body: dict[str, Any] = {"location_ids": sorted(self._places()), "states": [_STATE], "limit": limit}
        if since:
            body["updated_after"] = write_moment(since)
        return self._api.ask("v2/inventory/counts/batch-retrieve", at(position, body), "counts")

    def page(self, answer: Row) -> dict[str, Any]:
        records, malformed = parse_each(
            rows(answer, "counts"), level, lambda row: rec.stock_id(row["catalog_object_id"], row["location_id"])
        )
        return {"records": records, "malformed": malformed}

    def get(self, external_id: str) -> rec.StockLevel | None:
        variant, _at, place = external_id.partition("@")
        if not place:
            return None
        body = {"catalog_object_ids": [variant], "location_ids": [place], "states": [_STATE]}
        found = rows(self._api.ask("v2/inventory/counts/batch-retrieve", body, "counts"), "counts")
        return next((level(row) for row in found if row["catalog_object_id"] == variant), None)

    def push(self, stock: rec.StockLevel, key: str, now: datetime) -> Pushed:
        """A physical count, as of now: Square takes none from the future, nor older than a day."""
        count = {
            "reference_id": key,
            "catalog_object_id": stock.variant_id,
            "location_id": stock.location_id,
            "state": _STATE,
            "quantity": format(stock.quantity, "f"),
            "occurred_at": write_moment(now),
        }
        body = {
            "idempotency_key": short_key(key, "count"),
            "changes": [{"type": "PHYSICAL_COUNT", "physical_count": count}],
            "ignore_unchanged_counts": True,
        }
        self._api.ask("v2/inventory/changes/batch-create", body, "counts", "changes")
        return Pushed(external_id=rec.stock_id(stock.variant_id, stock.location_id))

    def put_back(self, lines: Sequence[rec.RefundLine], place: str, key: str, now: datetime) -> None:
        """What came back of what Square counts there, once a key."""
        ids = sorted({line.variant_id for line in lines})
        asked = {"catalog_object_ids": ids, "location_ids": [place], "states": [_STATE]}
        found = self._api.ask("v2/inventory/counts/batch-retrieve", asked, "counts") if ids else {}
        counted = {row["catalog_object_id"] for row in rows(found, "counts")}
        changes = [
            {
                "type": "ADJUSTMENT",
                "adjustment": {
                    "reference_id": key,
                    "catalog_object_id": line.variant_id,
                    "location_id": place,
                    "from_state": "UNLINKED_RETURN",
                    "to_state": _STATE,
                    "quantity": format(line.quantity.normalize(), "f"),
                    "occurred_at": write_moment(now),
                },
            }
            for line in lines
            if line.variant_id in counted
        ]
        if not changes:
            return
        body = {"idempotency_key": short_key(key, "returned"), "changes": changes}
        try:
            self._api.ask("v2/inventory/changes/batch-create", body, "counts", "changes")
        except NeedsFixing as failure:
            # An earlier try did it, at another moment.
            if failure.code != "key-reused":
                raise


def level(row: Row) -> rec.StockLevel:
    return rec.StockLevel(
        external_id=rec.stock_id(row["catalog_object_id"], row["location_id"]),
        variant_id=row["catalog_object_id"],
        location_id=row["location_id"],
        quantity=number(row["quantity"]),
        updated_at=read_moment(row.get("calculated_at")),
        raw=row,
    )
