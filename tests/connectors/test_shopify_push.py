"""What is sent to Shopify and what it sends: orders, status, customers, stock, webhooks, and the points that costs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal as D
from functools import partial
from typing import Any

import pytest

from connectors import records as rec
from connectors.answers import WebhookRequest
from connectors.errors import NeedsFixing, Refused, RetryLater, Skip
from connectors.flows import Flow
from connectors.pages import Cursor
from connectors.registry import registry
from sandbox.deliveries import Mischief
from sandbox.shopify import Fault, ShopifySandbox, make_shop
from sandbox.shopify.drafts import complete as completed
from sandbox.shopify.values import gid, number_of
from tests.connectors.fake_time import FakeTime
from tests.connectors.loopback import Loopback, Reply, Request
from tests.connectors.shopify_orders import SALES, paid_order, variants

UNTIL = datetime.now(timezone.utc) - timedelta(hours=1)


@pytest.fixture(scope="module")
def account() -> Iterator[ShopifySandbox]:
    with ShopifySandbox(make_shop(0.01, orders=8, until=UNTIL)) as running:
        yield running


@pytest.fixture
def connector(account: ShopifySandbox) -> Any:
    return registry.get("shopify")(account.settings())


def row_of(account: ShopifySandbox, pushed: Any) -> dict[str, Any]:
    return account.shop.orders[gid("Order", pushed.external_id)]


def open_order(account: ShopifySandbox, **values: Any) -> rec.Order:
    sent = paid_order(account.shop)
    return replace(sent, **{"status": rec.OrderStatus.OPEN, "paid": False, "payments": (), **values})


# Orders


@pytest.mark.parametrize(
    ("quantity", "net", "tax", "parts"),
    [
        ("3", "10.00", "0.89", [(2, "3.33"), (1, "3.34")]),
        ("7", "0.05", "0.00", [(2, "0.0"), (5, "0.01")]),
        ("2.5", "9.99", "0.89", [(1, "9.99")]),
    ],
)
def test_a_line_is_worth_what_it_is_worth_here(connector: Any, account, quantity, net, tax, parts) -> None:
    line = rec.OrderLine(
        external_id="l", variant_id=variants(account.shop)[0], name="Tea", quantity=D(quantity), unit_price=D(4),
        taxes=(SALES,), net=D(net), tax=D(tax), gross=D(net) + D(tax),
    )  # fmt: skip
    order = open_order(account, lines=(line,), charges=(), totals=rec.OrderTotals(gross=D(net) + D(tax)))
    made = connector.push_order(order, key=f"cents-{quantity}")
    rows = row_of(account, made)["lineItems"]
    assert [(row["quantity"], row["originalUnitPriceSet"]["shopMoney"]["amount"]) for row in rows] == parts
    back = connector.get_order(made.external_id)
    assert (back.totals.gross, back.totals.tax) == (D(net) + D(tax), D(tax))
    assert made.lines == (("l", str(number_of(rows[0]["id"]))),)


@pytest.mark.parametrize("inclusive", [False, True])
def test_discounts_and_roundings_make_its_lines_cheaper(connector: Any, account, inclusive: bool) -> None:
    sent = paid_order(account.shop)
    off = (
        rec.Charge(external_id="d", kind=rec.ChargeKind.DISCOUNT, name="Loyal", amount=D("-3.00"), net=D("-2.76"),
                   tax=D("-0.24")),
        rec.Charge(external_id="r", kind=rec.ChargeKind.ROUNDING, amount=D("-0.03")),
    )  # fmt: skip
    totals = rec.OrderTotals(gross=D("24.40"), tax=D("0.69"))
    order = replace(sent, charges=(*sent.charges, *off), totals=totals, price_includes_tax=inclusive)
    back = connector.get_order(connector.push_order(order, key=f"off-{inclusive}").external_id)
    assert (back.totals.gross, back.totals.tax, back.totals.paid) == (D("24.40"), D("0.69"), D("24.40"))
    assert back.price_includes_tax is inclusive


def test_an_open_order_is_to_be_paid_there(connector: Any, account: ShopifySandbox) -> None:
    made = connector.push_order(open_order(account), key="open")
    back = connector.get_order(made.external_id)
    assert (back.status, back.paid, back.payments, back.fulfilments) == (rec.OrderStatus.OPEN, False, (), ())


def test_what_shopify_does_not_take_is_a_sentence(connector: Any, account: ShopifySandbox) -> None:
    sent = paid_order(account.shop)
    back = replace(sent, lines=(replace(sent.lines[0], quantity=D(-1)),))
    with pytest.raises(NeedsFixing, match="no returns"):
        connector.push_order(back, key="back")
    gone = replace(sent, lines=(replace(sent.lines[0], variant_id="1"),))
    with pytest.raises(NeedsFixing, match="Variant does not exist"):
        connector.push_order(gone, key="gone")
    with pytest.raises(Skip):
        connector.push_order(replace(sent, status=rec.OrderStatus.CANCELLED), key="never-sent")


@pytest.mark.parametrize("lowers", ["true", "false"])
def test_stock_is_lowered_if_the_connection_says_so(account: ShopifySandbox, lowers: str) -> None:
    connector = registry.get("shopify")({**account.settings(), "stock": lowers})
    place = next(iter(account.shop.locations))
    there = (row for row in account.shop.levels.values() if row["location"]["id"] == place)
    level = next(row for row in there if row["item"]["tracked"])
    before = level["on_hand"]
    variant = str(number_of(level["item"]["variant"]["id"]))
    sent = paid_order(account.shop)
    line = replace(sent.lines[0], variant_id=variant)
    connector.push_order(replace(sent, lines=(line, *sent.lines[1:])), key=f"stock-{lowers}")
    assert before - level["on_hand"] == (3 if lowers == "true" else 0)


def test_a_cancelled_order_is_cancelled_there_once(connector: Any, account: ShopifySandbox) -> None:
    order = open_order(account)
    made = connector.push_order(order, key="cancelled")
    gone = replace(order, status=rec.OrderStatus.CANCELLED)
    for _time in range(2):
        assert connector.push_order(gone, key="cancelled").external_id == made.external_id
    assert connector.get_order(made.external_id).status is rec.OrderStatus.CANCELLED


def test_an_order_whose_answer_is_lost_is_found(connector: Any, account: ShopifySandbox, monkeypatch) -> None:
    """The shop's search does not know it yet."""
    monkeypatch.setattr(account.shop, "index_lag", timedelta(minutes=5))
    sent, before = paid_order(account.shop), len(account.shop.orders)
    connector.check()
    assert list(connector.locations())
    assert connector.find_pushed_order("lost") is None
    ask = connector._api.ask

    def lose(query: str, **more: Any) -> Any:
        if "mutation" in query:
            account.faults.append(Fault(after_work=True))
        return ask(query, **more)

    monkeypatch.setattr(connector._api, "ask", lose)
    with pytest.raises(RetryLater) as caught:
        connector.push_order(sent, key="lost")
    assert caught.value.code == "in-doubt"
    assert connector.find_pushed_order("lost") is not None
    assert connector.push_order(sent, key="lost").lines
    assert len(account.shop.orders) == before + 1


