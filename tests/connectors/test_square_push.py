"""What is sent to Square, what Square does with it, and what it tells back by webhook."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from connectors import records as rec
from connectors.answers import Event, WebhookRequest
from connectors.connector import Connector
from connectors.errors import NeedsFixing
from connectors.flows import Flow
from connectors.pages import Cursor
from connectors.registry import registry
from sandbox.deliveries import Mischief
from sandbox.square import SquareSandbox, make_shop
from sandbox.square.giving_back import take_back
from tests.connectors.contract import fails
from tests.connectors.fake_time import FakeTime
from tests.connectors.loopback import Loopback, Reply, Request
from tests.connectors.square_orders import open_order, paid_order, variants

D = Decimal
KEY = "S00007-1a2b3c4d"


@pytest.fixture
def account() -> Iterator[SquareSandbox]:
    with SquareSandbox(make_shop(0.01, orders=5)) as running:
        yield running


@pytest.fixture
def square(account, time) -> Iterator[Connector]:
    with registry.get("square")(account.settings(), clock=time.clock, sleep=time.sleep) as made:
        yield made


def status(external_id: str, wanted: rec.OrderStatus, **more) -> rec.OrderStatusChange:
    return rec.OrderStatusChange(external_id=external_id, status=wanted, **more)


# Orders


def test_a_tip_goes_with_the_payment(square, account):
    made = square.push_order(paid_order(account.shop), key=KEY)
    row = account.shop.orders[made.external_id]
    assert (row["state"], row["reference_id"]) == ("COMPLETED", KEY)
    (payment,) = [item for item in account.shop.payments.values() if item["order_id"] == row["id"]]
    assert (payment["amount_money"]["amount"], payment["tip_money"]["amount"]) == (2489, 200)
    assert payment["source_type"] == "CASH"
    assert row["total_tip_money"]["amount"] == 200
    # Three at 3.3333 come to 10.00: at 3.34 there, and two cents off the line.
    assert row["line_items"][0]["base_price_money"]["amount"] == 334
    assert row["line_items"][0]["total_discount_money"]["amount"] == 2


def test_other_money_is_told_as_what_it_was(square, account):
    order = paid_order(account.shop)
    card = replace(order.payments[0], kind=rec.PaymentKind.CARD, method_name="Stripe")
    made = square.push_order(replace(order, payments=(card,)), key=KEY)
    payment = next(item for item in account.shop.payments.values() if item["order_id"] == made.external_id)
    assert payment["external_details"] == {"type": "CARD", "source": "Stripe"}
    assert square.get_order(made.external_id).payments[0].tip == D("2.00")


def test_an_open_order_is_fulfilled_paid_and_read_back(square, account):
    """Where it stands is sent in steps, and each comes back."""
    made = square.push_order(open_order(account.shop), key=KEY)
    (waiting,) = changes(square)
    assert (waiting.source_reference, waiting.status, waiting.paid) == (KEY, rec.OrderStatus.OPEN, False)
    square.push_order_status(status(made.external_id, rec.OrderStatus.OPEN, paid=True), key=f"{KEY}-status")
    (paid,) = changes(square)
    assert (paid.status, paid.paid, paid.fulfilments) == (rec.OrderStatus.PAID, True, ())
    parcel = rec.Fulfilment(
        external_id="stock.picking,1", order_id=made.external_id, status=rec.FulfilmentStatus.SHIPPED,
        carrier="UPS", tracking_number="1Z9", tracking_url="https://example.com/1Z9",
    )  # fmt: skip
    shipped = status(made.external_id, rec.OrderStatus.COMPLETED, paid=True, fulfilments=(parcel,))
    for _twice in range(2):
        square.push_order_status(shipped, key=f"{KEY}-status-2")
    (done,) = changes(square)
    assert (done.status, done.paid) == (rec.OrderStatus.COMPLETED, True)
    (there,) = done.fulfilments
    assert (there.status, there.carrier, there.tracking_number) == (rec.FulfilmentStatus.SHIPPED, "UPS", "1Z9")
    assert len([item for item in account.shop.payments.values() if item["order_id"] == made.external_id]) == 1
    assert square.get_order(made.external_id).shipping_address.city == "New York"


def test_who_gets_it_is_reached_as_the_address_says(square, account):
    order = open_order(account.shop)
    place = replace(order.shipping_address, phone="(212) 555-0143", email="zoe@example.com, home@example.com")
    made = square.push_order(replace(order, shipping_address=place), key=KEY)
    sent = square.get_order(made.external_id).shipping_address
    assert (sent.name, sent.phone, sent.email) == ("Zoë Ünal", "+12125550143", "zoe@example.com")


def changes(square: Connector) -> list[rec.OrderStatusChange]:
    found = [record for page in square.pull_order_status(Cursor()) for record in page.records]
    return [record for record in found if record.source_reference == KEY]


def test_an_order_is_cancelled_with_its_fulfilment(square, account):
    made = square.push_order(open_order(account.shop), key=KEY)
    for _twice in range(2):
        square.push_order_status(status(made.external_id, rec.OrderStatus.CANCELLED), key=f"{KEY}-status")
    row = account.shop.orders[made.external_id]
    assert (row["state"], row["fulfillments"][0]["state"]) == ("CANCELED", "CANCELED")
    (told,) = changes(square)
    assert told.fulfilments[0].status is rec.FulfilmentStatus.CANCELLED


def test_a_paid_order_is_refunded_there_and_not_cancelled(square, account):
    made = square.push_order(paid_order(account.shop), key=KEY)
    failure = fails(
        NeedsFixing,
        lambda: square.push_order_status(status(made.external_id, rec.OrderStatus.CANCELLED), key=KEY),
    )
    assert failure.code == "already-paid"


def test_what_was_changed_before_it_is_sent_again_is_found(square, account):
    """Square refuses another order under the key; the one that is there is taken."""
    made = square.push_order(open_order(account.shop), key=KEY)
    changed = replace(open_order(account.shop), number="S00008 (2)")
    assert square.push_order(changed, key=KEY).external_id == made.external_id


def test_a_total_that_square_computes_otherwise_is_told(square, account):
    order = open_order(account.shop)
    tax = replace(order.lines[0].taxes[0], tax_id="TAX-CITY")
    order = replace(order, lines=(replace(order.lines[0], taxes=(tax,)),))
    failure = fails(NeedsFixing, lambda: square.push_order(order, key=KEY))
    assert failure.code == "total-differs"
    assert square.find_pushed_order(KEY) is None


@pytest.mark.parametrize(("tax", "gross"), [("1.07", "13.07"), ("1.06", "13.06"), ("1.05", "13.05")])
def test_a_cent_of_rounding_is_no_obstacle(square, account, tax, gross):
    """8.875 % of 12.00 is 1.065: 1.07 here, 1.06 there."""
    order = open_order(account.shop)
    line = replace(order.lines[0], tax=D(tax), gross=D(gross))
    totals = rec.OrderTotals(gross=D(gross), net=D("12.00"), tax=D(tax))
    made = square.push_order(replace(order, lines=(line,), totals=totals), key=KEY)
    assert square.get_order(made.external_id).totals.gross == D(gross)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"quantity": D(-1)}, "negative-quantity"),
        ({"net": D(-3), "unit_price": D(-3)}, "negative-price"),
        ({"variant_id": "GONE"}, "no-such-record"),
    ],
)
def test_what_square_has_no_place_for_is_a_sentence(square, account, changes, code):
    order = open_order(account.shop)
    order = replace(order, lines=(replace(order.lines[0], **changes),))
    assert fails(NeedsFixing, lambda: square.push_order(order, key=KEY)).code == code


# Customers and stock


def test_a_customer_is_made_once_in_their_group(square, account):
    sent = rec.Customer(
        external_id="res.partner,3", first_name="Zoë", last_name="Ünal", email="zoe@example.com",
        phone="+12125550199", birthday=date(1988, 5, 17), group_name="loyal customers ",
        addresses=(rec.Address(street="1 Mill Rd", city="Denver", state="CO", country="US"),),
    )  # fmt: skip
    before = len(account.shop.customers)
    made = {square.push_customer(sent, key="C3-1a2b").external_id for _twice in range(2)}
    assert len(made) == 1
    assert len(account.shop.customers) == before + 1
    back = square.get_customer(made.pop())
    assert (back.first_name, back.last_name, back.email, back.birthday) == (
        "Zoë", "Ünal", "zoe@example.com", date(1988, 5, 17),
    )  # fmt: skip
    assert (back.group_id, back.group_name) == ("GROUP-LOYAL", "Loyal Customers")
    for known in (replace(sent, phone=""), replace(sent, email="", phone="(212) 555-0199")):
        assert back in square.find_customer(known)
    assert square.find_customer(rec.Customer(external_id="x", first_name="Zoë")) == []


HOME = rec.Address(street="1 High Street", city="London", country="GB")


@pytest.mark.parametrize(("values", "sent"), [
    ({"phone": "020 7946 0018", "addresses": (HOME,)}, ("", "+442079460018")),
    ({"phone": "ext. 5", "mobile": "+1 212 555 0143", "last_name": "Fox"}, ("", "+12125550143")),
    ({"phone": "7946 0018", "email": "orders@example.com; billing@example.com"}, ("orders@example.com", "")),
    ({"email": "Orders <Orders@Example.com>"}, ("Orders@Example.com", "")),
    ({"email": "none", "last_name": "Fox"}, ("", "")),
])  # fmt: skip
def test_a_customer_is_sent_with_what_square_can_use(square, account, values, sent):
    """A number of their country, one e-mail address; what is neither is left out, and the customer goes."""
    made = square.push_customer(rec.Customer(external_id="res.partner,4", **values), key="C4")
    row = account.shop.customers[made.external_id]
    assert (row.get("email_address", ""), row.get("phone_number", "")) == sent


def test_a_count_is_sent(account):
    """By Square's own clock, whatever ours says."""
    variant = variants(account.shop)[0]
    level = rec.StockLevel(external_id="x", variant_id=variant, location_id="LOC001", quantity=D("17.5"))
    ahead = FakeTime()
    with registry.get("square")(account.settings(), clock=ahead.clock, sleep=ahead.sleep) as square:
        square.push_stock(level, key="K1")
        assert square.get_stock(rec.stock_id(variant, "LOC001")).quantity == D("17.5")


