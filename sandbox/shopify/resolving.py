"""Fields of the schema from a shop's rows. What a row has is answered; lists become connections where the schema wants
one; what must not be missing and no row has is empty: no, none, nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLResolveInfo,
    OperationType,
    VariableNode,
    get_named_type,
    is_leaf_type,
)

from . import changing, drafts, fulfilling, giving_back, payouts, returns, selling, webhooks
from .listing import connect, listed
from .shop import Shop
from .values import Row, stamp

_EMPTY = {"Boolean": False, "Int": 0, "String": "", "Float": 0.0, "UnsignedInt64": "0"}
_SCOPES = {"products": "read_products", "productVariants": "read_products", "customers": "read_customers",
           "orders": "read_orders", "draftOrders": "read_draft_orders", "locations": "read_locations"}  # fmt: skip
_WITH_SCOPE = {"paymentTerms": "read_payment_terms"}
# What other clients still ask a customer for.
_OF_CUSTOMER = {
    "email": lambda row: (row["defaultEmailAddress"] or {}).get("emailAddress"),
    "phone": lambda row: (row["defaultPhoneNumber"] or {}).get("phoneNumber"),
    "displayName": lambda row: " ".join(filter(None, (row["firstName"], row["lastName"])))
    or (row["defaultEmailAddress"] or {}).get("emailAddress", ""),
}
CHANGES = {
    **changing.CHANGES,
    **selling.CHANGES,
    **fulfilling.CHANGES,
    **giving_back.CHANGES,
    **returns.CHANGES,
    **drafts.CHANGES,
    **webhooks.CHANGES,
}


class Resolver:
    """Answers one request: `warnings` are what searches ignored."""

    def __init__(self, shop: Shop):
        self._shop = shop
        self.warnings: list[Row] = []

    def __call__(self, source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        name = info.field_name
        if source is None:
            change = info.operation.operation is OperationType.MUTATION
            return self._change(name, info, arguments) if change else self._root(name, arguments)
        found = self._special(source, name, arguments)
        if found is None:
            found = source.get(name)
        if found is None and not _knows(source, name):
            raise GraphQLError(f"Field '{name}' of {source['__typename']} is not implemented here.")
        kind = get_named_type(info.return_type)
        if isinstance(found, list) and kind.name.endswith("Connection"):
            return connect(found, arguments)
        if isinstance(found, list) and arguments.get("first"):
            return found[: arguments["first"]]
        return _nothing(info.return_type) if found is None else found

    def _special(self, source: Row, name: str, arguments: dict[str, Any]) -> Any:
        kind = source.get("__typename")
        if kind == "Location" and name == "inventoryLevels":
            rows = (row for row in self._shop.levels.values() if row["location"] is source)
            return listed(name, rows, arguments, self.warnings)
        if kind == "InventoryItem" and name == "inventoryLevel":
            return next((row for row in self._shop.levels.values() if row["item"] is source
                         and row["location"]["id"] == arguments["locationId"]), None)  # fmt: skip
        if kind == "InventoryLevel" and name == "quantities":
            counts = {"on_hand": source["on_hand"], "committed": source["committed"],
                      "available": source["on_hand"] - source["committed"]}  # fmt: skip
            return [
                {"id": f"{source['id']}&name={item}", "name": item, "quantity": counts.get(item, 0)}
                for item in arguments["names"]
            ]
        if kind == payouts.ACCOUNT and name in payouts.LISTS:
            return listed(name, payouts.LISTS[name](self._shop), arguments, self.warnings)
        if kind == "Shop" and name == "customerTags":
            return sorted({tag for row in self._shop.customers.values() for tag in row["tags"]})
        if kind == "Customer" and name in _OF_CUSTOMER:
            return _OF_CUSTOMER[name](source)
        if kind == "Order" and name in _WITH_SCOPE and _WITH_SCOPE[name] not in self._shop.scopes:
            raise _denied(name, _WITH_SCOPE[name])
        if kind == "Order" and name == "canMarkAsPaid":
            return not source["cancelledAt"] and source["displayFinancialStatus"] in ("PENDING", "PARTIALLY_PAID")
        if kind == "Order" and name == "fulfillmentOrders":
            return fulfilling.fulfilment_orders(source, self._shop)
        if name == "url" and "image" not in source and "{base}" in str(source.get("url")):
            return source["url"].replace("{base}", self._shop.row.get("base", ""))
        return None

    def _root(self, name: str, arguments: dict[str, Any]) -> Any:
        shop = self._shop
        scopes = shop.scopes
        lists = {
            "products": shop.products.values,
            "productVariants": shop.variants.values,
            "draftOrders": shop.drafts.values,
            "customers": shop.customers.values,
            "orders": lambda: self._orders(arguments),
            "locations": shop.locations.values,
            "tenderTransactions": lambda: selling.tenders(shop),
            "webhookSubscriptions": shop.subscriptions.values,
        }
        if name in lists:
            if name in _SCOPES and _SCOPES[name] not in scopes:
                raise _denied(name, _SCOPES[name])
            return listed(name, lists[name](), arguments, self.warnings)
        if name == "shopifyPaymentsAccount":
            return payouts.account(self._shop)
        if name in ("shop", "currentAppInstallation"):
            handles = [{"handle": scope, "description": scope} for scope in scopes]
            installed = {"id": "gid://shopify/AppInstallation/1", "accessScopes": handles}
            return shop.row if name == "shop" else installed
        if name in ("ordersCount", "productsCount", "customersCount"):
            return {"count": len(getattr(shop, name.removesuffix("Count"))), "precision": "EXACT"}
        if name == "nodes":
            return [self._node(key) for key in arguments["ids"]]
        return self._node(arguments["id"]) if "id" in arguments else None

    def _orders(self, arguments: dict[str, Any]) -> list[Row]:
        rows = self._shop.visible_orders()
        lag: timedelta = self._shop.index_lag
        if not (arguments.get("query") and lag):
            return rows
        known = stamp(self._shop.now() - lag)
        return [row for row in rows if row["createdAt"] <= known]

    def _node(self, key: str) -> Row | None:
        shop = self._shop
        kind = key.removeprefix("gid://shopify/").partition("/")[0]
        orders = {row["id"]: row for row in shop.visible_orders()} if kind == "Order" else {}
        tables: dict[str, Any] = {
            "Order": orders, "Product": shop.products, "Customer": shop.customers, "Location": shop.locations,
            "ProductVariant": shop.variants if kind == "ProductVariant" else {}, "InventoryLevel": shop.levels,
            "WebhookSubscription": shop.subscriptions, "DraftOrder": shop.drafts,
        }  # fmt: skip
        if kind in tables:
            return tables[kind].get(key)
        if kind == "FulfillmentOrder":
            found = fulfilling.find(shop, key)
            return found[1] if found else None
        names = {"Refund": "refunds", "Fulfillment": "fulfillments"}
        inner = (row for order in shop.visible_orders() for row in order[names[kind]]) if kind in names else ()
        return next((row for row in inner if row["id"] == key), None)

    def _change(self, name: str, info: GraphQLResolveInfo, arguments: dict[str, Any]) -> Row:
        if name not in CHANGES:
            return {"userErrors": [{"field": None, "message": f"{name} can't be done here."}]}
        key = next(
            (
                argument.value
                for directive in info.field_nodes[0].directives or ()
                if directive.name.value == "idempotent"
                for argument in directive.arguments or ()
            ),
            None,
        )
        if key is None:
            return CHANGES[name](self._shop, **arguments)
        text = info.variable_values.coerced[key.name.value] if isinstance(key, VariableNode) else key.value
        known = self._shop.answered.get(text)
        if known is None:
            known = self._shop.answered[text] = (arguments, CHANGES[name](self._shop, **arguments))
        elif known[0] != arguments:
            return {"userErrors": [{"field": None, "message": "The key was used with other parameters.",
                                    "code": "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"}]}  # fmt: skip
        return known[1]


def _knows(source: Row, name: str) -> bool:
    """Rows that say what they are say all that they have: to answer nothing where they don't know would be a lie."""
    return "__typename" not in source or name in source or (source["__typename"] == "Customer" and name in _OF_CUSTOMER)


def _denied(name: str, scope: str) -> GraphQLError:
    told = f"Access denied for {name} field. Required access: `{scope}` access scope."
    return GraphQLError(told, extensions={"code": "ACCESS_DENIED"})


def _nothing(kind: Any) -> Any:
    """What a field that must not be null is, where no row has it."""
    if not isinstance(kind, GraphQLNonNull):
        return None
    inner = kind.of_type
    if isinstance(inner, GraphQLList):
        return []
    if is_leaf_type(inner):
        return _EMPTY.get(inner.name)
    if inner.name == "MoneyBag":
        money = {"amount": "0.0", "currencyCode": "USD"}
        return {"shopMoney": money, "presentmentMoney": money}
    nothing = {"nodes": [], "edges": [], "pageInfo": {"hasNextPage": False, "hasPreviousPage": False}}
    return nothing if inner.name.endswith("Connection") else None