def test_a_draft_becomes_an_order_that_is_known_again(connector: Any, account: ShopifySandbox) -> None:
    draft = open_order(account, status=rec.OrderStatus.DRAFT)
    made = connector.push_order(draft, key="draft-1")
    assert connector.push_order(draft, key="draft-1") == made
    assert connector.find_pushed_order("draft-1").external_id == made.external_id
    assert len(account.shop.drafts) == 1
    (row,) = account.shop.drafts.values()
    assert [(item["quantity"], item["price"]["amount"]) for item in row["lineItems"]] == [(3, "3.50"), (2, "4.50")]
    assert [ours for ours, _theirs in made.lines] == [line.external_id for line in draft.lines]
    order = completed(account.shop, row["id"])["draftOrder"]["order"]
    back = connector.get_order(str(number_of(order["id"])))
    assert (back.source_reference, back.paid, back.totals.gross) == ("draft-1", True, D("19.50"))
    shipped = rec.Fulfilment(external_id="f", order_id="o", status=rec.FulfilmentStatus.SHIPPED)
    change = rec.OrderStatusChange(
        external_id=made.external_id, status=rec.OrderStatus.COMPLETED, fulfilments=(shipped,)
    )
    connector.push_order_status(change, key="draft-1:done")
    assert connector.get_order(back.external_id).status is rec.OrderStatus.COMPLETED


