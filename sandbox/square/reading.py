"""What can be asked of a shop."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .answers import Rejected, limit_of, listed, not_found, page, required
from .catalogue import stamp
from .shop import Row, Shop

_SORTS = {"CREATED_AT": "created_at", "UPDATED_AT": "updated_at", "CLOSED_AT": "closed_at"}
_HIDDEN = ("_currency",)
_INSIDE = (("item_data", "variations"), ("modifier_list_data", "modifiers"), ("item_option_data", "values"))
NESTED = ("IMAGE", "ITEM_OPTION_VAL", "ITEM_VARIATION", "MODIFIER")
_ARCHIVED = {True: "ARCHIVED_STATE_ARCHIVED", False: "ARCHIVED_STATE_NOT_ARCHIVED"}


def merchant(shop: Shop, key: str) -> Row:
    if key not in ("me", shop.merchant["id"]):
        raise not_found(f"merchant {key}")
    return {"merchant": shop.merchant}


def locations(shop: Shop) -> Row:
    return {"locations": list(shop.locations.values())}


# Catalogue


def catalog_search(shop: Shop, body: Row) -> Row:
    since, types, query = body.get("begin_time", ""), set(body.get("object_types") or ()), body.get("query") or {}
    unknown = sorted(set(query) - set(_QUERIES))
    if unknown or len(query) > 1:
        raise Rejected(400, "BAD_REQUEST", "This query is not taken here.", field="query")
    found = [
        row
        for row in all_objects(shop)
        # Nested objects come only where they are named.
        if (row["type"] in types if types else row["type"] not in NESTED)
        and row["updated_at"] > since
        and (body.get("include_deleted_objects") or not row.get("is_deleted"))
        and all(row["type"] == "ITEM" and _QUERIES[name](row["item_data"], asked) for name, asked in query.items())
    ]
    rows, cursor = page(found, body, limit_of(body, 100, 1000), lambda row: row["id"])
    newest = max((row["updated_at"] for row in all_objects(shop)), default=shop.stamp())
    return listed("objects", [visible(shop, row) for row in rows], cursor, latest_time=newest)


def _of_lists(item: Row, asked: Row) -> bool:
    required(asked, "modifier_list_ids")
    own = {row["modifier_list_id"] for row in item.get("modifier_list_info") or ()}
    return bool(own & set(asked["modifier_list_ids"]))


def _of_options(item: Row, asked: Row) -> bool:
    """Items that have all of the options."""
    own = {row["item_option_id"] for row in item.get("item_options") or ()}
    return own >= set(asked.get("item_option_ids") or ())


_QUERIES = {"items_for_modifier_list_query": _of_lists, "items_for_item_options_query": _of_options}


def search_items(shop: Shop, body: Row) -> Row:
    """By category and by words of the name and description; what is archived where it is asked for."""
    words = (body.get("text_filter") or "").lower().split()
    wanted, archived = set(body.get("category_ids") or ()), body.get("archived_state", "ARCHIVED_STATE_NOT_ARCHIVED")
    found = [
        row
        for row in shop.objects.values()
        if row["type"] == "ITEM"
        and not row["is_deleted"]
        and (not wanted or wanted & {place["id"] for place in row["item_data"].get("categories") or ()})
        and all(word in _words(row["item_data"]) for word in words)
        and archived in ("ARCHIVED_STATE_ALL", _ARCHIVED[bool(row["item_data"].get("is_archived"))])
    ]
    rows, cursor = page(found, body, limit_of(body, 100, 100), lambda row: (row["item_data"]["name"], row["id"]))
    return listed("items", [visible(shop, row) for row in rows], cursor)


def _words(item: Row) -> str:
    return f"{item.get('name', '')} {item.get('description_html') or item.get('description') or ''}".lower()


def catalog_retrieve(shop: Shop, body: Row) -> Row:
    required(body, "object_ids")
    if len(body["object_ids"]) > 1000:
        raise Rejected(400, "ARRAY_LENGTH_TOO_LONG", "At most 1000 ids.", field="object_ids")
    known = {row["id"]: row for row in all_objects(shop)}
    rows = [known[key] for key in body["object_ids"] if key in known]
    gone = body.get("include_deleted_objects")
    return listed("objects", [visible(shop, row) for row in rows if gone or not row.get("is_deleted")])


def all_objects(shop: Shop) -> list[Row]:
    """What stands inside another object is one too."""
    found = []
    for row in shop.objects.values():
        found.append(row)
        for data, name in _INSIDE:
            for inner in (row.get(data) or {}).get(name) or ():
                found.append({**inner, "is_deleted": inner.get("is_deleted") or row["is_deleted"]})
    return found


# Stock


def counts(shop: Shop, body: Row) -> Row:
    wanted = {name: set(body.get(key) or ()) for name, key in
              (("catalog_object_id", "catalog_object_ids"), ("location_id", "location_ids"), ("state", "states"))}
    found = [
        row
        for row in shop.counts.values()
        if all(not values or row[name] in values for name, values in wanted.items())
        and row["calculated_at"] > (body.get("updated_after") or "")
    ]
    rows, cursor = page(
        found, body, limit_of(body, 100, 1000), lambda row: (row["catalog_object_id"], row["location_id"])
    )
    return listed("counts", rows, cursor)


# Customers


def customers_search(shop: Shop, body: Row) -> Row:
    query = body.get("query") or {}
    filters = query.get("filter") or {}
    found = [row for row in shop.customers.values() if all(_meets(row, *item) for item in filters.items())]
    sort = query.get("sort") or {}
    name = "created_at" if sort.get("field") == "CREATED_AT" else "family_name"
    rows, cursor = page(
        found, body, limit_of(body, 100, 100), lambda row: (row.get(name, ""), row["id"]),
        descending=sort.get("order") == "DESC",
    )  # fmt: skip
    return listed("customers", rows, cursor, **({"count": len(found)} if body.get("count") else {}))


def customer(shop: Shop, key: str) -> Row:
    if key not in shop.customers:
        raise not_found(f"customer {key}")
    return {"customer": shop.customers[key]}


def groups(shop: Shop, params: Row) -> Row:
    rows, cursor = page(shop.groups.values(), params, limit_of(params, 50, 50), lambda row: row["id"])
    return listed("groups", rows, cursor)


def _meets(row: Row, name: str, condition: Row) -> bool:
    value = row.get(name, "")
    if name in ("created_at", "updated_at"):
        return _within(value, condition)
    if name == "creation_source":
        return (value in (condition.get("values") or ())) is (condition.get("rule", "INCLUDE") == "INCLUDE")
    if name == "group_ids":
        own, asked = set(value), {key: set(condition.get(key) or ()) for key in ("all", "any", "none")}
        return own >= asked["all"] and (not asked["any"] or bool(own & asked["any"])) and not own & asked["none"]
    if name == "phone_number":
        digits = "".join(letter for letter in condition.get("fuzzy") or condition["exact"] if letter.isdigit())
        own = "".join(letter for letter in value if letter.isdigit())
        return bool(digits) and (own.endswith(digits[-10:]) if "fuzzy" in condition else own == digits)
    if "exact" in condition:
        return value.lower() == condition["exact"].lower()
    return condition["fuzzy"].lower() in value.lower()


def _within(value: str, span: Row) -> bool:
    """A span's end is part of it."""
    return span.get("start_at", "") <= value <= (span.get("end_at") or "9")


