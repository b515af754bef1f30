"""What the sandbox says that a query costs is what Shopify has said of such queries; what the connector asks is within
what Shopify lets one request cost."""

from __future__ import annotations

import pytest
from graphql import build_schema, parse

from connectors.systems.shopify import Shopify, catalog, customers, orders, stock
from sandbox.shopify import cost, schema

# As much of Shopify's schema as the queries need whose cost is known.
SCHEMA = build_schema("""
    type Query { places(first: Int): PlaceConnection  product: Product  order: Order }
    type Mutation { change: Payload }
    type Payload { product: Product  errors: [Error] }
    type Error { message: String }
    type PlaceConnection { nodes: [Place] }
    type Place { id: ID }
    type Product { id: ID  variants(first: Int): VariantConnection }
    type VariantConnection { nodes: [Variant]  edges: [VariantEdge] }
    type VariantEdge { node: Variant }
    type Variant { id: ID  product: Product  item: Item }
    type Item { id: ID  levels(first: Int): LevelConnection }
    type LevelConnection { nodes: [Level] }
    type Level { counts(names: [String]): [Count]  place: Place }
    type Count { name: String }
    type Order { id: ID  totalSet: MoneyBag  parts(first: Int): PartConnection }
    type PartConnection { nodes: [Part] }
    type Part { id: ID  address: Address  parcels(first: Int): ParcelConnection }
    type Address { place: Place }
    type ParcelConnection { nodes: [Parcel] }
    type Parcel { place: Place  lines(first: Int): LineConnection }
    type LineConnection { nodes: [Line] }
    type Line { item: Item }
    type MoneyBag { shopMoney: MoneyV2 }
    type MoneyV2 { amount: String }
""")
_ITEM = 'item { levels(first: 3) { nodes { counts(names: ["a", "b"]) { name } place { id } } } }'
_PARCELS = "parcels(first: 3) { nodes { place { id } lines(first: 2) { nodes { item { id } } } } }"
RECORDED = {
    "a list of 100": ("{ places(first: 100) { nodes { id } } }", 11),
    "lists within lists": (
        f"{{ product {{ variants(first: 3) {{ nodes {{ id product {{ variants(first: 3) {{ edges {{ node {{ {_ITEM} }}"
        " } } } } } } }", 51,
    ),
    "what was sent of an order": (
        f"{{ order {{ parts(first: 2) {{ nodes {{ address {{ place {{ id }} }} {_PARCELS} }} }} }} }}", 20,
    ),
    "money": ("{ order { totalSet { shopMoney { amount } } } }", 1),
    "a change": ("mutation { change { product { id } errors { message } } }", 10),
    "a change that reads a list": (
        "mutation { change { product { variants(first: 1) { edges { node { id } } } } errors { message } } }", 13,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("query", "points"), RECORDED.values(), ids=RECORDED)
def test_a_query_costs_what_it_costs_there(query: str, points: int) -> None:
    assert cost.requested(SCHEMA, parse(query), {}) == points


def test_what_came_back_is_taken() -> None:
    row = {"id": 1, "totalPriceSet": {"shopMoney": {"amount": "1.0"}}, "customer": {"id": 2}, "retailLocation": None}
    data = {"orders": {"pageInfo": {"hasNextPage": False}, "nodes": [row, {**row, "customer": None}]}}
    # One for what was asked, two for the list, an order and its customer, and an order.
    assert cost.actual(data) == 1 + 2 + 2 + 1
    assert cost.actual({"orders": {"edges": [{"node": row}]}}) == 1 + 2 + 2


@pytest.mark.parametrize(
    ("query", "first"),
    [
        (orders.ORDERS_ON_TERMS, Shopify.orders_a_page),
        (catalog.PRODUCTS, Shopify.products_a_page),
        (customers.CUSTOMERS, Shopify.customers_a_page),
        (stock.LEVELS, Shopify.levels_a_page),
    ],
    ids=["orders", "products", "customers", "stock"],
)
def test_a_page_is_within_what_one_request_may_cost(query: str, first: int) -> None:
    assert cost.requested(schema.load(), parse(query), {"first": first}) <= cost.MOST