def test_a_draft_that_is_cancelled_is_gone(connector: Any, account: ShopifySandbox) -> None:
    made = connector.push_order(open_order(account, status=rec.OrderStatus.DRAFT), key="draft-2")
    before = len(account.shop.drafts)
    change = rec.OrderStatusChange(external_id=made.external_id, status=rec.OrderStatus.CANCELLED)
    for _time in range(2):
        connector.push_order_status(change, key="draft-2:cancelled")
    assert len(account.shop.drafts) == before - 1


# Status


def test_payment_and_parcel_reach_the_order(connector: Any, account: ShopifySandbox) -> None:
    made = connector.push_order(open_order(account), key="sent")
    parcel = rec.Fulfilment(external_id="f", order_id="o", status=rec.FulfilmentStatus.SHIPPED, carrier="UPS",
                            tracking_number="1Z2345", tracking_url="https://ups.example.com/1Z2345")  # fmt: skip
    change = rec.OrderStatusChange(
        external_id=made.external_id, status=rec.OrderStatus.COMPLETED, paid=True, fulfilments=(parcel,)
    )
    for _time in range(2):
        connector.push_order_status(change, key="sent:done")
    found = connector.get_order(made.external_id)
    assert (found.status, found.totals.paid) == (rec.OrderStatus.COMPLETED, found.totals.gross)
    told = [(item.carrier, item.tracking_number, len(item.lines)) for item in found.fulfilments]
    assert told == [("UPS", "1Z2345", 3)]
    later = replace(change, fulfilments=(replace(parcel, tracking_number="1Z9999"),))
    connector.push_order_status(later, key="sent:later")
    assert [item.tracking_number for item in connector.get_order(made.external_id).fulfilments] == ["1Z9999"]
    told = [item for page in connector.pull_order_status(Cursor()) for item in page.records]
    own = next(item for item in told if item.source_reference == "sent")
    assert (own.external_id, own.status, own.paid) == (made.external_id, rec.OrderStatus.COMPLETED, True)


# Customers, stock and pictures


def test_a_picture_is_fetched(connector: Any) -> None:
    products = (item for page in connector.pull_products(Cursor()) for item in page.records)
    image = next(item.images[0] for item in products if item.images)
    assert connector.download(image).startswith(b"\x89PNG")
    assert image.checksum


def test_a_customer_is_made_once_and_found(connector: Any, account: ShopifySandbox) -> None:
    sent = rec.Customer(
        external_id="res.partner,7", first_name="Zoë", last_name="Ünal", email="zoe@example.com", phone="+12125550199",
        group_name="Loyal", marketing=rec.Consent.YES, marketing_at=datetime(2026, 3, 1, tzinfo=timezone.utc),
        addresses=(rec.Address(street="1 Orchard Ln", city="New York", zip="10003", state="NY", country="US"),),
    )  # fmt: skip
    before = len(account.shop.customers)
    made = connector.push_customer(sent, key="c-1")
    assert connector.push_customer(sent, key="c-1") == made
    assert len(account.shop.customers) == before + 1
    back = connector.get_customer(made.external_id)
    for name in ("first_name", "last_name", "email", "phone", "group_name", "marketing", "marketing_at"):
        assert getattr(back, name) == getattr(sent, name), name
    assert (back.addresses[0].name, back.addresses[0].state) == ("Zoë Ünal", "NY")
    assert [found.external_id for found in connector.find_customer(sent)] == [made.external_id]
    renamed = replace(sent, external_id=made.external_id, last_name="Öztürk", marketing=rec.Consent.NO)
    connector.update_customer(renamed, key="c-1")
    back = connector.get_customer(made.external_id)
    assert (back.last_name, back.marketing, back.group_name) == ("Öztürk", rec.Consent.NO, "Loyal")


def test_a_customer_without_mail_and_phone_is_made_once(connector: Any, account: ShopifySandbox) -> None:
    sent = rec.Customer(external_id="res.partner,8", first_name="Ada", last_name="Nobody")
    made = connector.push_customer(sent, key="c-2")
    assert connector.push_customer(sent, key="c-2") == made
    assert connector.get_customer(made.external_id).group_name == ""


