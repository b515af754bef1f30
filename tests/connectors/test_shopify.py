"""Shopify against its sandbox: what every system must do, and each request by the vendor's own introspection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
import requests

from connectors.answers import WebhookRequest
from connectors.flows import Flow
from connectors.registry import registry
from sandbox.shopify import ShopifySandbox, make_shop
from sandbox.shopify.parts import cents_of
from sandbox.shopify.webhooks import signed
from tests.connectors import loopback
from tests.connectors.contract import Connect, Connected, Remote, SystemContract
from tests.connectors.contract_push import Hook, PushContract, Target, WebhookContract
from tests.connectors.contract_refunds import RefundContract
from tests.connectors.contract_totals import TotalsContract
from tests.connectors.contract_webhooks import URL, Board, RegistrationContract
from tests.connectors.loopback import Loopback
from tests.connectors.shopify_orders import paid_order
from tests.connectors.vendor_specs import GraphQl, vendor_folder

WHEN = datetime.now(timezone.utc) - timedelta(hours=1)
SCHEMA = "graphql/admin_2026-07.json.gz"


class Vendors(Connected):
    system = "shopify"


class TestShopify(Vendors, SystemContract, TotalsContract):
    @pytest.fixture(scope="class")
    @classmethod
    def account(cls) -> Iterator[ShopifySandbox]:
        with ShopifySandbox(make_shop(0.01, orders=24, until=WHEN, places=2)) as running:
            yield running

    @pytest.fixture(scope="class")
    @classmethod
    def remote(cls, account: ShopifySandbox) -> Remote:
        shop = account.shop
        given = [row for order in shop.orders.values() for row in order["refunds"] if cents_of(row["totalRefundedSet"])]
        referred = [row for row in shop.orders.values() if row["sourceIdentifier"]]
        assert given and referred
        # Paid out by day, the noon after it.
        today = (datetime.now(timezone.utc) - timedelta(hours=36)).isoformat()[:10]
        days = {row["processedAt"][:10] for order in shop.orders.values() for row in order["transactions"]
                if row["gateway"] == "shopify_payments" and row["kind"] in ("SALE", "CAPTURE", "REFUND")
                and row["processedAt"][:10] <= today}  # fmt: skip
        return Remote(
            url=account.url,
            settings={"access_token": account.token},
            wrong_credentials={"access_token": "shpat_wrong_access_token"},
            counts={
                Flow.PRODUCTS_PULL: len(shop.products),
                Flow.STOCK_PULL: sum(
                    item["tracked"] and not item["variant"]["requiresComponents"]
                    for item in (level["item"] for level in shop.levels.values())
                ),
                Flow.CUSTOMERS_PULL: len(shop.customers),
                Flow.ORDERS_PULL: len(shop.orders),
                Flow.REFUNDS_PULL: len(given),
                Flow.ORDER_STATUS_PULL: len(referred),
                Flow.PAYOUTS_PULL: len(days),
            },
            small_pages={
                "products_a_page": 6, "levels_a_page": 20, "customers_a_page": 15, "orders_a_page": 8,
                "payouts_a_page": 4,
            },
        )  # fmt: skip


class TestShopifySends(Vendors, PushContract, RefundContract, WebhookContract, RegistrationContract):
    signs_url = False

    @pytest.fixture(scope="class")
    @classmethod
    def account(cls) -> Iterator[ShopifySandbox]:
        with ShopifySandbox(make_shop(0.01, orders=5)) as running:
            yield running

    @pytest.fixture(autouse=True)
    def lag(self, account: ShopifySandbox, request: pytest.FixtureRequest) -> None:
        """Orders are looked for while the search does not know them yet; refunds are read back when it does."""
        late = not hasattr(RefundContract, request.node.originalname)
        account.shop.index_lag = timedelta(minutes=5 if late else 0)

    @pytest.fixture(scope="class")
    @classmethod
    def remote(cls, account: ShopifySandbox) -> Remote:
        wrong = {"access_token": "shpat_wrong_access_token"}
        return Remote(url=account.url, settings={"access_token": account.token}, wrong_credentials=wrong)

    @pytest.fixture
    def target(self, account: ShopifySandbox) -> Target:
        return Target(
            order=paid_order(account.shop), foreign="EUR", orders=lambda: len(account.shop.orders),
            reads=lambda sent: b'"query": "mutation' not in sent.body.replace(b"\\n", b""),
        )  # fmt: skip

    @pytest.fixture
    def made(self, account: ShopifySandbox) -> Board:
        rows = account.shop.subscriptions
        words = {topic.upper().replace("/", "_"): topic for topic in registry.get("shopify").webhook_topics}

        def sent() -> list[tuple[str, str]]:
            whole = (row for row in rows.values() if not row["includeFields"])
            return [(row["uri"], words[row["topic"]]) for row in whole]

        def spoil() -> None:
            """One is gone, of one only a part is sent, and one is of nobody's interest."""
            one, two, three = list(rows)[:3]
            del rows[one]
            rows[two]["includeFields"] = ["note"]
            rows["gid://shopify/WebhookSubscription/5"] = {
                **rows[three], "id": "gid://shopify/WebhookSubscription/5", "topic": "CUSTOMERS_CREATE"
            }  # fmt: skip

        return Board(sent=sent, ids=lambda: set(rows), spoil=spoil, clear=rows.clear)

    def test_topics_that_the_app_may_not_see_are_named(self, connect: Connect, account: ShopifySandbox, made) -> None:
        made.clear()
        account.shop.scopes.remove("read_customers")
        try:
            found = connect().register_webhooks(URL, ["orders/create", "customers/create", "customers/update"])
        finally:
            account.shop.scopes.append("read_customers")
        assert (found.topics, found.missing) == (("orders/create",), ("customers/create", "customers/update"))
        assert "specified topic" in found.why
        assert made.sent() == [(URL, "orders/create")]

    @pytest.fixture(scope="class")
    @classmethod
    def hook(cls, remote: Remote) -> Hook:
        body = json.dumps({"id": 820982911946154508, "name": "#1002", "note": "café €"}, ensure_ascii=False).encode()
        url, key = "https://odoo.example.com/hook/2", "shpss_2"
        sent = signed(url, "orders/updated", body, key, "a-shop.myshopify.com", "2026-03-28T12:00:00Z")
        headers = {name: value for name, value in sent.headers.items() if name.startswith("X-Shopify-")}
        return Hook(request=WebhookRequest(url=url, headers=headers, body=body), settings={"webhook_secret": key})


