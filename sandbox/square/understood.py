"""What of Square's requests this sandbox does. Anything else is refused as Square refuses an invalid request, and
logged: a filter that is ignored answers wrong, and nobody sees it.

A shape is ANY value, a set of the values that are done, a shape by name, or a list of one shape."""

from __future__ import annotations

import logging
import re
from typing import Any

from .answers import Rejected

_logger = logging.getLogger(__name__)
ANY = object()
_SPAN = {"start_at": ANY, "end_at": ANY}
_MONEY = {"amount": ANY, "currency": ANY}
_EXACT = {"exact": ANY, "fuzzy": ANY}
_PAGE = {"cursor": ANY, "limit": ANY}
_APPLIED = {"uid": ANY, "tax_uid": ANY, "discount_uid": ANY}
_LINE = {
    **dict.fromkeys("uid name quantity catalog_object_id catalog_version variation_name item_type note".split(), ANY),
    "base_price_money": _MONEY,
    "quantity_unit": ANY,
    "modifiers": [
        {**dict.fromkeys("uid catalog_object_id name quantity".split(), ANY), "base_price_money": _MONEY}
    ],
    "applied_taxes": [_APPLIED],
    "applied_discounts": [_APPLIED],
}
_OFF = {
    **dict.fromkeys("uid name type scope percentage catalog_object_id".split(), ANY),
    "amount_money": _MONEY,
}
_CHARGE = {
    **dict.fromkeys("uid name percentage calculation_phase treatment_type type taxable".split(), ANY),
    "amount_money": _MONEY,
    "applied_taxes": [_APPLIED],
}
_ORDER = {
    **dict.fromkeys("location_id reference_id customer_id ticket_name metadata version state".split(), ANY),
    "source": {"name": ANY},
    "line_items": [_LINE],
    "taxes": [_OFF],
    "discounts": [_OFF],
    "service_charges": [_CHARGE],
    "fulfillments": [
        {**dict.fromkeys("uid type state metadata".split(), ANY),
         **dict.fromkeys("pickup_details shipment_details delivery_details".split(), ANY)}
    ],
}  # fmt: skip
_MONEY_LIST = {
    **_PAGE,
    **dict.fromkeys("begin_time end_time updated_at_begin_time updated_at_end_time location_id".split(), ANY),
    "sort_order": {"ASC", "DESC"},
    "sort_field": {"CREATED_AT", "UPDATED_AT"},
}
_COUNT = "catalog_object_id location_id state from_state to_state quantity occurred_at reference_id".split()