def test_tags_that_are_groups_can_be_chosen(account: ShopifySandbox) -> None:
    connector = registry.get("shopify")({**account.settings(), "group_tags": "Wholesale"})
    found = {item.group_name for page in connector.pull_customers(Cursor()) for item in page.records}
    assert found == {"", "Wholesale"}
    assert {item.name for item in connector.customer_groups()} >= {"Loyal", "Wholesale", "staff"}


def test_who_pays_no_tax(connector: Any, account: ShopifySandbox) -> None:
    row = next(iter(account.shop.customers.values()))
    key = str(number_of(row["id"]))
    assert connector.get_customer(key).tax_exempt is False
    row["taxExempt"] = True
    assert connector.get_customer(key).tax_exempt is True


def test_a_count_of_what_is_free_has_the_orders_of_the_shop_off_already(
    connector: Any, account: ShopifySandbox
) -> None:
    level = next(row for row in account.shop.levels.values() if row["item"]["tracked"])
    level["committed"] = 3
    variant, place = (str(number_of(key)) for key in (level["item"]["variant"]["id"], level["location"]["id"]))
    count = rec.StockLevel(external_id="x", variant_id=variant, location_id=place, quantity=D(10), is_free=True)
    connector.push_stock(count, key="count-free")
    assert level["on_hand"] == 13
    connector.push_stock(replace(count, is_free=False), key="count-all")
    assert level["on_hand"] == 10


def test_a_count_is_set_once(connector: Any, account: ShopifySandbox) -> None:
    level = next(row for row in account.shop.levels.values() if row["item"]["tracked"])
    variant, place = (str(number_of(key)) for key in (level["item"]["variant"]["id"], level["location"]["id"]))
    count = rec.StockLevel(external_id="x", variant_id=variant, location_id=place, quantity=D(41))
    for _time in range(2):
        pushed = connector.push_stock(count, key="count-1")
    assert connector.get_stock(pushed.external_id).quantity == D(41)
    with pytest.raises(NeedsFixing, match="whole pieces"):
        connector.push_stock(replace(count, quantity=D("1.5")), key="count-2")


# Webhooks


def test_an_order_is_told_of_however_its_webhooks_come(account: ShopifySandbox) -> None:
    """Sent twice and in the opposite order: the same record is read, as it is now."""
    heard: list[Request] = []
    shop = account.shop

    def hear(request: Request) -> Reply:
        heard.append(request)
        # The first try fails, and is made again.
        return Reply(500 if len(heard) == 1 else 200)

    with Loopback(hear) as hub:
        url = f"{hub.url}/hook"
        for topic in ("ORDERS_CREATE", "ORDERS_CANCELLED", "INVENTORY_LEVELS_UPDATE"):
            answer = account.answer(
                "POST", "/admin/api/2026-07/graphql.json", {"X-Shopify-Access-Token": account.token},
                b'{"query": "mutation { webhookSubscriptionCreate(topic: %s, webhookSubscription: {uri: \\"%s\\"}) '
                b'{ userErrors { message } } }"}' % (topic.encode(), url.encode()),
            )[1]  # fmt: skip
            assert answer["data"]["webhookSubscriptionCreate"]["userErrors"] == []
        account.webhooks.mischief = Mischief(twice=1.0, hold=3)
        connector = registry.get("shopify")(account.settings())
        order = open_order(account)
        made = connector.push_order(order, key="told")
        connector.push_order(replace(order, status=rec.OrderStatus.CANCELLED), key="told")
        account.webhooks.release()
        assert account.webhooks.wait()
        account.webhooks.mischief = Mischief()
        shop.subscriptions.clear()
    told = [event for request in heard for event in connector.webhook(_as_hook(request, url))]
    orders = [event for event in told if event.flow is Flow.ORDERS_PULL]
    assert {event.external_id for event in orders} == {made.external_id}
    assert len({event.event_id for event in orders}) == 2 < len(orders)
    assert {event.account_id for event in told} == {connector.check().external_id}
    assert any(event.flow is Flow.STOCK_PULL and not event.external_id for event in told)
    assert connector.get_order(orders[0].external_id).status is rec.OrderStatus.CANCELLED


def _as_hook(request: Request, url: str) -> WebhookRequest:
    return WebhookRequest(url=url, headers=request.headers, body=request.body)


# Points


