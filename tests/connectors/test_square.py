"""Square against its sandbox: what every system must do, and each request and answer by the vendor's own OpenAPI."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest

from connectors.connector import Flow
from sandbox.square import SquareSandbox, make_shop
from tests.connectors import loopback
from tests.connectors.contract import Remote, SystemContract
from tests.connectors.loopback import Loopback
from tests.connectors.vendor_specs import FOLDER, OpenApi, open_api, vendor_folder

WHEN = datetime.now(timezone.utc) - timedelta(hours=1)


class TestSquare(SystemContract):
    system = "square"

    @pytest.fixture(scope="class")
    @classmethod
    def remote(cls) -> Iterator[Remote]:
        shop = make_shop(0.02, orders=120, until=WHEN, places=12)
        items = [row for row in shop.objects.values() if row["type"] == "ITEM" and not row["is_deleted"]]
        backs = [row for row in shop.orders.values() if row.get("returns") and not row["line_items"]]
        amounts = [
            row
            for row in shop.refunds.values()
            if row["status"] == "COMPLETED" and not shop.orders[row["order_id"]].get("returns")
        ]
        with SquareSandbox(shop) as sandbox:
            yield Remote(
                url=sandbox.url,
                settings={"access_token": sandbox.token},
                wrong_credentials={"access_token": "wrong-access-token"},
                counts={
                    Flow.PRODUCTS_PULL: len(items),
                    Flow.STOCK_PULL: len(shop.counts),
                    Flow.CUSTOMERS_PULL: len(shop.customers),
                    Flow.ORDERS_PULL: len(shop.orders) - len(backs),
                    Flow.REFUNDS_PULL: len(backs) + len(amounts),
                },
                small_pages={
                    "products_a_page": 15, "counts_a_page": 200, "customers_a_page": 40, "orders_a_page": 40,
                },
            )  # fmt: skip

    @pytest.fixture
    def front(self, remote: Remote) -> Iterator[Loopback]:
        """Everything that passes keeps to Square's OpenAPI, where that is here."""
        spec = open_api("square", "square-openapi-api.json") if FOLDER.is_dir() else None
        with loopback.proxy(remote.url, spec and spec.check) as running:
            yield running
        if spec:
            violations, spec.violations = spec.violations, []
            assert violations == []


def test_the_sandbox_is_held_to_the_specification() -> None:
    """What the tests above rely on: a wrong word is found, in a request as in an answer."""
    spec = OpenApi(vendor_folder("square") / "square-openapi-api.json")
    request = loopback.Request("POST", "/v2/orders/search", {}, b'{"location_ids": "L1", "limits": 5}')
    answer = loopback.Reply(200, b'{"orders": [{"id": 5, "locationId": "L1"}]}')
    spec.check(request, answer)
    assert len(spec.violations) == 5, spec.violations
