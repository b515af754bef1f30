"""Payouts of Square and Shopify: what they are made of, to the cent, and by the payments that the orders name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal as D
from typing import Any

import pytest

from connectors import codec
from connectors.connector import Connector
from connectors.errors import NeedsFixing, Refused
from connectors.pages import Cursor
from connectors.payouts import Payout, PayoutEntryKind, PayoutStatus, settled
from connectors.registry import registry
from connectors.systems.shopify import payouts as shopify_payouts
from connectors.systems.square import payouts as square_payouts
from connectors.systems.square.api import Api
from sandbox.shopify import ShopifySandbox
from sandbox.shopify import make_shop as make_shopify
from sandbox.square import SquareSandbox
from sandbox.square import make_shop as make_square
from tests.connectors.vendor_specs import open_api, vendor_folder

WHEN = datetime.now(timezone.utc) - timedelta(hours=1)


@pytest.fixture(scope="module", params=["square", "shopify", "square in yen", "shopify in yen"])
def connector(request: pytest.FixtureRequest) -> Iterator[Connector]:
    system, _in, yen = request.param.partition(" in ")
    if system == "square":
        shop = make_square(0.01, orders=150, until=WHEN, country="JP" if yen else "US")
        sandbox: Any = SquareSandbox(shop)
    else:
        sandbox = ShopifySandbox(make_shopify(0.01, orders=120, until=WHEN, currency="JPY" if yen else "USD"))
    with sandbox, registry.get(system)(sandbox.settings()) as made:
        yield made


@pytest.fixture(scope="module")
def paid(connector: Connector) -> list[Payout]:
    return [record for page in connector.pull_payouts(Cursor()) for record in page.records]


def test_each_comes_to_what_it_is_made_of(paid: list[Payout]) -> None:
    assert len(paid) > 20
    for payout in paid:
        assert payout.net == payout.gross - payout.fees == sum((entry.net for entry in payout.entries), D(0))
        assert all(entry.net == entry.gross - entry.fee for entry in payout.entries)
    assert {entry.kind for payout in paid for entry in payout.entries} >= {
        PayoutEntryKind.PAYMENT, PayoutEntryKind.REFUND, PayoutEntryKind.FEE,
    }  # fmt: skip
    assert {payout.status for payout in paid} <= {PayoutStatus.PAID, PayoutStatus.PENDING}


def test_each_payment_is_one_of_an_order(connector: Connector, paid: list[Payout]) -> None:
    """By its id, and with the same amount: the engine connects them so."""
    orders = [record for page in connector.pull_orders(Cursor()) for record in page.records]
    taken = {item.external_id: item.amount + item.tip for order in orders for item in order.payments}
    given = {item.external_id: -abs(item.amount) for page in connector.pull_refunds(Cursor())
             for record in page.records for item in record.payments}  # fmt: skip
    # An exchange gives back on the order that it makes.
    given |= {key: amount for key, amount in taken.items() if amount < 0}
    found = {PayoutEntryKind.PAYMENT: taken, PayoutEntryKind.REFUND: given}
    checked = [
        (entry.payment_id, entry.gross, found[entry.kind].get(entry.payment_id))
        for payout in paid for entry in payout.entries if entry.kind in found
    ]  # fmt: skip
    assert [item for item in checked if item[1] != item[2]] == []
    assert len({item[0] for item in checked}) == len(checked) > 50


def test_a_payout_comes_again_once_it_has_arrived(connector: Connector, paid: list[Payout]) -> None:
    """It is listed by when it was made: a pass that begins before that sees its new status."""
    newest = max(payout.sent_at for payout in paid)
    again = [r for page in connector.pull_payouts(Cursor(since=newest - timedelta(days=2))) for r in page.records]
    assert newest in {payout.sent_at for payout in again}
    assert len(again) < len(paid)
    by_id = {payout.external_id: payout for payout in paid}
    assert all(codec.digest(payout) == codec.digest(by_id[payout.external_id]) for payout in again)


def test_it_survives_being_stored(paid: list[Payout]) -> None:
    assert codec.load(Payout, codec.loads(codec.dumps(replace(paid[0], raw=None)))) == paid[0]


def test_a_fee_is_all_fee() -> None:
    assert settled(PayoutEntryKind.FEE, D("-1.50"), D(0)) == {
        "kind": PayoutEntryKind.FEE, "gross": D(0), "fee": D("1.50"), "net": D("-1.50"),
    }  # fmt: skip
    assert settled(PayoutEntryKind.PAYMENT, D(10), D("0.36"))["net"] == D("9.64")


# Square


def test_all_that_square_may_say_of_an_entry_is_read() -> None:
    vendor_folder("square")
    spec = open_api("square", "square-openapi-api.json")
    schemas = spec._spec["components"]["schemas"]
    words = schemas["ActivityType"]["enum"]
    assert set(square_payouts._KINDS) <= set(words)
    assert set(square_payouts._STATUSES) == set(schemas["PayoutStatus"]["enum"])
    amount = {"amount": -150, "currency": "USD"}
    row = {"id": "po", "status": "SENT", "location_id": "L", "created_at": "2022-03-24T03:07:09Z",
           "arrival_date": "2022-03-25", "amount_money": amount, "end_to_end_id": "L21"}  # fmt: skip
    for word in words:
        entry = {"id": "poe", "type": word, "gross_amount_money": amount, "net_amount_money": amount,
                 "effective_at": "2022-03-24T03:07:09Z"}  # fmt: skip
        payout = square_payouts.payout(row, [entry])
        assert (payout.net, payout.entries[0].net, payout.arrives_on) == (D("-1.50"), D("-1.50"), date(2022, 3, 25))
    assert square_payouts.payout(row, []).gross == D("-1.50")


def test_a_refused_look_at_payouts_does_not_stop_the_connection() -> None:
    class Forbidden(Api):
        def __init__(self) -> None:
            pass

        def get(self, *_asked: Any, **_params: Any) -> Any:
            raise Refused("No.", code=self.code)

        code = "forbidden"

    (part,) = square_payouts.PayoutReader(Forbidden()).parts(["L"], None, 5)
    with pytest.raises(NeedsFixing) as caught:
        part.fetch("", WHEN)
    assert caught.value.code == "payouts-forbidden"
    Forbidden.code = "bad-credentials"
    with pytest.raises(Refused):
        part.fetch("", WHEN)


# Shopify


def test_an_app_without_access_to_payouts_is_told() -> None:
    with ShopifySandbox(make_shopify(0.01, orders=1)) as sandbox:
        sandbox.shop.scopes.remove(shopify_payouts.SCOPE)
        with registry.get("shopify")(sandbox.settings()) as connector, pytest.raises(NeedsFixing) as caught:
            next(iter(connector.pull_payouts(Cursor())))
    assert shopify_payouts.SCOPE in caught.value.sentence


def test_money_that_shopify_takes_from_the_bank_is_negative() -> None:
    row = {"id": "gid://shopify/ShopifyPaymentsPayout/5", "issuedAt": "2026-03-01T12:00:00Z", "status": "CANCELED",
           "transactionType": "WITHDRAWAL", "externalTraceId": None, "net": {"amount": "12.5", "currencyCode": "EUR"}}
    payout = shopify_payouts.payout(row, [])
    assert (payout.net, payout.status, payout.external_id) == (D("-12.5"), PayoutStatus.FAILED, "5")


def test_a_shop_without_shopify_payments_has_none() -> None:
    class NoAccount:
        def part(self, _query: str, path: tuple[str, ...], _limit: int, read: Any, **_more: Any) -> Any:
            return read({"next": ""})

    assert shopify_payouts.PayoutReader(NoAccount(), lambda: True).part(None, 5) == {  # type: ignore[arg-type]
        "records": (), "malformed": (),
    }  # fmt: skip
