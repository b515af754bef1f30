"""What items of Square refer to changes without them: an incremental pull brings the items all the same."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from connectors import records as rec
from connectors.connector import Connector
from connectors.flows import Flow
from connectors.pages import Cursor
from connectors.systems.square.api import Api
from connectors.systems.square.catalog import CatalogReader
from sandbox.square import SquareSandbox, make_shop
from tests.connectors.contract import Connect, Remote, digests, pull
from tests.connectors.test_square import Vendors

WHEN = datetime.now(timezone.utc) - timedelta(days=2)
Change = Callable[[dict[str, Any]], None]


def name(data: str) -> Change:
    return lambda row: row[data].update(name="Another name")


def nested(data: str, rows: str, change: Change) -> Change:
    """The first object inside changes, and not the one around it."""

    def work(row: dict[str, Any]) -> None:
        inner = row[data][rows][0]
        change(inner)
        inner["updated_at"], row["updated_at"] = row["updated_at"], inner["updated_at"]

    return work


def price(row: dict[str, Any]) -> None:
    row["modifier_data"]["price_money"]["amount"] = 12345


def move(row: dict[str, Any]) -> None:
    row["category_data"].pop("parent_category")


CHANGES: dict[str, tuple[str, Change]] = {
    "category": ("CAT-HOT", name("category_data")),
    "category above": ("CAT-FOOD", name("category_data")),
    "category moved": ("CAT-COLD", move),
    "modifier list": ("ML-MILK", name("modifier_list_data")),
    "modifier": ("ML-MILK", nested("modifier_list_data", "modifiers", price)),
    "option": ("OPT-SIZE", lambda row: row["item_option_data"].update(display_name="How big")),
    "option value": ("OPT-SIZE", nested("item_option_data", "values", name("item_option_value_data"))),
}


class TestReferences(Vendors):
    @pytest.fixture(scope="class")
    @classmethod
    def account(cls) -> Iterator[SquareSandbox]:
        with SquareSandbox(make_shop(0.05, orders=0, until=WHEN)) as running:
            yield running

    @pytest.fixture(scope="class")
    @classmethod
    def remote(cls, account: SquareSandbox) -> Remote:
        return Remote(
            url=account.url,
            settings={"access_token": account.token},
            wrong_credentials={},
            small_pages={"products_a_page": 10},
        )

    @pytest.fixture
    def changed(self, account: SquareSandbox) -> Iterator[Callable[[str, Change], None]]:
        before = dict(account.shop.objects)

        def change(key: str, work: Change) -> None:
            row = copy.deepcopy(before[key])
            row["updated_at"] = account.shop.stamp()
            work(row)
            account.shop.objects[key] = row

        yield change
        account.shop.objects.clear()
        account.shop.objects.update(before)

    @pytest.mark.parametrize("what", CHANGES)
    def test_items_come_whose_reference_changed(self, connect: Connect, changed, what: str) -> None:
        before = everything(connect())
        changed(*CHANGES[what])
        after = everything(connect())
        expected = {key for key in after if after[key] != before[key]}
        assert expected
        found, cursor = {}, Cursor(since=datetime.now(timezone.utc) - timedelta(minutes=15))
        while True:
            # Each page by a connector of its own, as after a kill.
            page = next(pull(connect(), Flow.PRODUCTS_PULL, cursor))
            found |= digests(page.records)
            cursor = Cursor.loads(page.cursor.dumps())
            if page.last:
                break
        assert set(found) == expected
        assert {key: after[key] for key in found} == found

    def test_where_nothing_changed_one_more_request_says_so(self, connect: Connect, front) -> None:
        connector = connect()
        connector.check()
        front.requests.clear()
        (page,) = pull(connector, Flow.PRODUCTS_PULL, Cursor(since=datetime.now(timezone.utc)))
        assert not page.records
        assert [request.path for request in front.requests] == ["/v2/catalog/search"] * 2


def everything(connector: Connector) -> dict[str, str]:
    return digests(record for page in pull(connector, Flow.PRODUCTS_PULL, Cursor()) for record in page.records)


# What stands in an item


def item(variation: dict[str, Any], **more: Any) -> dict[str, Any]:
    data = {"item_id": "I1", "name": "Regular", "pricing_type": "FIXED_PRICING", **variation.pop("data", {})}
    row = {"id": "V1", "type": "ITEM_VARIATION", "item_variation_data": data, **variation}
    return {"id": "I1", "type": "ITEM", "item_data": {"name": "Tea", "variations": [row]}, **more}


def read(row: dict[str, Any]) -> rec.Product:
    (found,), malformed = CatalogReader(NoObjects()).products([row])
    assert malformed == ()
    return found


class NoObjects(Api):
    def __init__(self) -> None:
        pass

    def each(self, *_asked: Any, **_more: Any) -> list[dict[str, Any]]:
        return []


def test_the_cost_is_that_of_the_first_vendor_that_has_one() -> None:
    vendors = [{"vendor_id": "A"}, {"vendor_id": "B", "unit_cost_money": {"amount": 425, "currency": "USD"}}]
    (found,) = read(item({"data": {"vendor_information": vendors}})).variants
    assert (found.cost, found.cost_currency) == (Decimal("4.25"), "USD")
    (none,) = read(item({})).variants
    assert (none.cost, none.cost_currency) == (None, "")


@pytest.mark.parametrize(("places", "archived"), [
    ({}, False), ({"present_at_all_locations": True}, False), ({"present_at_all_locations": False}, True),
    ({"present_at_all_locations": False, "present_at_location_ids": ["L1"]}, False),
])  # fmt: skip
def test_what_no_location_sells_is_archived(places: dict[str, Any], archived: bool) -> None:
    assert read(item({}, **places)).archived is archived
    assert read(item(dict(places))).variants[0].archived is archived