def test_a_full_pull_takes_no_longer_than_its_points() -> None:
    """By a clock that moves only when somebody waits: of each flow, and of all, within a fifth of the time in which as
    many points come back as no pull could do without."""
    time = FakeTime(datetime.now(timezone.utc))
    shop = make_shop(0.04, orders=60, until=UNTIL)
    shop.now = time.clock
    with ShopifySandbox(shop, points=1000, rate=50) as running:
        connector = registry.get("shopify")(running.settings(), clock=time.clock, sleep=time.sleep)

        def timed(pull: Callable[[], Iterable[Any]]) -> tuple[int, float, float]:
            """How many it read, the seconds that it waited, and those that it had to."""
            running.spent, running.needed, waited = 0, 0, sum(time.slept)
            held = running.bucket.level
            return len(list(pull())), sum(time.slept) - waited, max(0.0, running.needed - held) / running.bucket.rate

        def setup() -> Iterator[Any]:
            yield from connector.locations()
            yield from connector.tax_rates()

        def records(flow: Flow) -> Iterator[Any]:
            for page in getattr(connector, flow.info.method)(Cursor()):
                yield from page.records

        pulls = [flow for flow in connector.flows() if not flow.info.push and flow is not Flow.SETUP_PULL]
        found = {"setup": timed(setup), **{flow.value: timed(partial(records, flow)) for flow in pulls}}
        assert [name for name, (read, _waited, _least) in found.items() if not read] == []
        assert found["orders_pull"][0] == 60
        assert [name for name, (_read, waited, least) in found.items() if waited > 1.2 * least] == [], found
        assert sum(least for _read, _waited, least in found.values()) > 60
        assert running.throttled <= len(found)


def test_a_throttled_change_was_not_made_and_is_made_later(account: ShopifySandbox) -> None:
    """An answer of 200 that says no: the change is sent again without a doubt whether it was made."""
    time = FakeTime(datetime.now(timezone.utc))
    throttled = (
        b'{"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}], "extensions": {"cost": '
        b'{"requestedQueryCost": 52, "actualQueryCost": null, "throttleStatus": {"maximumAvailable": 1000.0, '
        b'"currentlyAvailable": 2, "restoreRate": 50.0}}}}'
    )
    refusing = [True]

    def answer(request: Request) -> Reply:
        if b"mutation" in request.body and refusing:
            refusing.pop()
            return Reply(200, throttled, {"Content-Type": "application/json"})
        status, body = account.answer(request.method, request.path, request.headers, request.body)
        return Reply(status, json.dumps(body).encode(), {"Content-Type": "application/json"})

    before = len(account.shop.orders)
    with Loopback(answer) as front:
        settings = {**account.settings(), "url": front.url}
        connector = registry.get("shopify")(settings, clock=time.clock, sleep=time.sleep)
        connector.push_order(paid_order(account.shop), key="throttled")
    assert len(account.shop.orders) == before + 1
    assert [round(seconds) for seconds in time.slept] == [1]


FAILURES = {
    "ACCESS_DENIED": (Refused, "forbidden"),
    "INTERNAL_SERVER_ERROR": (RetryLater, "server-error"),
    "undefinedField": (NeedsFixing, "rejected"),
}


@pytest.mark.parametrize(("code", "wanted"), FAILURES.items(), ids=FAILURES)
def test_errors_within_an_answer_are_sentences(account: ShopifySandbox, code: str, wanted: tuple) -> None:
    body = b'{"errors": [{"message": "No shpat_sandbox_access_token", "extensions": {"code": "%s"}}]}' % code.encode()
    time = FakeTime()
    with Loopback(lambda request: Reply(200, body, {"Content-Type": "application/json"})) as front:
        settings = {**account.settings(), "url": front.url}
        with pytest.raises(wanted[0]) as caught:
            registry.get("shopify")(settings, clock=time.clock, sleep=time.sleep).check()
    assert caught.value.code == wanted[1]
    assert account.token not in f"{caught.value.sentence}{caught.value.details}"


def test_an_answer_in_another_version_is_refused(account: ShopifySandbox) -> None:
    headers = {"Content-Type": "application/json", "X-Shopify-API-Version": "2027-01"}
    front = Loopback(lambda request: Reply(200, b'{"data": {}}', headers))
    with front, pytest.raises(NeedsFixing, match="2027-01"):
        registry.get("shopify")({**account.settings(), "url": front.url}).check()