# What changed and what is gone


def test_what_is_deleted_is_told_by_the_next_pass(square, account):
    first = list(square.pull_products(Cursor()))[-1].cursor
    gone = next(page for page in square.pull_products(Cursor())).records[0]
    assert delete(account, f"/v2/catalog/object/{gone.external_id}") == 200
    pages = list(square.pull_products(first.next_pass(timedelta(minutes=1))))
    assert [key for page in pages for key in page.deleted] == [gone.external_id]
    assert square.get_product(gone.external_id) is None


def test_a_variation_finds_its_product(square, account):
    variant = variants(account.shop)[-1]
    assert variant in [item.external_id for item in square.get_product(variant).variants]


def test_a_picture_is_fetched(square, account):
    pictures = [item for page in square.pull_products(Cursor()) for item in page.records if item.images]
    if not pictures:
        account.shop.objects |= {row["id"]: row for row in make_shop(0.02, orders=0).objects.values()}
        pictures = [item for page in square.pull_products(Cursor()) for item in page.records if item.images]
    assert square.download(pictures[0].images[0]).startswith(b"\x89PNG")


def delete(account: SquareSandbox, path: str) -> int:
    headers = {"Authorization": f"Bearer {account.token}", "Square-Version": "2025-08-20"}
    return account.answer("DELETE", path, headers, b"")[0]


