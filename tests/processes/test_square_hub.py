"""A Square account in a real hub: its year arrives to the cent, and what happens there is here seconds later."""

from __future__ import annotations

import json
import time
from collections import Counter
from decimal import Decimal
from typing import Any

from sandbox.deliveries import Mischief
from sandbox.square import SquareSandbox, make_shop
from tests.processes.hub import wait_until

FLOWS = ("products_pull", "stock_pull", "customers_pull", "orders_pull", "refunds_pull")


def ask(account: SquareSandbox, path: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {account.token}", "Square-Version": "2025-08-20"}
    status, answer = account.answer("POST", path, headers, json.dumps(body).encode())
    assert status == 200, answer
    return answer


def sell(account: SquareSandbox, key: str) -> dict[str, Any]:
    """An order of 24.00 and its tax, paid in cash with a tip of 3.00."""
    tax = {"uid": "t", "catalog_object_id": "TAX-SALES", "scope": "ORDER"}
    line = {"uid": "l", "name": "Catering", "quantity": "2", "base_price_money": {"amount": 1200, "currency": "USD"}}
    order = {"location_id": "LOC000", "line_items": [line], "taxes": [tax]}
    made = ask(account, "/v2/orders", {"idempotency_key": key, "order": order})["order"]
    due = made["net_amount_due_money"]
    ask(account, "/v2/payments", {
        "idempotency_key": key, "source_id": "CASH", "amount_money": due, "order_id": made["id"],
        "tip_money": {"amount": 300, "currency": "USD"}, "cash_details": {"buyer_supplied_money": due},
    })  # fmt: skip
    return made


def arrived(hub, external_id: str) -> list[tuple[Any, ...]]:
    return hub.database.query(
        "SELECT amount_total::numeric(16, 2), pos_sync_status FROM sale_order WHERE pos_sync_external_id = %s",
        external_id,
    )


def test_a_year_arrives_and_what_happens_is_here_in_seconds(hub):
    with SquareSandbox(make_shop(0.01, orders=60)) as account:
        connection = hub.connect(account.settings(), name="Square", system="square")
        hub.map_all(connection)
        hub.start(connection, *FLOWS)
        for flow in FLOWS:
            hub.wait_for_flow(connection, flow)
        assert Counter(
            (state, code) for _id, state, code, _s in hub.messages(connection) if state in ("held", "failed")
        ) == Counter(), hub.messages(connection)[:5]
        sold = {
            key: Decimal(row["net_amounts"]["total_money"]["amount"]) / 100
            for key, row in account.shop.orders.items()
            if row["line_items"]
        }
        there = dict(hub.database.query(
            "SELECT pos_sync_external_id, amount_total::numeric(16, 2) FROM sale_order"
            " WHERE pos_sync_connection_id = %s", connection))  # fmt: skip
        assert there == sold

        hub.call("pos.sync.connection", "write", [connection], vals={"webhook_base": hub.server.url})
        answer = hub.call("pos.sync.connection", "action_register_webhooks", [connection])["params"]
        assert answer["type"] == "success", answer["message"]
        (subscription,) = account.shop.subscriptions.values()
        assert {"order.updated", "payment.created", "customer.created"} <= set(subscription["event_types"])
        assert subscription["signature_key"] not in hub.server.log()

        # Each event twice, the later ones first: one order, as it is in the end.
        account.webhooks.mischief = Mischief(twice=1.0, hold=2)
        began = time.monotonic()
        made = sell(account, "k1")
        account.webhooks.release()
        wait_until(lambda: arrived(hub, made["id"])[:1] == [(Decimal("29.13"), "completed")], "the order", within=10)
        assert time.monotonic() - began < 10
        assert account.webhooks.wait()
        assert {item.status for item in account.webhooks.sent} == {200}
        assert len(arrived(hub, made["id"])) == 1

        # One that is lost comes with the next poll.
        account.webhooks.mischief = Mischief(lost=1.0)
        lost = sell(account, "k2")
        time.sleep(1.1)
        hub.call("pos.sync.stream", "action_sync_now", [hub.stream(connection, "orders_pull")])
        wait_until(lambda: arrived(hub, lost["id"]), "the order whose webhook was lost", within=30)
        assert hub.value("SELECT count(*) FROM pos_sync_event WHERE connection_id = %s", connection) >= 3

        # Who is switched off has the system send nothing any more.
        hub.call("pos.sync.connection", "action_off", [connection])
        wait_until(lambda: not account.shop.subscriptions, "the end of the subscription", within=30)
