"""Shopify's privacy webhooks, as its sandbox sends them: what they ask, and what is not believed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.answers import WebhookRequest
from connectors.errors import NeedsFixing
from connectors.privacy import PrivacyKind, PrivacyRequest
from connectors.registry import registry
from sandbox.deliveries import Delivery
from sandbox.shopify import ShopifySandbox, make_shop
from sandbox.shopify.values import number_of

URL = "http://127.0.0.1:9/hook"


@pytest.fixture(scope="module")
def account() -> Iterator[ShopifySandbox]:
    with ShopifySandbox(make_shop(0.01, orders=2)) as running:
        yield running


@pytest.fixture
def sent(account: ShopifySandbox, monkeypatch: pytest.MonkeyPatch) -> list[Delivery]:
    """What the sandbox would send."""
    found: list[Delivery] = []
    monkeypatch.setattr(account.webhooks, "send", found.append)
    return found


def read(account: ShopifySandbox, delivery: Delivery) -> list[PrivacyRequest]:
    connector = registry.get("shopify")(account.settings())
    return connector.webhook(WebhookRequest(url=URL, headers=delivery.headers, body=delivery.body))


@pytest.mark.parametrize(
    ("topic", "kind", "named"),
    [
        ("customers/redact", PrivacyKind.ERASE_CUSTOMER, True),
        ("customers/data_request", PrivacyKind.TELL_CUSTOMER, True),
        ("shop/redact", PrivacyKind.ERASE_EVERYBODY, False),
    ],
)
def test_what_is_asked_is_read(account: ShopifySandbox, sent: list[Delivery], topic, kind, named) -> None:
    customer = next(iter(account.shop.customers.values()))
    account.webhooks.ask(URL, topic, customer if named else None, [5, 6] if named else [])
    (request,) = read(account, sent[0])
    assert request == PrivacyRequest(
        event_id=sent[0].event_id,
        kind=kind,
        account_id=account.shop.row["myshopifyDomain"],
        customer_id=str(number_of(customer["id"])) if named else "",
        order_ids=("5", "6") if named else (),
    )


@pytest.mark.parametrize("topic", ["shop/redact", "customers/data_request", "orders/updated"])
def test_a_body_is_believed_under_its_own_topic_only(account: ShopifySandbox, sent: list[Delivery], topic) -> None:
    """The signature does not cover the topic: who may change that must not have everybody erased."""
    customer = next(iter(account.shop.customers.values()))
    account.webhooks.ask(URL, "customers/redact", customer)
    other = replace(sent[0], headers={**sent[0].headers, "X-Shopify-Topic": topic})
    with pytest.raises(NeedsFixing):
        read(account, other)
