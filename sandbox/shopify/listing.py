"""Connections: rows in order, a page at a time. A cursor remembers the last row, so that what changes meanwhile moves
no other; it belongs to the order that it was made in."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from typing import Any

from graphql import GraphQLError

from .search import Field, Search
from .values import Row, number_of

MOST = 250
_FIELDS: dict[str, Field] = {
    "id": lambda row: number_of(row["id"]),
    "updated_at": lambda row: row["updatedAt"],
    "created_at": lambda row: row["createdAt"],
}
FIELDS: dict[str, dict[str, Field]] = {
    "orders": {
        **_FIELDS,
        "processed_at": lambda row: row["processedAt"],
        "financial_status": lambda row: row["displayFinancialStatus"],
        "fulfillment_status": lambda row: row["displayFulfillmentStatus"],
        "return_status": lambda row: row["returnStatus"],
        "source_identifier": lambda row: row["sourceIdentifier"],
        "source_name": lambda row: row["sourceName"],
        "name": lambda row: row["name"],
        "tag": lambda row: row["tags"],
        "test": lambda row: row["test"],
    },
    "draftOrders": {**_FIELDS, "tag": lambda row: row["tags"], "status": lambda row: row["status"]},
    "products": {**_FIELDS, "status": lambda row: row["status"], "tag": lambda row: row["tags"]},
    "productVariants": {
        **_FIELDS,
        "sku": lambda row: row["sku"],
        "barcode": lambda row: row["barcode"],
        "product_id": lambda row: number_of(row["product"]["id"]),
    },
    "customers": {
        **_FIELDS,
        "email": lambda row: (row["defaultEmailAddress"] or {}).get("emailAddress"),
        "phone": lambda row: (row["defaultPhoneNumber"] or {}).get("phoneNumber"),
        "tag": lambda row: row["tags"],
    },
    "inventoryLevels": {
        "updated_at": _FIELDS["updated_at"],
        "inventory_item_id": lambda row: row["item"]["legacyResourceId"],
    },
    "tenderTransactions": {"processed_at": lambda row: row["processedAt"]},
    "payouts": {"id": _FIELDS["id"], "issued_at": lambda row: row["issuedAt"], "status": lambda row: row["status"]},
    "balanceTransactions": {
        "id": _FIELDS["id"],
        "processed_at": lambda row: row["transactionDate"],
        "payments_transfer_id": lambda row: number_of(row["associatedPayout"]["id"]),
    },
}
_SORTED = {
    "UPDATED_AT": lambda row: row["updatedAt"],
    "CREATED_AT": lambda row: row["createdAt"],
    "PROCESSED_AT": lambda row: row.get("processedAt") or row["transactionDate"],
    "ISSUED_AT": lambda row: row["issuedAt"],
}


def listed(name: str, rows: Iterable[Row], arguments: dict[str, Any], warnings: list[Row]) -> Row:
    """The page that a root list's arguments ask for."""
    text = arguments.get("query")
    if text:
        try:
            search = Search(text, FIELDS[name], whole_days=name == "customers")
        except (ValueError, IndexError) as error:
            raise GraphQLError(f"Invalid query: {error}") from None
        if search.warnings:
            warnings.append({"path": [name], "query": text, "warnings": search.warnings})
        rows = (row for row in rows if search.matches(row))
    key = _SORTED.get(arguments.get("sort_key") or arguments.get("sortKey") or "ID")
    return connect(list(rows), arguments, (lambda row: [key(row), number_of(row["id"])]) if key else None)


def connect(rows: list[Any], arguments: dict[str, Any], key: Callable[[Row], Any] | None = None) -> Row:
    """`rows` in the order of `key`, else as they stand."""
    many = arguments.get("first") or arguments.get("last")
    if not many:
        raise GraphQLError("you must provide one of first or last")
    if many > MOST:
        raise GraphQLError(f"first cannot exceed {MOST}")
    pairs = [(key(row) if key else [place], row) for place, row in enumerate(rows)]
    pairs.sort(key=lambda pair: pair[0])
    if arguments.get("reverse"):
        pairs.reverse()
    keyed = "k" if key else "p"
    after = arguments.get("after")
    if after:
        try:
            kind, back, last = json.loads(base64.urlsafe_b64decode(after))
        except (ValueError, TypeError):
            raise GraphQLError("Invalid cursor for current pagination sort.") from None
        if kind != keyed or back != bool(arguments.get("reverse")):
            raise GraphQLError("Invalid cursor for current pagination sort.")
        pairs = [pair for pair in pairs if (pair[0] < last if back else pair[0] > last)]
    chosen = pairs[:many]
    cursors = [
        base64.urlsafe_b64encode(json.dumps([keyed, bool(arguments.get("reverse")), place]).encode()).decode()
        for place, _row in chosen
    ]
    return {
        "nodes": [row for _place, row in chosen],
        "edges": [{"node": row, "cursor": cursor} for (_place, row), cursor in zip(chosen, cursors, strict=True)],
        "pageInfo": {
            "hasNextPage": len(pairs) > many, "hasPreviousPage": bool(after),
            "startCursor": cursors[0] if cursors else None, "endCursor": cursors[-1] if cursors else None,
        },
    }  # fmt: skip