# Orders


def orders_search(shop: Shop, body: Row) -> Row:
    required(body, "location_ids")
    if len(body["location_ids"]) > 10:
        raise Rejected(400, "ARRAY_LENGTH_TOO_LONG", "At most 10 locations.", field="location_ids")
    query = body.get("query") or {}
    filters, sort = query.get("filter") or {}, query.get("sort") or {}
    sorted_by = sort.get("sort_field", "CREATED_AT")
    spans = filters.get("date_time_filter") or {}
    if any(name.upper() != sorted_by for name in spans):
        raise Rejected(400, "BAD_REQUEST", "The sort field must be the filtered field.", field="query.sort.sort_field")
    states = (filters.get("state_filter") or {}).get("states")
    sources = (filters.get("source_filter") or {}).get("source_names")
    customers = (filters.get("customer_filter") or {}).get("customer_ids")
    handing = filters.get("fulfillment_filter") or {}
    found = [
        row
        for row in shop.orders.values()
        if row["location_id"] in body["location_ids"]
        and all(_within(row.get(name, ""), span) for name, span in spans.items())
        and (not states or row["state"] in states)
        and (not sources or (row.get("source") or {}).get("name") in sources)
        and (not customers or row.get("customer_id") in customers)
        and (not handing or any(_is_handed_so(item, handing) for item in row.get("fulfillments") or ()))
    ]
    rows, cursor = page(
        found, body, limit_of(body, 500, 1000), lambda row: (row.get(_SORTS[sorted_by], ""), row["id"]),
        descending=sort.get("sort_order", "DESC") == "DESC",
    )  # fmt: skip
    if body.get("return_entries"):
        names = {"order_id": "id", "version": "version", "location_id": "location_id"}
        entries = [{name: row[key] for name, key in names.items()} for row in rows]
        return listed("order_entries", entries, cursor)
    return listed("orders", [visible(shop, row) for row in rows], cursor)


