"""Shopify: web shop and points of sale. The version of its API that everything here is written for is pinned:
`VERSION` stands in the address of every request, and an answer in another one is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from ... import records as rec
from ...answers import Account, Book, Choice, Pushed, Told, WebhookRequest
from ...errors import Failure
from ...flows import Flow
from ...http import Answer
from ...lazy import cached_property
from ...oauth import CLIENT_SECRET
from ...oauth_connector import OAuthConnector
from ...pages import Cursor, Malformed, Page, indexed, listed
from ...parcels import Parcel
from ...passes import passes
from ...payouts import Payout
from ...registry import register
from ...subscriptions import Subscribed
from ...windows import Days, Window
from . import access, api, payments, places, settings, taxes, webhooks
from .catalog import CatalogReader
from .customers import CustomerReader
from .orders import OrderReader
from .payouts import SCOPE, PayoutReader
from .push_orders import OrderPusher
from .push_parcels import ParcelPusher
from .push_refunds import RefundPusher
from .push_status import StatusPusher
from .refunds import RefundReader
from .stock import StockReader
from .subscriptions import Subscriptions
from .totals import TotalsReader
from .values import key_of, text

VERSION = "2026-07"
# How far back Shopify shows orders to an app that was not given access to all of them.
_WINDOW = timedelta(days=60)
_OF_ORDERS = (Flow.ORDERS_PULL, Flow.REFUNDS_PULL, Flow.ORDER_STATUS_PULL)
_ALL_ORDERS = "read_all_orders"


@register
class Shopify(OAuthConnector):
    """Shopify, GraphQL Admin API. Source: Shopify's own introspection of that version."""

    code = "shopify"
    name = "Shopify"
    counts = Book.PAYMENTS
    notifies_buyers = True
    settings_help = access.HELP
    oauth = access.OAUTH
    settings = settings.SETTINGS
    keeps_reserved_apart = True
    webhook_topics, webhook_help = webhooks.TOPICS, webhooks.HELP
    products_a_page = 25
    levels_a_page = 100
    customers_a_page = 50
    orders_a_page = 25
    payouts_a_page = 10

    # What the form asks

    def check(self) -> Account:
        shop = self._shop
        hidden = "" if self._sees_all else "Orders older than 60 days are hidden from this app."
        return Account(
            external_id=text(shop["myshopifyDomain"]),
            name=text(shop["name"]),
            version=VERSION,
            currency=text(shop["currencyCode"]),
            timezone=text(shop.get("ianaTimezone")),
            notes=(hidden,) if hidden else (),
        )

    def locations(self) -> Iterable[rec.Location | Malformed]:
        return listed(self._locations.values(), lambda row: places.location(row, self._shop), key_of)

    def tax_rates(self) -> Iterable[rec.TaxRate]:
        return taxes.charged(self._api)

    def payment_methods(self) -> Iterable[rec.PaymentMethod]:
        return payments.payment_methods()

    def customer_groups(self) -> Iterable[rec.CustomerGroup]:
        return self._customers.groups()

    def order_locations(self) -> Iterable[Choice]:
        return [Choice(key, text(row["name"])) for key, row in self._locations.items() if row["isActive"]]

    def complete_from(self, flow: Flow) -> datetime | None:
        """Without access to all orders those older than 60 days are hidden."""
        return None if flow not in _OF_ORDERS or self._sees_all else self._now() - _WINDOW

    # Products and stock

    def pull_products(self, cursor: Cursor) -> Iterator[Page[rec.Product]]:
        return passes([self._catalog.part(cursor.since, self.products_a_page)], cursor, self._now)

    def get_product(self, external_id: str) -> rec.Product | None:
        return self._catalog.get(external_id)

    def download(self, image: rec.Image) -> bytes:
        return self.picture(image.url)

    def pull_stock(self, cursor: Cursor) -> Iterator[Page[rec.StockLevel]]:
        """What is on hand of what Shopify tracks, location by location."""
        active = [key for key, row in self._locations.items() if row["isActive"]]
        return passes(self._stock.parts(active, cursor.since, self.levels_a_page), cursor, self._now)

    def get_stock(self, external_id: str) -> rec.StockLevel | None:
        return self._stock.get(external_id)

    # Customers and orders

    def pull_customers(self, cursor: Cursor) -> Iterator[Page[rec.Customer]]:
        part = self._customers.part(cursor.since, self.customers_a_page)
        return api.newer(passes([part], cursor, self._now), cursor.since)

    def get_customer(self, external_id: str) -> rec.Customer | None:
        return self._customers.get(external_id)

    def pull_orders(self, cursor: Cursor) -> Iterator[Page[rec.Order]]:
        return passes([self._orders.part(cursor.since, self.orders_a_page)], cursor, self._now)

    def get_order(self, external_id: str) -> rec.Order | None:
        return self._orders.get(external_id)

    def find_order(self, number: str) -> rec.Order | None:
        return self._orders.find(number)

    def pull_refunds(self, cursor: Cursor) -> Iterator[Page[rec.Refund]]:
        return passes([self._refunds.part(cursor.since, self.orders_a_page)], cursor, self._now)

    def pull_order_status(self, cursor: Cursor) -> Iterator[Page[rec.OrderStatusChange]]:
        """Of orders that carry a reference, where the key of a pushed one stands."""
        return passes([self._orders.status_part(cursor.since, self.orders_a_page)], cursor, self._now)

    def pull_payouts(self, cursor: Cursor) -> Iterator[Page[Payout]]:
        reader = PayoutReader(self._api, lambda: SCOPE in self._scopes)
        return passes([reader.part(cursor.since, self.payouts_a_page)], cursor, self._now)

    # Pushes

    def find_customer(self, customer: rec.Customer) -> list[rec.Customer]:
        return self._customers.candidates(customer)

    def push_customer(self, customer: rec.Customer, *, key: str) -> Pushed:
        return self._customers.push(customer, key)

    def update_customer(self, customer: rec.Customer, *, key: str) -> Pushed:
        return self._customers.update(customer)

    def push_order(self, order: rec.Order, *, key: str) -> Pushed:
        return self._order_pusher.push(order, key)

    def find_pushed_order(self, key: str) -> Pushed | None:
        return self._order_pusher.find(key)

    def push_order_status(self, change: rec.OrderStatusChange, *, key: str) -> Pushed:
        return StatusPusher(self._api).push(change)

    def push_parcel(self, parcel: Parcel, *, key: str) -> Pushed:
        return ParcelPusher(self._api).push(parcel)

    def push_refund(self, refund: rec.Refund, *, key: str) -> tuple[rec.Refund, ...]:
        restocks = self.values["stock"]
        return RefundPusher(self._api, self._orders, self._stock, self._order_place, restocks).push(refund, key)

    def push_stock(self, level: rec.StockLevel, *, key: str) -> Pushed:
        return self._stock.push(level, key)

    # Proof and real time

    def control_totals(self, days: Days) -> Iterable[rec.ControlTotals]:
        return TotalsReader(self._api).of(days)

    def orders_in(self, window: Window) -> Iterator[Page[rec.Order]]:
        return self._orders.of_ids(TotalsReader(self._api).orders_paid(window), self.orders_a_page)

    def webhook(self, request: WebhookRequest) -> list[Told]:
        return webhooks.read(request, self.values["webhook_secret"] or self.values[CLIENT_SECRET])

    def register_webhooks(self, url: str, topics: Iterable[str]) -> Subscribed:
        return Subscriptions(self._api).register(url, topics)

    # How it is asked

    def _headers(self) -> dict[str, str]:
        return {"X-Shopify-Access-Token": self.token}

    def _error(self, answer: Answer) -> Failure | None:
        return api.explain(self._place(""), answer, VERSION, self.redact)

    def _now(self) -> datetime:
        """Shopify's clock."""
        self._about  # noqa: B018 - whatever was asked last tells the time; this is asked where nothing was
        return self.system_time or self.clock()

    def _order_place(self) -> str:
        return self.values["location"] or next((key for key, row in self._locations.items() if row["isActive"]), "")

    @property
    def _shop(self) -> dict[str, Any]:
        return self._about["shop"]

    @property
    def _sees_all(self) -> bool:
        return _ALL_ORDERS in self._scopes

    @property
    def _scopes(self) -> set[str]:
        installed = self._about.get("currentAppInstallation") or {}
        return set(indexed(installed.get("accessScopes") or (), lambda scope: scope["handle"], dict))

    @cached_property
    def _api(self) -> api.Api:
        return api.Api(self, f"admin/api/{VERSION}/graphql.json")

    @cached_property
    def _about(self) -> dict[str, Any]:
        return self._api.ask(places.SHOP)

    @cached_property
    def _locations(self) -> dict[str, Any]:
        return places.listed(self._api)

    @cached_property
    def _catalog(self) -> CatalogReader:
        return CatalogReader(self._api, lambda: self._shop)

    @cached_property
    def _stock(self) -> StockReader:
        return StockReader(self._api)

    @cached_property
    def _customers(self) -> CustomerReader:
        return CustomerReader(self._api, self.values["group_tags"])

    @cached_property
    def _orders(self) -> OrderReader:
        return OrderReader(self._api, lambda scope: scope in self._scopes)

    @cached_property
    def _refunds(self) -> RefundReader:
        return RefundReader(self._api, self._orders)

    @cached_property
    def _order_pusher(self) -> OrderPusher:
        stock = "DECREMENT_IGNORING_POLICY" if self.values["stock"] else "BYPASS"
        return OrderPusher(self._api, lambda: text(self._shop["currencyCode"]), self._order_place, stock)
