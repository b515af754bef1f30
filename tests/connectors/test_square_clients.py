"""What other clients of Square ask for, its own SDK among them: the sandbox answers by the vendor's OpenAPI."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from sandbox.square import SquareSandbox, make_shop
from tests.connectors.contract import Remote
from tests.connectors.loopback import Loopback
from tests.connectors.test_square import Vendors

Ask = Callable[..., dict[str, Any]]


class TestClients(Vendors):
    @pytest.fixture(scope="class")
    @classmethod
    def account(cls) -> Iterator[SquareSandbox]:
        with SquareSandbox(make_shop(0.02, orders=3)) as running:
            yield running

    @pytest.fixture(scope="class")
    @classmethod
    def remote(cls, account: SquareSandbox) -> Remote:
        return Remote(url=account.url, settings={}, wrong_credentials={})

    @pytest.fixture
    def ask(self, front: Loopback, account: SquareSandbox) -> Ask:
        headers = {"Authorization": f"Bearer {account.token}", "Square-Version": "2025-08-20"}

        def ask(method: str, path: str, status: int = 200, **body: Any) -> dict[str, Any]:
            if method in ("POST", "PUT") and "search" not in path:
                body["idempotency_key"] = str(uuid.uuid4())
            answer = requests.request(method, f"{front.url}/v2/{path}", json=body or None, headers=headers, timeout=30)
            assert answer.status_code == status, answer.text
            return answer.json()

        return ask

    def test_the_catalogue_is_listed_page_by_page(self, ask: Ask, account: SquareSandbox) -> None:
        found, cursor = [], ""
        while True:
            page = ask("GET", f"catalog/list?types=ITEM,MODIFIER&cursor={cursor}" if cursor else
                       "catalog/list?types=ITEM,MODIFIER")  # fmt: skip
            found += page["objects"]
            cursor = page.get("cursor", "")
            if not cursor:
                break
        items = [row for row in account.shop.objects.values() if row["type"] == "ITEM" and not row["is_deleted"]]
        assert [row["type"] for row in found].count("ITEM") == len(items)
        assert {row["type"] for row in found} == {"ITEM", "MODIFIER"}
        top = {row["type"] for row in ask("GET", "catalog/list")["objects"]}
        assert {"CATEGORY", "TAX"} <= top
        assert not top & {"ITEM_VARIATION", "MODIFIER", "IMAGE"}
        variation = items[0]["item_data"]["variations"][0]["id"]
        assert ask("GET", f"catalog/object/{variation}")["object"]["type"] == "ITEM_VARIATION"
        ask("GET", "catalog/object/none", 404)

    def test_objects_that_are_made_together_name_each_other(self, ask: Ask) -> None:
        variation = {"type": "ITEM_VARIATION", "id": "#one", "item_variation_data": {
            "item_id": "#tea", "name": "One", "pricing_type": "FIXED_PRICING",
            "price_money": {"amount": 500, "currency": "USD"}}}  # fmt: skip
        item = {"type": "ITEM", "id": "#tea", "item_data": {
            "name": "Tea", "categories": [{"id": "#hot"}], "variations": [variation]}}  # fmt: skip
        category = {"type": "CATEGORY", "id": "#hot", "category_data": {"name": "Warm"}}
        made = ask("POST", "catalog/batch-upsert", batches=[{"objects": [item, category]}])
        ids = {row["client_object_id"]: row["object_id"] for row in made["id_mappings"]}
        assert set(ids) == {"#tea", "#one", "#hot"}
        kept = ask("GET", f"catalog/object/{ids['#tea']}")["object"]["item_data"]
        assert kept["categories"][0]["id"] == ids["#hot"]
        assert kept["variations"][0]["item_variation_data"]["item_id"] == ids["#tea"]
        found = ask("POST", "catalog/search-catalog-items", category_ids=[ids["#hot"]])["items"]
        assert [row["id"] for row in found] == [ids["#tea"]]
        ask("POST", "catalog/batch-upsert", 409, batches=[{"objects": [{**category, "id": ids["#hot"], "version": 5}]}])

    def test_places_people_and_counts_are_there(self, ask: Ask, account: SquareSandbox) -> None:
        assert ask("GET", "merchants")["merchant"][0]["id"] == account.shop.merchant["id"]
        assert ask("GET", "locations/main")["location"]["id"] == "LOC000"
        ask("GET", "locations/none", 404)
        assert len(ask("GET", "customers?limit=100")["customers"]) == min(100, len(account.shop.customers))
        variation = next(key for key, _place in account.shop.counts)
        counts = ask("GET", f"inventory/{variation}?location_ids=LOC001")["counts"]
        assert [row["location_id"] for row in counts] == ["LOC001"]

    def test_an_order_is_changed_line_by_line(self, ask: Ask) -> None:
        def line(quantity: str, amount: int, **more: str) -> dict[str, Any]:
            price = {"amount": amount, "currency": "USD"}
            return {"name": "Tea", "quantity": quantity, "base_price_money": price, **more}

        order = ask("POST", "orders", order={"location_id": "LOC000", "line_items": [line("1", 250)]})["order"]
        own = order["line_items"][0]["uid"]

        def change(order: dict[str, Any], clear: tuple[str, ...] = (), **values: Any) -> dict[str, Any]:
            given = {"location_id": "LOC000", "version": order["version"], **values}
            return ask("PUT", f"orders/{order['id']}", order=given, fields_to_clear=list(clear))["order"]

        more = change(order, line_items=[{"uid": own, "quantity": "3"}, line("1", 100)], reference_id="R-1")
        assert (more["total_money"]["amount"], more["reference_id"]) == (850, "R-1")
        taxed = change(more, taxes=[{"name": "Tax", "percentage": "10", "scope": "ORDER"}])
        assert taxed["total_money"]["amount"] == 935
        less = change(taxed, (f"line_items[{own}]", "taxes"))
        assert (less["total_money"]["amount"], len(less["line_items"])) == (100, 1)
        pickup = {"type": "PICKUP", "pickup_details": {"recipient": {"display_name": "Ada"}}}
        (made,) = change(less, fulfillments=[pickup])["fulfillments"]
        assert (made["state"], made["type"]) == ("PROPOSED", "PICKUP")