def _is_handed_so(fulfilment: Row, asked: Row) -> bool:
    kinds, states = asked.get("fulfillment_types"), asked.get("fulfillment_states")
    return (not kinds or fulfilment["type"] in kinds) and (not states or fulfilment["state"] in states)


def orders_retrieve(shop: Shop, body: Row) -> Row:
    required(body, "order_ids")
    if len(body["order_ids"]) > 100:
        raise Rejected(400, "ARRAY_LENGTH_TOO_LONG", "At most 100 ids.", field="order_ids")
    return listed("orders", [visible(shop, shop.orders[key]) for key in body["order_ids"] if key in shop.orders])


def order(shop: Shop, key: str) -> Row:
    if key not in shop.orders:
        raise not_found(f"order {key}")
    return {"order": visible(shop, shop.orders[key])}


# Money


def payments(shop: Shop, params: Row) -> Row:
    return _money_list(shop, shop.payments, "payments", params)


def payment(shop: Shop, key: str) -> Row:
    """With what has been given back of it."""
    row = shop.payments.get(key)
    if row is None:
        raise not_found(f"payment {key}")
    backs = [item for item in shop.refunds.values() if item["payment_id"] == key]
    if backs:
        given = sum(item["amount_money"]["amount"] for item in backs if item["status"] not in ("FAILED", "REJECTED"))
        row = {**row, "refund_ids": [item["id"] for item in backs],
               "refunded_money": {**row["amount_money"], "amount": given}}  # fmt: skip
    return {"payment": visible(shop, row)}


def refund(shop: Shop, key: str) -> Row:
    if key not in shop.refunds:
        raise not_found(f"refund {key}")
    return {"refund": shop.refunds[key]}


def refunds(shop: Shop, params: Row) -> Row:
    return _money_list(shop, shop.refunds, "refunds", params)


def _money_list(shop: Shop, rows_by_id: dict[str, Row], name: str, params: Row) -> Row:
    first = first_of(shop, params, "begin_time", "updated_at_begin_time")
    spans = {
        "created_at": {"start_at": first, "end_at": params.get("end_time", "")},
        "updated_at": {
            "start_at": params.get("updated_at_begin_time", ""), "end_at": params.get("updated_at_end_time", ""),
        },
    }  # fmt: skip
    found = [
        row
        for row in rows_by_id.values()
        if all(_within(row[key], span) for key, span in spans.items())
        and params.get("location_id") in (None, row["location_id"])
    ]
    field = _SORTS[params.get("sort_field", "CREATED_AT")]
    rows, cursor = page(
        found, params, limit_of(params, 100, 100), lambda row: (row[field], row["id"]),
        descending=params.get("sort_order", "DESC") == "DESC",
    )  # fmt: skip
    return listed(name, rows, cursor)


def first_of(shop: Shop, params: Row, *names: str) -> str:
    """From when a list of money is read: without a beginning it is that of the last year."""
    if any(params.get(name) for name in names):
        return params.get(names[0], "")
    return stamp(shop.now() - timedelta(days=365))


def visible(shop: Shop, row: Row) -> Row:
    """A row as it goes out: without what the sandbox alone knows, and with addresses that lead to it."""
    found: dict[str, Any] = {key: value for key, value in row.items() if key not in _HIDDEN}
    if row.get("type") == "IMAGE":
        url = row["image_data"]["url"].replace("{base}", shop.base)
        found["image_data"] = {**row["image_data"], "url": url}
    return found
