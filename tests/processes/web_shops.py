"""Square and Shopify as a test sees them: an account on its sandbox, and what happens there by its API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from types import ModuleType
from typing import Any

from sandbox import shopify, square
from sandbox.deliveries import Sender
from sandbox.shopify.schema import VERSION
from sandbox.shopify.values import gid


class WebShop:
    """An account with a year of sales. `total`: what `sell` sells for, with its tip; `untaxed`: what earns points."""

    system: str
    # What counts what it has `sold` and `taken`.
    books: ModuleType
    account: Any
    topics: tuple[str, ...]
    total: Decimal
    untaxed: Decimal

    @property
    def webhooks(self) -> Sender:
        return self.account.webhooks

    def sell(self, key: str) -> str:
        """An order of a known customer that is paid and handed over; gives its id."""
        raise NotImplementedError

    def exchange(self, sold: str) -> None:
        """Both pieces that `sell` sold come back, one for something dearer and one for something cheaper; nothing where
        the system has no exchanges of its own."""

    def close(self) -> None:
        self.account.close()


class SquareShop(WebShop):
    system = "square"
    books = square.books
    topics = "order.updated", "payment.created", "customer.created"
    total = Decimal("29.13")
    untaxed = Decimal("24.00")

    def __init__(self, orders: int = 60) -> None:
        self.account = square.SquareSandbox(square.make_shop(0.01, orders=orders))

    def ask(self, path: str, body: dict[str, Any], method: str = "POST") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.account.token}", "Square-Version": "2025-08-20"}
        status, answer = self.account.answer(method, path, headers, json.dumps(body).encode())
        assert status == 200, answer
        return answer

    def sell(self, key: str) -> str:
        """24.00 and its tax, paid in cash with a tip of 3.00."""
        tax = {"uid": "t", "catalog_object_id": "TAX-SALES", "scope": "ORDER"}
        line = {"uid": "l", "name": "Catering", "quantity": "2", "base_price_money": _usd(1200)}
        order = {"location_id": "LOC000", "line_items": [line], "taxes": [tax],
                 "customer_id": next(iter(self.account.shop.customers))}  # fmt: skip
        made = self.ask("/v2/orders", {"idempotency_key": key, "order": order})["order"]
        due = made["net_amount_due_money"]
        self.ask("/v2/payments", {
            "idempotency_key": key, "source_id": "CASH", "amount_money": due, "order_id": made["id"],
            "tip_money": _usd(300), "cash_details": {"buyer_supplied_money": _usd(due["amount"] + 300)},
        })  # fmt: skip
        return made["id"]


class ShopifyShop(WebShop):
    """Its shop sells in euros where nothing else is asked for, the hub in dollars."""

    system = "shopify"
    books = shopify.books
    topics = "ORDERS_UPDATED", "FULFILLMENTS_CREATE", "CUSTOMERS_UPDATE"
    total = Decimal("25.74")
    untaxed = Decimal("24.00")

    def __init__(self, orders: int = 60, currency: str = "EUR") -> None:
        self.account = shopify.ShopifySandbox(shopify.make_shop(0.02, orders=orders, currency=currency))
        self._currency = currency

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """What a change answers; raises AssertionError for what is wrong with it."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"X-Shopify-Access-Token": self.account.token}
        status, answer = self.account.answer("POST", f"/admin/api/{VERSION}/graphql.json", headers, body)
        assert status == 200, answer
        assert "errors" not in answer, answer
        (found,) = answer["data"].values()
        assert found["userErrors"] == [], found
        return found

    def sell(self, key: str) -> str:
        """24.00 and its tax, paid by card; then handed over."""
        tax = {"title": "State Tax", "rate": "0.0725", "priceSet": self.bag("1.74")}
        line = {"title": "Catering", "quantity": 2, "priceSet": self.bag("12.00"), "taxLines": [tax]}
        made = self.order(key, line, "25.74")
        self.hand_over(made)
        return made

    def order(self, key: str, line: dict[str, Any], total: str) -> str:
        """An order of one line that is paid by card; gives its id."""
        order = {
            "currency": self._currency, "lineItems": [line], "sourceName": key,
            "customer": {"toAssociate": {"id": next(iter(self.account.shop.customers))}},
            "transactions": [{"kind": "SALE", "status": "SUCCESS", "gateway": "shopify_payments",
                              "amountSet": self.bag(total)}],
        }  # fmt: skip
        query = """
            mutation Sell($order: OrderCreateOrderInput!) {
              orderCreate(order: $order) { order { id } userErrors { message } } }
        """
        return self.ask(query, order=order)["order"]["id"].rpartition("/")[2]

    def hand_over(self, key: str) -> None:
        query = """
            mutation HandOver($parcel: FulfillmentInput!) {
              fulfillmentCreate(fulfillment: $parcel) { fulfillment { id } userErrors { message } } }
        """
        self.ask(query, parcel={"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": gid("FulfillmentOrder", key)}]})

    def exchange(self, sold: str) -> None:
        variants = sorted(
            (row for row in self.account.shop.variants.values() if not row["requiresComponents"]),
            key=lambda row: Decimal(row["price"]),
        )
        order = self.account.shop.orders[gid("Order", sold)]
        self.swap(order, variants[-1]["id"])
        query = """
            mutation Paid($input: OrderMarkAsPaidInput!) {
              orderMarkAsPaid(input: $input) { order { id } userErrors { message } } }
        """
        self.ask(query, input={"id": order["id"]})
        self.swap(order, variants[0]["id"])
        self.hand_over(sold)

    def swap(self, order: dict[str, Any], variant: str) -> None:
        """One piece of the order's first line for one of a variant; what is left is given back."""
        query = """
            mutation Wish($wish: ReturnInput!) {
              returnCreate(returnInput: $wish) {
                return { id returnLineItems(first: 1) { nodes { id } } exchangeLineItems(first: 1) { nodes { id } } }
                userErrors { message } } }
        """
        back = {"fulfillmentLineItemId": order["fulfillments"][0]["fulfillmentLineItems"][0]["id"], "quantity": 1}
        wish = {"orderId": order["id"], "returnLineItems": [{**back, "returnReason": "SIZE_TOO_SMALL"}],
                "exchangeLineItems": [{"variantId": variant, "quantity": 1}]}  # fmt: skip
        made = self.ask(query, wish=wish)["return"]
        price = Decimal(self.account.shop.variants[variant]["price"])
        left = Decimal("12.87") - (price * Decimal("1.0725")).quantize(Decimal("0.01"), ROUND_HALF_UP)
        money = {"amount": str(left), "currencyCode": self._currency}
        paid = {"parentId": order["transactions"][0]["id"], "transactionAmount": money}
        query = """
            mutation Swap($done: ReturnProcessInput!) {
              returnProcess(input: $done) { return { id } userErrors { message } } }
        """
        self.ask(query, done={
            "returnId": made["id"],
            "returnLineItems": [{"id": made["returnLineItems"]["nodes"][0]["id"], "quantity": 1}],
            "exchangeLineItems": [{"id": made["exchangeLineItems"]["nodes"][0]["id"], "quantity": 1}],
            **({"financialTransfer": {"issueRefund": {"orderTransactions": [paid]}}} if left > 0 else {}),
        })

    def bag(self, amount: str) -> dict[str, Any]:
        return {"shopMoney": {"amount": amount, "currencyCode": self._currency}}


SHOPS = {"square": SquareShop, "shopify": ShopifyShop}


def open_shop(system: str) -> Iterator[WebShop]:
    shop = SHOPS[system]()
    yield shop
    shop.close()


def _usd(cents: int) -> dict[str, Any]:
    return {"amount": cents, "currency": "USD"}