def test_a_full_pull_keeps_within_the_limit():
    """Time is the test's for both: what the limit allows at best, and what is taken."""
    time = FakeTime()
    shop = make_shop(0.05, orders=400, until=time.now)
    shop.now = time.clock
    with SquareSandbox(shop, limit=10) as account:
        served: list[str] = []
        answer = account.answer

        def count(method: str, path: str, headers, body: bytes):
            served.append(path)
            return answer(method, path, headers, body)

        account.answer = count
        with registry.get("square")(account.settings(), clock=time.clock, sleep=time.sleep) as square:
            vars(square).update(products_a_page=5, customers_a_page=10, orders_a_page=10)
            started = time.now
            for flow in (Flow.PRODUCTS_PULL, Flow.STOCK_PULL, Flow.CUSTOMERS_PULL, Flow.ORDERS_PULL):
                list(getattr(square, flow.info.method)(Cursor()))
    assert len(served) > 60
    assert (time.now - started).total_seconds() <= 1.2 * len(served) / 10


def test_beyond_the_limit_it_waits(time):
    shop = make_shop(0.01, orders=0, until=time.now)
    shop.now = time.clock
    with SquareSandbox(shop, limit=1) as account, registry.get("square")(
        account.settings(), clock=time.clock, sleep=time.sleep
    ) as square:
        for _some in range(5):
            assert square.get_customer("CUST000001")
    assert sum(time.slept) > 3


