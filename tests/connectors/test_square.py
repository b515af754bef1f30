"""Square against its sandbox: what every system must do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest

from connectors.answers import WebhookRequest
from connectors.errors import NeedsFixing, Refused
from connectors.flows import Flow
from connectors.oauth import GRANT, Grant
from connectors.registry import registry
from connectors.systems.square.webhooks import SIGNATURE
from sandbox.square import SquareSandbox, make_shop
from sandbox.square.webhooks import signed
from tests.connectors import loopback
from tests.connectors.contract import Connect, Connected, Remote, SystemContract, fails
from tests.connectors.contract_push import Hook, PushContract, Target, WebhookContract
from tests.connectors.contract_refunds import RefundContract
from tests.connectors.contract_totals import TotalsContract
from tests.connectors.contract_webhooks import URL, Board, RegistrationContract
from tests.connectors.loopback import Loopback
from tests.connectors.square_orders import paid_order
from tests.connectors.vendor_specs import OpenApi, vendor_folder

WHEN = datetime.now(timezone.utc) - timedelta(hours=1)


class Vendors(Connected):
    system = "square"


class TestSquare(Vendors, SystemContract, TotalsContract):

    @pytest.fixture(scope="class")
    @classmethod
    def account(cls) -> Iterator[SquareSandbox]:
        with SquareSandbox(make_shop(0.02, orders=120, until=WHEN, places=12)) as running:
            yield running

    @pytest.fixture(scope="class")
    @classmethod
    def remote(cls, account: SquareSandbox) -> Remote:
        shop = account.shop
        items = [row for row in shop.objects.values() if row["type"] == "ITEM" and not row["is_deleted"]]
        backs = [row for row in shop.orders.values() if row.get("returns") and not row["line_items"]]
        failed = {row["order_id"] for row in shop.refunds.values() if row["status"] == "FAILED"}
        # Each location is paid out by day, a day later.
        cards = {row["id"] for row in shop.payments.values()
                 if row["source_type"] == "CARD" and row["total_money"]["amount"]}  # fmt: skip
        moved = [row for row in shop.payments.values() if row["id"] in cards]
        moved += [row for row in shop.refunds.values() if row["payment_id"] in cards and row["status"] == "COMPLETED"]
        today = (datetime.now(timezone.utc) - timedelta(hours=27)).isoformat()[:10]
        paid_out = {(row["location_id"], row["created_at"][:10]) for row in moved if row["created_at"][:10] <= today}
        # A drawer is counted once its day is over.
        cash = {row["id"] for row in shop.payments.values()
                if row["source_type"] == "CASH" and row["status"] == "COMPLETED"}  # fmt: skip
        drawers = [row for row in shop.payments.values() if row["id"] in cash]
        drawers += [row for row in shop.refunds.values() if row["payment_id"] in cash and row["status"] == "COMPLETED"]
        ended = (datetime.now(timezone.utc) - timedelta(hours=23)).isoformat()[:10]
        return Remote(
            url=account.url,
            settings={"access_token": account.token},
            wrong_credentials={"access_token": "wrong-access-token"},
            counts={
                Flow.PRODUCTS_PULL: len(items),
                Flow.STOCK_PULL: len(shop.counts),
                Flow.CUSTOMERS_PULL: len(shop.customers),
                Flow.ORDERS_PULL: len(shop.orders) - len(backs),
                Flow.REFUNDS_PULL: len(backs) - len(failed),
                Flow.PAYOUTS_PULL: len(paid_out),
                Flow.CASH_COUNTS_PULL: len({
                    (row["location_id"], row["created_at"][:10]) for row in drawers if row["created_at"][:10] <= ended
                }),
            },
            small_pages={
                "products_a_page": 15, "counts_a_page": 200, "customers_a_page": 40, "orders_a_page": 40,
                "payouts_a_page": 12, "cash_counts_a_page": 12,
            },
        )  # fmt: skip


class TestSquareSends(Vendors, PushContract, RefundContract, WebhookContract, RegistrationContract):
    @pytest.fixture(scope="class")
    @classmethod
    def account(cls) -> Iterator[SquareSandbox]:
        with SquareSandbox(make_shop(0.01, orders=5)) as running:
            yield running

    @pytest.fixture(scope="class")
    @classmethod
    def remote(cls, account: SquareSandbox) -> Remote:
        wrong = {"access_token": "wrong-access-token"}
        return Remote(url=account.url, settings={"access_token": account.token}, wrong_credentials=wrong)

    @pytest.fixture
    def target(self, account: SquareSandbox) -> Target:
        return Target(
            order=paid_order(account.shop), foreign="EUR", orders=lambda: len(account.shop.orders),
            reads=lambda sent: sent.method == "GET" or sent.path.endswith(("/search", "/calculate", "-retrieve")),
        )  # fmt: skip

    @pytest.fixture
    def made(self, account: SquareSandbox) -> Board:
        rows = account.shop.subscriptions

        def spoil() -> None:
            """Switched off, without one of its topics, and there a second time."""
            row = next(iter(rows.values()))
            row["event_types"] = row["event_types"][1:]
            rows["wbhk_twin"] = {**row, "id": "wbhk_twin"}
            row["enabled"] = False

        return Board(
            sent=lambda: [(row["notification_url"], topic) for row in rows.values() if row["enabled"]
                          for topic in row["event_types"]],
            ids=lambda: set(rows), spoil=spoil, clear=rows.clear,
        )  # fmt: skip

    def test_the_key_that_square_signs_with_is_stored(self, account: SquareSandbox, made: Board) -> None:
        """Also where somebody else registered it, and after it was renewed there; not again while it is the same."""
        made.clear()
        stored: list[dict[str, str]] = []
        values = account.settings()

        def register() -> None:
            registry.get("square")(values, store=stored.append).register_webhooks(URL, ["order.updated"])

        register()
        (row,) = account.shop.subscriptions.values()
        assert stored == [{"webhook_key": row["signature_key"]}]
        values |= stored[0]
        register()
        row["signature_key"] = "renewed"
        register()
        assert stored[1:] == [{"webhook_key": "renewed"}]
        row["signature_key"] = ""
        values |= stored[-1]
        register()
        assert stored[2:] == [{"webhook_key": row["signature_key"]}]
        assert row["signature_key"]

    def test_what_a_permission_may_not_register_the_application_does(
        self, account: SquareSandbox, board: Board, connect: Connect, front: Loopback, topics
    ) -> None:
        redirect = "https://odoo.example.com/callback"
        app = {**account.app(redirect), "url": front.url, "access_token": ""}
        code = account.oauth.permissions.code(redirect)
        permission = connect(**app).take_permission({"code": code}, redirect=redirect, verifier="v" * 43)
        front.requests.clear()
        missing = fails(NeedsFixing, lambda: connect(**app, **permission).register_webhooks(URL, topics))
        assert (missing.code, missing.details, front.requests) == ("missing-setting", "app_token", [])
        seller = Grant.loads(permission[GRANT]).access_token
        wrong = connect(**app, **permission, app_token=seller)
        assert fails(Refused, lambda: wrong.register_webhooks(URL, topics)).code == "forbidden"
        assert board.sent() == []
        right = connect(**app, **permission, app_token=account.token)
        assert sorted(right.register_webhooks(URL, topics).topics) == topics
        front.requests.clear()
        assert right.check()
        assert {request.headers["Authorization"] for request in front.requests} == {f"Bearer {seller}"}

    @pytest.fixture(scope="class")
    @classmethod
    def hook(cls, remote: Remote) -> Hook:
        told = {"type": "order_updated", "id": "ORDER2", "object": {"order_updated": {"order_id": "ORDER2"}}}
        event = {"merchant_id": "MERCHANT1", "type": "order.updated", "event_id": "e-2", "data": told}
        key, url = "signature-key-2", "https://odoo.example.com/hook/2"
        subscription = {"id": "wbhk_2", "notification_url": url, "signature_key": key}
        sent = signed(subscription, json.dumps(event).encode(), "e-2")
        headers = {SIGNATURE.header: sent.headers[SIGNATURE.header]}
        return Hook(request=WebhookRequest(url=url, headers=headers, body=sent.body), settings={"webhook_key": key})


def test_the_sandbox_is_held_to_the_specification() -> None:
    """What the tests above rely on: a wrong word is found, in a request as in an answer."""
    spec = OpenApi(vendor_folder("square") / "square-openapi-api.json")
    request = loopback.Request("POST", "/v2/orders/search", {}, b'{"location_ids": "L1", "limits": 5}')
    answer = loopback.Reply(200, b'{"orders": [{"id": 5, "locationId": "L1"}]}')
    spec.check(request, answer)
    assert len(spec.violations) == 5, spec.violations