# By method and path; a route that is not named takes whatever is sent, and keeps it.
SHAPES: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/v2/(merchants|locations)(/[^/]+)?", {}),
    ("GET", "/v2/catalog/list", {"cursor": ANY, "types": ANY}),
    ("GET", "/v2/catalog/object/[^/]+", {}),
    ("POST", "/v2/catalog/search", {
        **_PAGE, "object_types": ANY, "begin_time": ANY, "include_deleted_objects": ANY,
        "include_related_objects": {False}, "query": {
            "items_for_modifier_list_query": {"modifier_list_ids": ANY},
            "items_for_item_options_query": {"item_option_ids": ANY},
        },
    }),
    ("POST", "/v2/catalog/search-catalog-items", {
        **_PAGE, "category_ids": ANY, "text_filter": ANY,
        "archived_state": {f"ARCHIVED_STATE_{name}" for name in ("ALL", "ARCHIVED", "NOT_ARCHIVED")},
    }),
    ("POST", "/v2/catalog/batch-retrieve", {
        "object_ids": ANY, "include_deleted_objects": ANY, "include_related_objects": {False},
    }),
    ("POST", "/v2/inventory/counts/batch-retrieve", {
        **_PAGE, "catalog_object_ids": ANY, "location_ids": ANY, "states": ANY, "updated_after": ANY,
    }),
    ("GET", "/v2/inventory/[^/]+", {"location_ids": ANY, "cursor": ANY}),
    ("POST", "/v2/inventory/changes/batch-create", {
        "idempotency_key": ANY, "ignore_unchanged_counts": ANY, "changes": [
            {"type": ANY, "physical_count": dict.fromkeys(_COUNT, ANY), "adjustment": dict.fromkeys(_COUNT, ANY)}
        ],
    }),
    ("POST", "/v2/customers/search", {
        **_PAGE, "count": ANY, "query": {
            "sort": {"field": {"CREATED_AT", "DEFAULT"}, "order": {"ASC", "DESC"}},
            "filter": {
                **dict.fromkeys(("created_at", "updated_at"), _SPAN),
                **dict.fromkeys(("email_address", "phone_number", "reference_id"), _EXACT),
                "creation_source": {"values": ANY, "rule": {"INCLUDE", "EXCLUDE"}},
                "group_ids": {"all": ANY, "any": ANY, "none": ANY},
            },
        },
    }),
    ("GET", "/v2/customers(/groups)?", _PAGE),
    ("GET", "/v2/customers/[^/]+", {}),
    ("POST", "/v2/orders/search", {
        **_PAGE, "location_ids": ANY, "return_entries": {True, False}, "query": {
            "sort": {"sort_field": {"CREATED_AT", "UPDATED_AT", "CLOSED_AT"}, "sort_order": {"ASC", "DESC"}},
            "filter": {
                "date_time_filter": dict.fromkeys(("created_at", "updated_at", "closed_at"), _SPAN),
                "state_filter": {"states": ANY},
                "source_filter": {"source_names": ANY},
                "customer_filter": {"customer_ids": ANY},
                "fulfillment_filter": {"fulfillment_types": ANY, "fulfillment_states": ANY},
            },
        },
    }),
    ("POST", "/v2/orders/batch-retrieve", {"order_ids": ANY}),
    ("POST", "/v2/orders/calculate", {"order": _ORDER}),
    ("POST", "/v2/orders", {"idempotency_key": ANY, "order": _ORDER}),
    ("GET", "/v2/orders/[^/]+", {}),
    ("PUT", "/v2/orders/[^/]+", {"idempotency_key": ANY, "fields_to_clear": ANY, "order": _ORDER}),
    ("POST", "/v2/orders/[^/]+/pay", {"idempotency_key": ANY, "payment_ids": ANY}),
    ("GET", "/v2/(payments|refunds)", _MONEY_LIST),
    ("GET", "/v2/(payments|refunds)/[^/]+", {}),
    ("POST", "/v2/payments", {
        **dict.fromkeys("idempotency_key source_id order_id location_id note".split(), ANY),
        "amount_money": _MONEY, "tip_money": _MONEY, "autocomplete": {True},
        "cash_details": {"buyer_supplied_money": _MONEY},
        "external_details": {"type": ANY, "source": ANY, "source_id": ANY},
    }),
    ("POST", "/v2/refunds", {
        **dict.fromkeys("idempotency_key payment_id reason".split(), ANY), "amount_money": _MONEY,
    }),
    ("GET", "/v2/payouts", {**_MONEY_LIST, "status": ANY}),
    ("GET", "/v2/payouts/[^/]+/payout-entries", {**_PAGE, "sort_order": {"ASC", "DESC"}}),
    ("GET", "/v2/cash-drawers/shifts", {
        **_PAGE, "location_id": ANY, "begin_time": ANY, "end_time": ANY, "sort_order": {"ASC", "DESC"},
    }),
    ("GET", "/v2/cash-drawers/shifts/[^/]+", {"location_id": ANY}),
)  # fmt: skip


def check(method: str, path: str, sent: dict[str, Any]) -> None:
    """Raises Rejected for what of a request is not done here."""
    shape = next((found for verb, pattern, found in SHAPES if verb == method and re.fullmatch(pattern, path)), ANY)
    for place, why in _strange(shape, sent, ""):
        _logger.error("Square's sandbox refuses %s %s: %s %s", method, path, place, why)
        raise Rejected(400, "BAD_REQUEST", f"{place} {why}", field=place)


def _strange(shape: Any, value: Any, place: str) -> list[tuple[str, str]]:
    if shape is ANY:
        return []
    if isinstance(shape, set):
        done = isinstance(value, (str, bool)) and value in shape
        return [] if done else [(place, f"can't be {value!r} in this sandbox")]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [(place, "must be a list")]
        return [found for at, row in enumerate(value) for found in _strange(shape[0], row, f"{place}[{at}]")]
    if not isinstance(value, dict):
        return [(place, "must be an object")]
    found = []
    for name, inner in value.items():
        where = f"{place}.{name}".lstrip(".")
        found += _strange(shape[name], inner, where) if name in shape else [(where, "is not done in this sandbox")]
    return found