# Webhooks, really sent


@pytest.fixture
def hooked(account, time) -> Iterator[tuple[SquareSandbox, Callable[[], list[Event]]]]:
    """A subscription to everything, and the events that come of what was received."""
    received: list[Request] = []

    def take(request: Request) -> Reply:
        received.append(request)
        return Reply(200)

    with Loopback(take) as listening:
        url = f"{listening.url}/hook/7?x=1"
        body = {"event_types": ["order.created", "order.updated", "payment.created", "customer.updated",
                                "inventory.count.updated", "refund.created", "customer.deleted",
                                "catalog.version.updated"], "notification_url": url}  # fmt: skip
        headers = {"Authorization": f"Bearer {account.token}", "Square-Version": "2025-08-20"}
        made = account.answer(
            "POST", "/v2/webhooks/subscriptions", headers, json.dumps({"subscription": body}).encode()
        )[1]["subscription"]
        square = registry.get("square")({**account.settings(), "webhook_key": made["signature_key"]})

        def heard() -> list[Event]:
            assert account.webhooks.wait()
            return [
                event
                for request in received
                for event in square.webhook(WebhookRequest(url=url, headers=request.headers, body=request.body))
            ]

        yield account, heard


def test_each_step_of_an_order_is_told(square, hooked):
    account, heard = hooked
    made = square.push_order(paid_order(account.shop), key=KEY)
    events = heard()
    assert {(event.flow, event.external_id) for event in events} == {(Flow.ORDERS_PULL, made.external_id)}
    assert {event.account_id for event in events} == {square.check().external_id}
    assert len(events) == len({event.event_id for event in events}) >= 3


def test_twice_and_in_another_order_it_is_told_the_same(square, hooked):
    account, heard = hooked
    account.webhooks.mischief = Mischief(twice=1.0, hold=100)
    square.push_order(paid_order(account.shop), key=KEY)
    assert heard() == []
    account.webhooks.release()
    events = heard()
    ids = [event.event_id for event in events]
    assert len(ids) == 2 * len(set(ids))
    moments = [event.happened_at for event in events]
    assert moments == sorted(moments, reverse=True)


def test_counts_returns_and_customers_are_told(square, hooked):
    account, heard = hooked
    variant = variants(account.shop)[0]
    square.push_stock(
        rec.StockLevel(external_id="x", variant_id=variant, location_id="LOC001", quantity=D("3")), key="K1"
    )
    assert delete(account, "/v2/customers/CUST000001") == 200
    made = square.push_order(paid_order(account.shop), key=KEY)
    account.shop.subscriptions[next(iter(account.shop.subscriptions))]["event_types"].remove("order.updated")
    take_back(account.shop, made.external_id, "line-0")
    events = heard()
    by_flow = {event.flow: event for event in events}
    assert by_flow[Flow.STOCK_PULL].record.quantity == D(3)
    assert (by_flow[Flow.CUSTOMERS_PULL].external_id, by_flow[Flow.CUSTOMERS_PULL].deleted) == ("CUST000001", True)
    assert Flow.REFUNDS_PULL in by_flow
    (refund,) = [
        record
        for page in square.pull_refunds(Cursor())
        for record in page.records
        if record.order_id == made.external_id
    ]
    assert (refund.gross, refund.tax, refund.lines[0].order_line_id) == (D("10.89"), D("0.89"), "line-0")
    assert [payment.amount for payment in refund.payments] == [D("10.89")]