class TestClients(Vendors):
    """What other clients of Shopify ask for, its own SDK among them."""

    @pytest.fixture(scope="class")
    @classmethod
    def remote(cls) -> Iterator[Remote]:
        with ShopifySandbox(make_shop(0.01, orders=1)) as running:
            yield Remote(url=running.url, settings={"access_token": running.token}, wrong_credentials={})

    def test_variants_edges_and_the_older_fields_of_a_customer(self, remote: Remote, front: Loopback) -> None:
        def ask(query: str, **variables: object) -> dict:
            headers = {"X-Shopify-Access-Token": remote.settings["access_token"]}
            body = {"query": query, "variables": variables}
            path = f"{front.url}/admin/api/2026-07/graphql.json"
            answer = requests.post(path, json=body, headers=headers, timeout=30).json()
            assert "errors" not in answer
            return answer["data"]

        first = ask("{ productVariants(first: 2) { edges { cursor node { id sku } } pageInfo { hasNextPage } } }")
        one, two = first["productVariants"]["edges"]
        query = "query($q: String, $c: String) { productVariants(first: 1, query: $q, after: $c) { nodes { id } } }"
        assert ask(query, q=f"sku:{two['node']['sku']}")["productVariants"]["nodes"] == [{"id": two["node"]["id"]}]
        assert ask(query, c=one["cursor"])["productVariants"]["nodes"] == [{"id": two["node"]["id"]}]
        made = ask(
            "mutation($input: CustomerInput!) { customerCreate(input: $input) "
            "{ customer { email phone displayName } userErrors { message } } }",
            input={"firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com"},
        )["customerCreate"]
        named = {"email": "ada@example.com", "phone": None, "displayName": "Ada Lovelace"}
        assert made == {"customer": named, "userErrors": []}


def test_the_requests_are_held_to_the_introspection() -> None:
    """What the tests above rely on: a wrong word is found, in the document as in its variables."""
    spec = GraphQl(vendor_folder("shopify") / SCHEMA)
    query = "query Orders($first: Int!) { orders(first: $first, sort: ID) { nodes { id total } } }"
    body = json.dumps({"query": query, "variables": {"first": "many"}}).encode()
    request = loopback.Request("POST", "/admin/api/2026-07/graphql.json", {}, body)
    spec.check(request, loopback.Reply(200, b'{"data": null, "errors": [{"message": "no", "path": ["orders"]}]}'))
    assert len(spec.violations) == 4, spec.violations
